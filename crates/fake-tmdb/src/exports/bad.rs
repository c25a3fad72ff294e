//! Files that look like an export and are none.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::faults::ExportFile;

/// What of a file's bytes is served in its place.
pub(super) async fn spoiled(pieces: Vec<Bytes>, bad: ExportFile) -> Vec<u8> {
    let whole = pieces.concat();
    match bad {
        ExportFile::Short => whole[..whole.len() / 2].to_vec(),
        ExportFile::NoLines => packed(|_| false, b""),
        ExportFile::FewLines => {
            let few = tokio::task::spawn_blocking(move || few_lines(&whole)).await;
            few.unwrap_or_default()
        }
        ExportFile::Empty | ExportFile::Missing | ExportFile::Yesterday => vec![],
    }
}

/// The first two of every five lines.
fn few_lines(whole: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // The fake wrote it itself, whole.
    GzDecoder::new(whole).read_to_end(&mut text).ok();
    packed(|at| at % 5 < 2, &text)
}

fn packed(is_kept: impl Fn(usize) -> bool, text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
    for (_, line) in lines.filter(|(at, _)| is_kept(*at)) {
        // Writing to memory does not fail.
        encoder.write_all(line).ok();
    }
    encoder.finish().unwrap_or_default()
}
