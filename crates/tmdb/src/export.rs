//! TMDB's daily id exports: finding the newest, and reading one as a stream.
//!
//! A file is never whole in memory: chunks come from the network to a thread
//! that inflates and reads them, and leave it as batches of sightings.

mod download;
mod lines;
mod reader;

use domain::Sighting;
use domain::sighting::Export;
use jiff::ToSpan;
use jiff::civil::Date;
use reqwest::StatusCode;
use tokio::sync::mpsc;

use crate::client::{Client, reason};

/// How many days before today an export is looked for.
const DAYS_BACK: i32 = 7;

/// Chunks of the file on their way from the network to the reading thread.
const CHUNKS_WAITING: usize = 16;

/// What a whole, verified export held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportSummary {
    pub date: Date,
    /// Lines that are not blank, the malformed ones included.
    pub lines: u64,
    pub bytes_compressed: u64,
    /// Lines that name nothing.
    pub malformed: u64,
    /// The first of these, shortened.
    pub first_malformed: Option<String>,
}

/// Why an export was not read to its verified end. What was sent until then
/// was in the file, but proves nothing about what was not sent.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not made yet, or kept no longer.
    #[error("there is no {file}")]
    NotThere { file: String },
    /// Begin again: it is another file now.
    #[error("{file} changed while it was read")]
    Changed { file: String },
    #[error("{file} ends too early, at byte {at}: {what}")]
    Truncated { file: String, at: u64, what: String },
    #[error("{file} is damaged before byte {at}: {what}")]
    Corrupt { file: String, at: u64, what: String },
    /// Worth trying again later.
    #[error("{file} could not be fetched: {what}")]
    Unavailable { file: String, what: String },
    /// The receiver of the sightings was dropped.
    #[error("{file} was not read to its end: nobody takes its sightings")]
    Stopped { file: String },
}

impl Client {
    /// Returns the day of the newest export of a type, `today` or up to a week before.
    pub async fn newest_export(
        &self,
        export: Export,
        today: Date,
    ) -> Result<Option<Date>, ExportError> {
        for days in 0..=DAYS_BACK {
            let Ok(date) = today.checked_sub(days.days()) else { break };
            if self.has_export(export, date).await? {
                return Ok(Some(date));
            }
        }
        Ok(None)
    }

    /// Reads an export, sends its sightings in batches, and verifies it to the
    /// last byte. Only `Ok` means that it was read whole.
    pub async fn read_export(
        &self,
        export: Export,
        date: Date,
        sink: mpsc::Sender<Vec<Sighting>>,
    ) -> Result<ExportSummary, ExportError> {
        let file = file_name(export, date);
        let (chunks, input) = mpsc::channel(CHUNKS_WAITING);
        let reading = tokio::task::spawn_blocking({
            let file = file.clone();
            move || reader::read(file, export, input, &sink)
        });
        let downloaded = self.download(&file, chunks).await;
        let read = reading.await.map_err(|error| ExportError::Unavailable {
            file,
            what: format!("the reading thread ended: {error}"),
        })?;
        // The reader's error is the reason when it hung up on the download,
        // and only an echo when the download broke off.
        let bytes_compressed = downloaded?;
        let tally = read?;
        Ok(ExportSummary {
            date,
            lines: tally.lines,
            bytes_compressed,
            malformed: tally.malformed,
            first_malformed: tally.first_malformed,
        })
    }

    async fn has_export(&self, export: Export, date: Date) -> Result<bool, ExportError> {
        let file = file_name(export, date);
        let request = self.files().head(self.file_url(&file)).timeout(self.config().timeout);
        let what = match request.send().await {
            Ok(response) => match response.status() {
                StatusCode::OK => return Ok(true),
                StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => return Ok(false),
                status => format!("status {}", status.as_u16()),
            },
            Err(error) => reason(error, self.config()),
        };
        Err(ExportError::Unavailable { file, what })
    }

    fn file_url(&self, file: &str) -> String {
        format!("{}/{file}", self.config().files_url.trim_end_matches('/'))
    }
}

/// The name of an export file: `movie_ids_08_31_2026.json.gz`.
pub fn file_name(export: Export, date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    format!("{}_ids_{month:02}_{day:02}_{year:04}.json.gz", export.file_type())
}

#[cfg(test)]
mod tests;
