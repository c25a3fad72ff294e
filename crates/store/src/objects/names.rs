//! What objects are called: `movie/3f/550/4-9c0e…`, `dictionaries/movie-…`.
//!
//! The second part is a hash of the id, so that requests spread over the names a
//! store sorts by; the first lists a kind alone.

use std::fmt;
use std::str::FromStr;

use domain::{Key, Kind};

/// Below it lie the dictionaries.
pub(super) const DICTIONARIES: &str = "dictionaries";

/// The name of a version's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) key: Key,
    pub(crate) version: u32,
    /// What tells it from others of the version.
    pub(crate) object: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        write!(f, "{}/{:02x}/{}", key.kind(), spread(key.id()), key.id())?;
        for number in [key.season_number(), key.episode_number()].into_iter().flatten() {
            write!(f, "/{number}")?;
        }
        write!(f, "/{}-{}", self.version, self.object)
    }
}

/// A name that no body of ours has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign;

impl FromStr for Name {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        read(text).filter(|name| name.to_string() == text).ok_or(Foreign)
    }
}

fn read(text: &str) -> Option<Name> {
    let parts: Vec<&str> = text.split('/').collect();
    let ([kind, _, id, numbers @ .., last], true) = (&parts[..], parts.len() <= 6) else {
        return None;
    };
    let mut numbers = numbers.iter().map(|number| number.parse().ok());
    let season = numbers.next().map_or(Some(None), |number| number.map(Some))?;
    let episode = numbers.next().map_or(Some(None), |number| number.map(Some))?;
    let key = Key::new(kind.parse().ok()?, id.parse().ok()?, season, episode).ok()?;
    let (version, object) = last.split_once('-')?;
    Some(Name { key, version: version.parse().ok()?, object: object.to_owned() })
}

/// The same for a show, its seasons and its episodes.
fn spread(id: u64) -> u8 {
    blake3::hash(&id.to_le_bytes()).as_bytes()[0]
}

pub(super) fn dictionary(kind: Kind, bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes).to_hex();
    format!("{DICTIONARIES}/{kind}-{}", &hash[..32])
}

pub(super) fn kind_of_dictionary(name: &str) -> Option<Kind> {
    let name = name.strip_prefix(DICTIONARIES)?.strip_prefix('/')?;
    name.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: Key, text: &str) {
        let name = Name { key, version: 7, object: "00ff".to_owned() };
        assert_eq!(name.to_string(), text);
        assert_eq!(text.parse(), Ok(name));
    }

    #[test]
    fn a_name_says_what_it_is_of() {
        check(Key::movie(550), "movie/d5/550/7-00ff");
        check(Key::season(1396, 0), "season/bc/1396/0/7-00ff");
        check(Key::episode(1396, 1, 2), "episode/bc/1396/1/2/7-00ff");
    }

    #[test]
    fn what_is_not_ours_has_no_such_name() {
        for text in ["", "movie/550", "movie/00/550/7-00ff", "movie/d5/550/x-1", "film/80/550/7-1"]
        {
            assert_eq!(text.parse::<Name>(), Err(Foreign), "{text}");
        }
    }

    #[test]
    fn a_dictionary_is_named_by_its_content() {
        let name = dictionary(Kind::Tv, b"words");
        assert_eq!(kind_of_dictionary(&name), Some(Kind::Tv));
        assert_ne!(name, dictionary(Kind::Tv, b"other words"));
        assert_eq!(kind_of_dictionary("movie/d5/550/7-00ff"), None);
    }
}
