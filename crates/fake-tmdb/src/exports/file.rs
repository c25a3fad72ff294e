//! One export file, which can be read from its start while it is being written.

use std::io::Write;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use domain::sighting::Export;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::watch;

use crate::generated::hash;
use crate::payload::Payload;
use crate::universe::Universe;

/// Lines are compressed, and compressed bytes handed on, in pieces of this size.
const PIECE: usize = 64 * 1024;

pub(super) struct File {
    export: Export,
    day: u32,
    etag: String,
    grown: watch::Sender<Grown>,
}

/// What is written of a file.
#[derive(Default)]
struct Grown {
    pieces: Vec<Bytes>,
    is_whole: bool,
}

impl File {
    /// Starts writing on a thread of its own, which ends early when nobody holds the file any more.
    pub(super) fn write(universe: Arc<dyn Universe>, export: Export, day: u32) -> Arc<Self> {
        let start: Vec<String> = universe.export(export, day).take(100).collect();
        let (high, low) = hash::digest(start.join("\n").as_bytes());
        let low = low ^ u64::from(day);
        let etag = format!("\"{high:016x}{low:016x}\"");
        let file = Arc::new(Self { export, day, etag, grown: watch::Sender::default() });
        let written = Arc::downgrade(&file);
        tokio::task::spawn_blocking(move || write(universe.as_ref(), export, day, &written));
        file
    }

    pub(super) fn is(&self, export: Export, day: u32) -> bool {
        self.export == export && self.day == day
    }

    pub(super) fn etag(&self) -> &str {
        &self.etag
    }

    pub(super) fn size_if_written(&self) -> Option<u64> {
        let grown = self.grown.borrow();
        grown.is_whole.then(|| grown.pieces.iter().map(|piece| piece.len() as u64).sum())
    }

    /// All of it, once it is written.
    pub(super) async fn whole(&self) -> Vec<Bytes> {
        let mut grown = self.grown.subscribe();
        let whole = grown.wait_for(|grown| grown.is_whole).await;
        whole.map_or_else(|_| vec![], |whole| whole.pieces.clone())
    }

    /// The bytes from `first` to before `end`, as they come.
    pub(super) fn read(self: &Arc<Self>, first: u64, end: u64) -> Payload {
        let start = (Arc::clone(self), self.grown.subscribe(), 0_usize, 0_u64);
        Payload::pieces(futures_util::stream::unfold(
            start,
            move |(file, mut grown, mut at, mut position)| async move {
                loop {
                    let piece = {
                        let ready = |grown: &Grown| grown.is_whole || at < grown.pieces.len();
                        let grown = grown.wait_for(ready).await.ok()?;
                        grown.pieces.get(at)?.clone()
                    };
                    let begin = position;
                    at += 1;
                    position += piece.len() as u64;
                    if begin >= end {
                        return None;
                    }
                    let piece = cut(piece, begin, first, end);
                    if !piece.is_empty() {
                        return Some((Ok(piece), (file, grown, at, position)));
                    }
                }
            },
        ))
    }
}

/// What of a piece that begins at `begin` lies within `first..end`.
fn cut(mut piece: Bytes, begin: u64, first: u64, end: u64) -> Bytes {
    let length = piece.len();
    let within = |position: u64| {
        usize::try_from(position.saturating_sub(begin)).unwrap_or(usize::MAX).min(length)
    };
    let (from, to) = (within(first), within(end));
    piece.truncate(to);
    piece.split_off(from.min(to))
}

fn write(universe: &dyn Universe, export: Export, day: u32, file: &Weak<File>) {
    let mut encoder = GzEncoder::new(Vec::with_capacity(2 * PIECE), Compression::fast());
    let mut lines = String::with_capacity(PIECE + 1024);
    for line in universe.export(export, day) {
        lines.push_str(&line);
        lines.push('\n');
        if lines.len() < PIECE {
            continue;
        }
        // Writing to memory does not fail.
        encoder.write_all(lines.as_bytes()).ok();
        lines.clear();
        if encoder.get_ref().len() >= PIECE {
            let Some(file) = file.upgrade() else { return };
            let piece = std::mem::replace(encoder.get_mut(), Vec::with_capacity(2 * PIECE));
            file.grown.send_modify(|grown| grown.pieces.push(piece.into()));
        }
    }
    encoder.write_all(lines.as_bytes()).ok();
    let rest = encoder.finish().unwrap_or_default();
    if let Some(file) = file.upgrade() {
        file.grown.send_modify(|grown| {
            grown.pieces.push(rest.into());
            grown.is_whole = true;
        });
    }
}
