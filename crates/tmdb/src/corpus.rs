//! Real bodies, where this machine has them: they may not be kept with the code.

use std::path::{Path, PathBuf};

/// Reads a file of the corpus, or prints that the test has nothing to look at.
pub(crate) fn read(path: &str) -> Option<Vec<u8>> {
    let found = std::fs::read(folder().join(path));
    if found.is_err() {
        println!("skipped: there is no {path} in the corpus");
    }
    found.ok()
}

/// The recorded responses: file, and path with query below `/3/`.
pub(crate) fn recorded() -> Vec<(String, String)> {
    let index = read("recorded/INDEX.tsv").unwrap_or_default();
    let index = String::from_utf8(index).unwrap();
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row.len() > 6 && row[6] == "real")
        .filter_map(|row| {
            let asked = row[1].strip_prefix("GET /3/")?;
            Some((row[0].to_owned(), asked.to_owned()))
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn folder() -> PathBuf {
    match std::env::var("CINEMIRROR_CORPUS") {
        Ok(folder) => folder.into(),
        Err(_) => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tmdb"),
    }
}
