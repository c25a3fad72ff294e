//! Looking after bodies: whether each is there and whole, and where it lies.
//!
//! Everything here goes on beside workers that write, can be stopped at any
//! page, and does the rest when it is started again.

mod moving;
mod repair;
mod restore;
mod verify;

use std::mem;
use std::ops::ControlFlow;

use domain::{Key, Kind, StoreError};

use super::{Index, VersionRow};
use crate::OpenError;

pub(crate) use moving::End;
pub use moving::Moved;
pub use repair::Repaired;
pub use restore::Restored;
pub use verify::{BodyFault, Check, Verified};

/// Rows read in one go; some hold their bodies.
const PAGE: usize = 256;

/// Objects that are read or written at a time.
const AT_A_TIME: usize = 16;

/// Told after each page how many versions or objects are done; says whether to go on.
pub type Seen<'a> = &'a (dyn Fn(u64) -> ControlFlow<()> + Sync);

/// Why looking after bodies had to end.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    #[error("stopped before the end; started again, it does the rest")]
    Stopped,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was asked for does not fit where bodies lie.
    #[error("{0}")]
    Misplaced(String),
    /// Rows and objects fit so badly that one of both is likely not the right one.
    #[error("{0}")]
    Doubtful(String),
}

fn go_on(seen: Seen<'_>, done: u64) -> Result<(), UpkeepError> {
    match seen(done) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(UpkeepError::Stopped),
    }
}

/// A part of a hash of an object's name: a million of them take 16 MB.
type Mark = u128;

fn mark(name: &str) -> Mark {
    let hash = blake3::hash(name.as_bytes());
    u128::from_le_bytes(*hash.as_bytes().first_chunk().unwrap_or(&[0; 16]))
}

/// Every version of a kind, page by page.
struct Pages<'a> {
    index: &'a dyn Index,
    kind: Kind,
    after: Option<(Key, u32)>,
    is_end: bool,
}

impl<'a> Pages<'a> {
    fn new(index: &'a dyn Index, kind: Kind) -> Self {
        Self { index, kind, after: None, is_end: false }
    }

    async fn next(&mut self) -> Result<Option<Vec<VersionRow>>, StoreError> {
        if self.is_end {
            return Ok(None);
        }
        let page = self.index.every_version(Some(self.kind), self.after, PAGE).await?;
        self.is_end = page.len() < PAGE;
        self.after = page.last().map(|row| (row.record.key, row.number)).or(self.after);
        Ok(Some(page).filter(|page| !page.is_empty()))
    }
}

/// The same, and all versions of a key on one page.
struct WholeKeys<'a> {
    pages: Pages<'a>,
    /// Of the last key, which may go on.
    held: Vec<VersionRow>,
}

impl<'a> WholeKeys<'a> {
    fn new(index: &'a dyn Index, kind: Kind) -> Self {
        Self { pages: Pages::new(index, kind), held: vec![] }
    }

    async fn next(&mut self) -> Result<Option<Vec<VersionRow>>, StoreError> {
        while let Some(page) = self.pages.next().await? {
            self.held.extend(page);
            if self.pages.is_end {
                break;
            }
            let last = self.held.last().map(|row| row.record.key);
            let start = self.held.partition_point(|row| Some(row.record.key) < last);
            if start > 0 {
                let rest = self.held.split_off(start);
                return Ok(Some(mem::replace(&mut self.held, rest)));
            }
        }
        Ok(Some(mem::take(&mut self.held)).filter(|rows| !rows.is_empty()))
    }
}
