//! What can be asked of TMDB, and how it is put.

use std::fmt::Write;

use domain::sighting::{Feed, List};
use domain::{Key, Kind};
use jiff::civil::Date;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::discover::Parameters;

/// TMDB refuses a request with more appended parts than this (`FACTS.md` section 5).
pub(crate) const MAX_PARTS: usize = 20;

/// Videos come in these languages besides those that name none; without the
/// parameter TMDB sends English ones only. Images need no such list.
const VIDEO_LANGUAGES: &str = "null,en,ar,bg,bn,ca,cn,cs,da,de,el,es,et,fa,fi,fr,he,hi,hr,hu,id,is,it,\
                               ja,ka,kn,ko,lt,lv,ml,mr,ms,nb,nl,no,pa,pl,pt,ro,ru,sk,sl,sr,sv,ta,\
                               te,th,tl,tr,uk,ur,vi,xx,zh";

const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

const MOVIE: &[&str] = &[
    "alternative_titles",
    "credits",
    "external_ids",
    "images",
    "keywords",
    "recommendations",
    "release_dates",
    "reviews",
    "similar",
    "translations",
    "videos",
    "watch/providers",
];

const TV: &[&str] = &[
    "aggregate_credits",
    "alternative_titles",
    "content_ratings",
    "credits",
    "episode_groups",
    "external_ids",
    "images",
    "keywords",
    "recommendations",
    "reviews",
    "similar",
    "translations",
    "videos",
    "watch/providers",
];

const SEASON: &[&str] = &[
    "aggregate_credits",
    "credits",
    "external_ids",
    "images",
    "translations",
    "videos",
    "watch/providers",
];

const EPISODE: &[&str] = &["credits", "external_ids", "images", "translations", "videos"];

const PERSON: &[&str] =
    &["combined_credits", "external_ids", "images", "tagged_images", "translations"];

const COLLECTION: &[&str] = &["images", "translations"];

const COMPANY: &[&str] = &["alternative_names", "images"];

/// Something to ask TMDB.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// A key's detail with every part that matters; for a show its first
    /// seasons too, as many as there is room for.
    Detail(Key),
    /// A show's further seasons; only the first 20 numbers are asked.
    Seasons { tv: u64, numbers: Vec<u32> },
    /// A page of a list, from 1.
    List { list: List, at: PageAt },
    /// A page of the titles that pass filters; see [`crate::discover`].
    Discover { kind: Kind, filters: Parameters, at: PageAt },
    /// A page, from 1, of what changed on the days from `from` to `to`, both
    /// included and at most 14 days apart.
    Changes { feed: Feed, from: Date, to: Date, page: u32 },
}

/// Which page of a list, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PageAt {
    /// From 1.
    pub page: u32,
    /// ISO 3166-1; left out where TMDB does not take it, as is the time zone.
    pub region: Option<String>,
    /// Such as `en-US`.
    pub language: Option<String>,
    /// Such as `Europe/Berlin`: whose today it is.
    pub timezone: Option<String>,
}

impl Question {
    /// The path and query below `/3/`, without the credential.
    pub fn asked(&self) -> String {
        let mut asked = self.path();
        let mut mark = '?';
        let mut add = |name: &str, value: &str| {
            write!(asked, "{mark}{name}={value}").expect("a text takes all that is written");
            mark = '&';
        };
        let parts = self.parts();
        if !parts.is_empty() {
            add("append_to_response", &parts.join(","));
        }
        if parts.iter().any(|part| part == "videos") {
            add("include_video_language", VIDEO_LANGUAGES);
        }
        for (name, value) in self.filters() {
            let encoded = |text: &str| utf8_percent_encode(text, IN_QUERY).to_string();
            add(&encoded(&name), &encoded(&value));
        }
        if let Self::Changes { from, to, page, .. } = self {
            add("start_date", &from.to_string());
            add("end_date", &to.to_string());
            add("page", &page.to_string());
        }
        asked
    }

