//! The recorded bodies, where they are at hand.

use std::io::Write;
use std::path::{Path, PathBuf};

use domain::{Key, Reference};

/// A body that TMDB once sent.
pub(crate) struct Body {
    pub(crate) name: String,
    pub(crate) key: Option<Key>,
    /// Without the space between values.
    pub(crate) json: Vec<u8>,
}

/// The folder of TMDB's recorded material; `None`, said once, where it is missing.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CINEMIRROR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tmdb"),
        PathBuf::from,
    );
    if folder.join("recorded/INDEX.tsv").is_file() {
        return Some(folder);
    }
    writeln!(std::io::stdout(), "skipped: no recorded bodies at {}", folder.display()).ok();
    None
}

/// All recorded answers with status 200 that are JSON. Those of a detail have a key.
pub(crate) fn recorded(corpus: &Path) -> Vec<Body> {
    let index = std::fs::read_to_string(corpus.join("recorded/INDEX.tsv")).unwrap_or_default();
    index.lines().skip(1).filter_map(|line| body(corpus, line)).collect()
}

/// The recorded details of every kind.
pub(crate) fn details(corpus: &Path) -> Vec<(Key, Body)> {
    recorded(corpus).into_iter().filter_map(|body| Some((body.key?, body))).collect()
}

fn body(corpus: &Path, line: &str) -> Option<Body> {
    let columns: Vec<_> = line.split('\t').collect();
    let [path, endpoint, .., notes] = columns[..] else { return None };
    if !notes.contains("HTTP 200") {
        return None;
    }
    let file = corpus.join(path);
    let text = std::fs::read(&file).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let path = endpoint.strip_prefix("GET /3/").unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let id = value["id"].as_u64().unwrap_or_default();
    Some(Body {
        name: file.display().to_string(),
        key: key(path, id),
        json: value.to_string().into_bytes(),
    })
}

/// The key of a detail's path: `movie/550`, `movie/latest`, `configuration/jobs`.
fn key(path: &str, id: u64) -> Option<Key> {
    let reference = Reference::ALL.into_iter().find(|reference| reference.path() == path);
    if let Some(reference) = reference {
        return Some(Key::reference(reference));
    }
    let named = path.strip_suffix("/latest").or_else(|| Some(path.split_once("/tt")?.0));
    match named {
        Some(kind) => Key::new(kind.parse().ok()?, id, None, None).ok(),
        None => path.parse().ok(),
    }
}
