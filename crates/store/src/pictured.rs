//! Titles and people with pictures: pages out of what two tables have, each in its order.

use domain::Key;
use domain::images::{Pictured, PicturedScan};

use crate::projection;

/// Where the pages of two tables begin: below a popularity, and of the equally popular
/// below a number. Of these, titles come before people.
pub(crate) struct Start {
    pub(crate) popularity: f64,
    pub(crate) work_id: i64,
    pub(crate) person_id: i64,
}

impl Start {
    pub(crate) fn of(scan: &PicturedScan) -> Self {
        let start = |popularity, work_id, person_id| Self { popularity, work_id, person_id };
        let Some((popularity, key)) = scan.after else {
            return start(f64::INFINITY, i64::MAX, i64::MAX);
        };
        match projection::work_id(&key) {
            Some(work_id) => start(popularity, work_id, i64::MAX),
            None => start(popularity, i64::MIN, i64::try_from(key.id()).unwrap_or(i64::MAX)),
        }
    }
}

/// One page of both.
pub(crate) fn merged(
    mut titles: Vec<Pictured>,
    people: Vec<Pictured>,
    limit: usize,
) -> Vec<Pictured> {
    titles.extend(people);
    // Both are in order, and sorting keeps the order of equals.
    titles.sort_by(|a, b| b.popularity.total_cmp(&a.popularity));
    titles.truncate(limit);
    titles
}

/// Of addresses on TMDB's image server.
pub(crate) fn title(
    key: Key,
    popularity: f64,
    poster: Option<&str>,
    backdrop: Option<&str>,
    stills: &[String],
) -> Pictured {
    Pictured {
        key,
        popularity,
        poster: poster.map(path),
        backdrop: backdrop.map(path),
        profile: None,
        stills: stills.iter().map(|address| path(address)).collect(),
    }
}

pub(crate) fn person(id: u64, popularity: f64, profile: Option<String>) -> Pictured {
    let key = Key::person(id);
    Pictured { key, popularity, poster: None, backdrop: None, profile, stills: vec![] }
}

/// The path behind the size of an address on TMDB's image server.
fn path(address: &str) -> String {
    address.rfind('/').map_or(address, |slash| &address[slash..]).to_owned()
}
