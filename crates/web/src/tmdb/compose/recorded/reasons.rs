//! Why an answer from the mirror is not what was recorded.

use domain::Kind;

use super::source::{Exchange, Source};

/// One reason; each is checked on the very members that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// None: it is equal.
    Equal,
    /// Only popularity and votes, recorded a moment apart.
    Figures,
    /// The key's details were not recorded by this source, so it could not be crawled.
    NotCrawled,
    /// The mirror does not ask for this part: edits, users' lists, a company's movies.
    NotAsked,
    /// The crawl got no part that tells it: this source recorded no `translations`,
    /// `images`, `combined_credits` or `release_dates` of the key.
    PartNotRecorded,
    /// This source recorded the part only as other parameters filter it.
    PartFiltered,
    /// Another record tells it that the source did not record: a collection in the
    /// language, the titles of rows, a show's seasons and episodes.
    OtherRecord,
    /// Genres in a language whose list was not recorded.
    GenreNames,
    /// The same rows; TMDB's order of `releases`, `movie_credits` and `tv_credits` is not
    /// that of the parts they are made from.
    Order,
    /// Recommendations and similar titles are made anew: another request of the same
    /// source got other rows.
    OtherRows,
    /// A record holds the first page.
    LaterPage,
    /// Another recording by this source, with the same parameters, says what we say.
    TwoMoments,
}

/// How many there are of each, over the recordings at hand.
pub(super) const EXPECTED: &[(Reason, usize)] = &[
    (Reason::Equal, 193),
    (Reason::Figures, 3),
    (Reason::NotCrawled, 97),
    (Reason::NotAsked, 7),
    (Reason::PartNotRecorded, 8),
    (Reason::PartFiltered, 4),
    (Reason::OtherRecord, 6),
    (Reason::GenreNames, 2),
    (Reason::Order, 7),
    (Reason::OtherRows, 3),
];

const NOT_ASKED: [&str; 8] = [
    "account_states",
    "changes",
    "latest",
    "lists",
    "movies",
    "releases",
    "screened_theatrically",
    "trailers",
];

const TEXTS: [&str; 7] =
    ["title", "name", "overview", "tagline", "homepage", "biography", "runtime"];

/// The reason for there being no answer at all.
pub(super) fn explain_absence(source: &Source, exchange: &Exchange) -> Option<Reason> {
    let part = exchange.part?;
    match (exchange.kind, part) {
        (Kind::Movie, "releases") if !source.holds(exchange, "release_dates") => {
            Some(Reason::PartNotRecorded)
        }
        (Kind::Person, "movie_credits" | "tv_credits")
            if !source.holds(exchange, "combined_credits") =>
        {
            Some(Reason::PartNotRecorded)
        }
        _ => NOT_ASKED.contains(&part).then_some(Reason::NotAsked),
    }
}

/// The reason for a difference at a place; see [`super::differences`] for its form.
pub(super) fn explain(source: &Source, exchange: &Exchange, at: &str) -> Option<Reason> {
    let place = at.trim_start_matches(['-', '+']).trim_end_matches(['#', '~']);
    let (part, within) = match exchange.part {
        Some(part) => (Some(part), place),
        None => match place.split_once('/') {
            Some((first, rest)) => (Some(first), rest),
            None => (Some(place), ""),
        },
    };
    let part = part.unwrap_or_default();
    let is_split = matches!(part, "movie_credits" | "tv_credits");
    if at.starts_with('-') && within.is_empty() {
        if is_split && !source.holds(exchange, "combined_credits") {
            return Some(Reason::PartNotRecorded);
        }
        return NOT_ASKED.contains(&part).then_some(Reason::NotAsked);
    }
    if at.ends_with('~') && (is_split || part == "releases") {
        return Some(Reason::Order);
    }
    if at.ends_with('#') {
        let is_filtered = matches!(part, "images" | "videos" | "alternative_titles");
        if is_filtered && !source.has_plain(exchange, part) {
            return Some(Reason::PartFiltered);
        }
        if within == "results" && exchange.page() > 1 {
            return Some(Reason::LaterPage);
        }
    }
    let in_language = exchange.is_foreign().then(|| foreign(source, exchange, part, within, place));
    in_language.flatten().or_else(|| source.said(exchange, place).then_some(Reason::TwoMoments))
}

fn foreign(
    source: &Source,
    exchange: &Exchange,
    part: &str,
    within: &str,
    place: &str,
) -> Option<Reason> {
    let last = place.rsplit('/').next().unwrap_or_default();
    let is_shown = TEXTS.contains(&last) || matches!(last, "poster_path" | "still_path");
    match part {
        "recommendations" | "similar" if is_shown && within.starts_with("results/") => {
            Some(Reason::OtherRecord)
        }
        "recommendations" | "similar" => Some(Reason::OtherRows),
        "genres" if within == "name" => Some(Reason::GenreNames),
        "belongs_to_collection" if !source.holds_collection(exchange) => Some(Reason::OtherRecord),
        "combined_credits"
        | "movie_credits"
        | "tv_credits"
        | "tagged_images"
        | "seasons"
        | "episodes"
        | "parts"
        | "last_episode_to_air"
        | "next_episode_to_air"
            if is_shown =>
        {
            Some(Reason::OtherRecord)
        }
        "poster_path" if !source.holds(exchange, "images") => Some(Reason::PartNotRecorded),
        _ if TEXTS.contains(&place) && !source.holds(exchange, "translations") => {
            Some(Reason::PartNotRecorded)
        }
        _ => None,
    }
}