    /// What is asked of a page, in one order whoever asks.
    fn filters(&self) -> Parameters {
        let (at, takes_region, takes_timezone, mut filters) = match self {
            Self::List { list, at } => {
                (at, list.takes_region(), list.takes_timezone(), Parameters::new())
            }
            Self::Discover { kind, filters, at } => {
                (at, *kind == Kind::Movie, *kind == Kind::Tv, filters.clone())
            }
            Self::Detail(key) => {
                let language = key.language();
                let named =
                    |language: domain::Language| ("language".to_owned(), language.to_string());
                return language.into_iter().map(named).collect();
            }
            Self::Seasons { .. } | Self::Changes { .. } => return Parameters::new(),
        };
        filters.insert("page".to_owned(), at.page.to_string());
        for (name, value) in [
            ("region", at.region.as_ref().filter(|_| takes_region)),
            ("timezone", at.timezone.as_ref().filter(|_| takes_timezone)),
            ("language", at.language.as_ref()),
        ] {
            if let Some(value) = value {
                filters.insert(name.to_owned(), value.clone());
            }
        }
        filters
    }

    /// The kind of every row of a page; `None` where each row names its own.
    pub(crate) fn rows(&self) -> Option<Kind> {
        match self {
            Self::List { list, .. } => list.kind(),
            Self::Discover { kind, .. } => Some(*kind),
            Self::Changes { feed, .. } => Some(feed.kind()),
            Self::Detail(_) | Self::Seasons { .. } => None,
        }
    }

    /// The path below `/3/`.
    pub fn path(&self) -> String {
        match self {
            Self::Detail(key) => match key.as_reference() {
                Some(reference) => reference.path().to_owned(),
                None => key.to_string(),
            },
            Self::Seasons { tv, .. } => format!("tv/{tv}"),
            Self::List { list, .. } => list.path(),
            Self::Changes { feed, .. } => format!("{}/changes", feed.kind()),
            Self::Discover { kind, .. } => format!("discover/{kind}"),
        }
    }

    /// The path with `{id}` and `{n}` in place of numbers: one name for all
    /// questions of a sort.
    pub fn endpoint(&self) -> String {
        match self.key() {
            Some(key) if key.as_reference().is_none() => match key.kind() {
                Kind::Season => "tv/{id}/season/{n}".to_owned(),
                Kind::Episode => "tv/{id}/season/{n}/episode/{n}".to_owned(),
                kind => format!("{kind}/{{id}}"),
            },
            _ => self.path(),
        }
    }

    /// The parts asked along with the body, by the names they come back under.
    /// TMDB leaves out those it does not know, and seasons that do not exist.
    pub fn parts(&self) -> Vec<String> {
        match self {
            Self::Detail(key) => detail_parts(key.kind()),
            Self::Seasons { numbers, .. } => {
                numbers.iter().take(MAX_PARTS).map(|number| season_part(*number)).collect()
            }
            Self::List { .. } | Self::Discover { .. } | Self::Changes { .. } => vec![],
        }
    }

    /// What the body is about, where it is one thing.
    pub(crate) fn key(&self) -> Option<Key> {
        match self {
            Self::Detail(key) => Some(*key),
            Self::Seasons { tv, .. } => Some(Key::tv(*tv)),
            Self::List { .. } | Self::Discover { .. } | Self::Changes { .. } => None,
        }
    }
}

/// The name of an appended season.
pub(crate) fn season_part(number: u32) -> String {
    format!("season/{number}")
}

fn detail_parts(kind: Kind) -> Vec<String> {
    let named = match kind {
        Kind::Movie => MOVIE,
        Kind::Tv => TV,
        Kind::Season => SEASON,
        Kind::Episode => EPISODE,
        Kind::Person => PERSON,
        Kind::Collection => COLLECTION,
        Kind::Company | Kind::Network => COMPANY,
        Kind::Keyword | Kind::Reference => &[],
    };
    let mut parts: Vec<String> = named.iter().map(|part| (*part).to_owned()).collect();
    if kind == Kind::Tv {
        let room = u32::try_from(MAX_PARTS - parts.len()).unwrap_or(0);
        parts.extend((0..room).map(season_part));
    }
    parts
}

#[cfg(test)]
mod tests;
