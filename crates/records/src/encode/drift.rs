//! Counts what the schema does not know, by where it was found.

use std::collections::BTreeMap;

use domain::Kind;
use domain::ledger::Drift;

/// Different paths that are counted in one body; a hostile one has more.
const MAX_PATHS: usize = 1000;
/// Bytes of a path; the name of an unknown field can be of any length.
const MAX_PATH_BYTES: usize = 300;

#[derive(Debug, Default)]
pub(super) struct DriftLog {
    /// The path of the message being read, a part for each level.
    parts: Vec<&'static str>,
    counts: BTreeMap<(String, &'static str), u64>,
}

impl DriftLog {
    pub(super) fn enter(&mut self, part: &'static str) {
        self.parts.push(part);
    }

    pub(super) fn leave(&mut self) {
        self.parts.pop();
    }

    /// Counts a value at a field of the current message, or at the message itself.
    pub(super) fn note(&mut self, field: Option<&str>, found: &'static str) {
        let mut path = String::new();
        for part in self.parts.iter().copied().chain(field) {
            if !path.is_empty() && !part.starts_with('[') {
                path.push('.');
            }
            path.push_str(part);
        }
        path.truncate(path.floor_char_boundary(MAX_PATH_BYTES));
        let has_room = self.counts.len() < MAX_PATHS;
        match self.counts.get_mut(&(path.clone(), found)) {
            Some(count) => *count += 1,
            None if has_room => drop(self.counts.insert((path, found), 1)),
            None => {}
        }
    }

    pub(super) fn take(&mut self, kind: Kind) -> Vec<Drift> {
        let counts = std::mem::take(&mut self.counts).into_iter();
        counts.map(|((path, found), count)| Drift { kind, path, found, count }).collect()
    }
}
