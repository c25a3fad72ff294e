//! One line of an export.

use domain::sighting::Export;
use domain::{Key, Kind, Sighting};
use serde::Deserialize;
use serde_json::Value;

use crate::row;

/// The members that filters use, as nearly every line has them. Names are left
/// out: nothing that reads a million lines looks at them.
#[derive(Deserialize)]
struct Line {
    id: u64,
    popularity: Option<f64>,
    adult: Option<bool>,
    video: Option<bool>,
}

/// Reads a line; `None` when it names nothing.
pub(super) fn sighting(export: Export, line: &[u8]) -> Option<Sighting> {
    let kind = export.kind();
    let mut sighting = match serde_json::from_slice::<Line>(line) {
        Ok(line) => Sighting {
            popularity: line.popularity,
            adult: line.adult,
            video: line.video,
            ..Sighting::of(Key::new(kind, line.id, None, None).ok()?)
        },
        Err(_) => unusual(kind, line)?,
    };
    // Not every adult export repeats on each line what its name says.
    if export.is_adult() && sighting.adult.is_none() {
        sighting.adult = Some(true);
    }
    Some(sighting)
}

/// Reads a line whose members are not of the types they have always been.
fn unusual(kind: Kind, line: &[u8]) -> Option<Sighting> {
    let row: Value = serde_json::from_slice(line).ok()?;
    Some(Sighting { title: None, ..row::sighting(kind, &row)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(u64, Option<f64>, Option<bool>)>) {
        let found = sighting(Export::Movie, line.as_bytes());
        let found = found.map(|found| (found.key.id(), found.popularity, found.adult));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn lines_are_read_as_they_have_always_been() {
        check(
            r#"{"adult":false,"id":3924,"original_title":"Blon\"die","popularity":1.8133,"video":false}"#,
            Some((3924, Some(1.8133), Some(false))),
        );
        check(r#"{"id":10,"name":"Star Wars Collection"}"#, Some((10, None, None)));
    }

    #[test]
    fn odd_members_lose_only_themselves() {
        check(r#"{"id":1,"name":null,"popularity":7,"new":[{}]}"#, Some((1, Some(7.0), None)));
        check(r#"{"id":1,"popularity":1e-3,"adult":null}"#, Some((1, Some(0.001), None)));
        check(r#"{"id":1,"popularity":"7","adult":true}"#, Some((1, None, Some(true))));
        check(r#"{"id":1,"popularity":null,"adult":0}"#, Some((1, None, None)));
    }

    #[test]
    fn what_names_nothing_is_no_sighting() {
        for line in [r#"{"id":null}"#, r#"{"id":0}"#, r#"{"id":-1}"#, "{}", "x", r#"{"id":1"#] {
            check(line, None);
        }
    }

    #[test]
    fn whom_an_adult_export_names_is_adult() {
        let found = sighting(Export::AdultTv, br#"{"id":1}"#).unwrap();
        assert_eq!((found.key, found.adult), (Key::tv(1), Some(true)));
        assert_eq!(sighting(Export::Tv, br#"{"id":1}"#).unwrap().adult, None);
    }
}
