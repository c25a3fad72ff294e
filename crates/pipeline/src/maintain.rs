//! What is done with the archive: rebuild the catalogue, check records, train a dictionary.

use bytes::Bytes;
use domain::archive::Scan;
use domain::{Kind, Record, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::pipeline::Stores;
use crate::watch::{Event, Watch};

/// Records read in one go; bodies are large.
const PAGE: usize = 256;

/// Makes the catalogue again from the archive, row for row. Returns how many
/// records it read.
pub async fn rebuild(
    stores: &Stores,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<u64, PipelineError> {
    stores.catalog.clear().await?;
    let mut pages = Pages::new(stores, None);
    while let Some(page) = pages.next().await? {
        stores.catalog.put(&page).await?;
        watch.see(Event::Passed { records: pages.read });
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
    }
    Ok(pages.read)
}

/// Decodes a record, encodes it again and compares hashes; an error says what is wrong.
pub fn check(record: &Record) -> Result<(), String> {
    let json = records::to_json(record).map_err(|error| error.to_string())?;
    let again = records::record(record.key, json.as_bytes(), &record.asked, record.fetched_at);
    let (again, _) = again.map_err(|error| error.to_string())?;
    let same_schema = record.schema_version == records::SCHEMA_VERSION;
    if same_schema && again.hash != record.hash {
        return Err(format!("its hash is {}, the body's is {}", record.hash, again.hash));
    }
    Ok(())
}

/// A dictionary that was trained and stored.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Trained {
    pub kind: Kind,
    pub samples: usize,
    pub sample_bytes: u64,
    pub dictionary_bytes: usize,
}

/// How much is learnt from, and how large a dictionary may get.
const SAMPLES: usize = 4_000;
const SAMPLE_BYTES: usize = 48 << 20;
const DICTIONARY_BYTES: usize = 112 << 10;

/// Trains a dictionary from a kind's own records and stores it in the archive.
/// Records written from now on use it.
pub async fn train(stores: &Stores, kind: Kind, now: Timestamp) -> Result<Trained, PipelineError> {
    let samples = samples(stores, kind).await?;
    let (count, bytes) = (samples.len(), samples.iter().map(Vec::len).sum::<usize>());
    let dictionary: Bytes = records::train(kind, &samples, DICTIONARY_BYTES).map_err(|error| {
        PipelineError::Record(format!("could not train a dictionary for {kind}: {error}"))
    })?;
    let dictionary_bytes = dictionary.len();
    stores.archive.add_dictionary(kind, dictionary, now).await?;
    Ok(Trained { kind, samples: count, sample_bytes: bytes as u64, dictionary_bytes })
}

/// Records spread evenly over the kind, within bounds of count and bytes.
async fn samples(stores: &Stores, kind: Kind) -> Result<Vec<Vec<u8>>, PipelineError> {
    let stats = stores.archive.stats().await?;
    let keys = stats.kinds.iter().find(|stats| stats.kind == kind).map_or(0, |stats| stats.keys);
    let step = usize::try_from(keys).unwrap_or(usize::MAX).div_ceil(SAMPLES).max(1);
    let mut samples: Vec<Vec<u8>> = vec![];
    let (mut bytes, mut place) = (0, 0_usize);
    let mut pages = Pages::new(stores, Some(kind));
    while let Some(page) = pages.next().await? {
        for record in page {
            if place.is_multiple_of(step) && bytes < SAMPLE_BYTES {
                bytes += record.body.len();
                samples.push(record.body.to_vec());
            }
            place += 1;
        }
    }
    Ok(samples)
}

/// Every newest record, page by page.
struct Pages<'a> {
    stores: &'a Stores,
    scan: Scan,
    ended: bool,
    read: u64,
}

impl<'a> Pages<'a> {
    fn new(stores: &'a Stores, kind: Option<Kind>) -> Self {
        let scan = Scan { kind, after: None, limit: PAGE };
        Self { stores, scan, ended: false, read: 0 }
    }

    async fn next(&mut self) -> Result<Option<Vec<Record>>, PipelineError> {
        if self.ended {
            return Ok(None);
        }
        let page = self.stores.archive.scan(self.scan).await?;
        self.ended = page.len() < PAGE;
        self.read += page.len() as u64;
        self.scan.after = page.last().map(|record| record.key).or(self.scan.after);
        Ok(Some(page).filter(|page| !page.is_empty()))
    }
}
