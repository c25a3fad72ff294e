//! Fetches a file, and goes on where a broken connection left off.

use bytes::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE,
};
use reqwest::{Response, StatusCode};
use tokio::sync::mpsc;

use super::ExportError;
use crate::client::{Client, reason};

/// Broken connections in a row before a file is given up.
const RESUMPTIONS: u32 = 8;

/// A connection that brought this much was a good one: the row starts anew.
const GOOD_BYTES: u64 = 1 << 20;

/// How far a file has been fetched, and which file it was.
#[derive(Debug, Default)]
struct Progress {
    /// Bytes handed on.
    offset: u64,
    /// Bytes of the whole file, where the server says.
    total: Option<u64>,
    etag: Option<HeaderValue>,
}

/// Why an attempt ended before the file did.
enum Broken {
    /// Going on may help.
    Off(String),
    /// Going on does not.
    ForGood(ExportError),
}

impl Client {
    /// Hands on every byte of a file once, in order, and returns how many they
    /// are. Ends early, and well, when nobody takes them any more.
    pub(super) async fn download(
        &self,
        file: &str,
        chunks: mpsc::Sender<Bytes>,
    ) -> Result<u64, ExportError> {
        let mut progress = Progress::default();
        let mut resumptions = 0;
        loop {
            let offset = progress.offset;
            let what = match self.attempt(file, &mut progress, &chunks).await {
                Ok(()) => return Ok(progress.offset),
                Err(Broken::ForGood(error)) => return Err(error),
                Err(Broken::Off(what)) => what,
            };
            if progress.offset - offset >= GOOD_BYTES {
                resumptions = 0;
            }
            if resumptions == RESUMPTIONS {
                return Err(ExportError::Unavailable { file: file.to_owned(), what });
            }
            tracing::warn!(
                file,
                offset = progress.offset,
                what,
                "reading {file} broke off, resuming"
            );
            if resumptions > 0 {
                tokio::time::sleep(self.config().resume_wait * 2_u32.pow(resumptions - 1)).await;
            }
            resumptions += 1;
        }
    }

    async fn attempt(
        &self,
        file: &str,
        progress: &mut Progress,
        chunks: &mpsc::Sender<Bytes>,
    ) -> Result<(), Broken> {
        let mut request = self.files().get(self.file_url(file)).header(ACCEPT_ENCODING, "identity");
        if progress.offset > 0 {
            request = request.header(RANGE, format!("bytes={}-", progress.offset));
            // A weak tag is not allowed here; it is compared when the answer comes.
            if let Some(etag) = progress.etag.as_ref().filter(|etag| !is_weak(etag)) {
                request = request.header(IF_RANGE, etag);
            }
        }
        let broke_off = |error| Broken::Off(reason(error, self.config()));
        let mut response = request.send().await.map_err(broke_off)?;
        let Some(mut skip) = progress.begin(file, &response)? else { return Ok(()) };
        while let Some(mut chunk) = response.chunk().await.map_err(broke_off)? {
            let known = usize::try_from(skip).map_or(chunk.len(), |skip| skip.min(chunk.len()));
            skip -= known as u64;
            let new = chunk.split_off(known);
            progress.offset += new.len() as u64;
            if !new.is_empty() && chunks.send(new).await.is_err() {
                return Ok(());
            }
        }
        match progress.total {
            Some(total) if total > progress.offset => {
                Err(Broken::Off(format!("{} of {total} bytes came", progress.offset)))
            }
            _ => Ok(()),
        }
    }
}

impl Progress {
    /// Judges a response by its head: how many bytes of it are known already,
    /// or `None` when there is nothing left to read.
    fn begin(&mut self, file: &str, response: &Response) -> Result<Option<u64>, Broken> {
        let file = || file.to_owned();
        let headers = response.headers();
        match response.status() {
            StatusCode::OK => {
                self.recognise(headers.get(ETAG), response.content_length())
                    .ok_or_else(|| Broken::ForGood(ExportError::Changed { file: file() }))?;
                Ok(Some(self.offset))
            }
            StatusCode::PARTIAL_CONTENT if self.offset > 0 => {
                let (start, total) = content_range(headers).ok_or_else(|| {
                    Broken::Off("a part of the file came without saying which".to_owned())
                })?;
                if start > self.offset {
                    return Err(Broken::Off(format!("bytes from {start} on came")));
                }
                self.recognise(headers.get(ETAG), total)
                    .ok_or_else(|| Broken::ForGood(ExportError::Changed { file: file() }))?;
                Ok(Some(self.offset - start))
            }
            // Broke off behind the last byte, before the end was told.
            StatusCode::RANGE_NOT_SATISFIABLE if self.is_all(headers) => Ok(None),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                Err(Broken::ForGood(ExportError::Changed { file: file() }))
            }
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                Err(Broken::ForGood(ExportError::NotThere { file: file() }))
            }
            status => Err(Broken::Off(format!("status {}", status.as_u16()))),
        }
    }

    /// Notes which file this is, or `None` if it is another one than before.
    fn recognise(&mut self, etag: Option<&HeaderValue>, total: Option<u64>) -> Option<()> {
        let same_tag = match (&self.etag, etag) {
            (Some(before), Some(now)) => before == now,
            _ => true,
        };
        let same_size = match (self.total, total) {
            (Some(before), Some(now)) => before == now,
            _ => true,
        };
        if self.offset > 0 && !(same_tag && same_size) {
            return None;
        }
        self.etag = etag.cloned().or(self.etag.take());
        self.total = total.or(self.total);
        Some(())
    }

    fn is_all(&self, headers: &HeaderMap) -> bool {
        let size = headers.get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        let size = size.and_then(|range| range.strip_prefix("bytes */")?.parse().ok());
        self.offset > 0 && size == Some(self.offset)
    }
}

fn is_weak(etag: &HeaderValue) -> bool {
    etag.as_bytes().starts_with(b"W/")
}

/// Reads `bytes 5-9/10` as where the part starts, and how large the whole is if told.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (part, whole) = range.split_once('/')?;
    Some((part.split_once('-')?.0.trim().parse().ok()?, whole.trim().parse().ok()))
}
