//! Every path of TMDB's that is answered, and by what: the one table that routes,
//! documents and checks are made from (`openapi.json` of TMDB's, and paths that it
//! still answers without naming them there).

mod lists;
mod people;
mod rest;
mod titles;

use domain::sighting::{Feed, List, Trending};
use domain::{Kind, Reference};

/// One path.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// As TMDB's document writes it: `/3/movie/{movie_id}`.
    pub(crate) path: &'static str,
    pub(crate) answers: Answers,
    /// The names of the query parameters that mean something; others are ignored,
    /// as TMDB does.
    pub(crate) takes: &'static [&'static str],
}

/// What a path is answered from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answers {
    /// A record.
    Details(Kind),
    /// A part of a record, by the name it is appended under.
    Part(Kind, &'static str),
    /// A list as it was read last.
    List(List),
    /// As [`Answers::List`], by the window in the path.
    Trending(Trending),
    Reference(Reference),
    Search(Search),
    Discover(Kind),
    Find,
    KeywordMovies,
    CompanyMovies,
    GenreMovies,
    /// What the mirror saw change.
    Changes(Feed),
    /// The key with the highest id.
    Latest(Kind),
    /// Whether the client's key is good.
    Validation,
    /// No mirror can; says why.
    Beyond(&'static str),
}

/// What is sought by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    Movie,
    Tv,
    Person,
    Multi,
    Collection,
    Company,
    Keyword,
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Endpoint> {
    [titles::ENDPOINTS, people::ENDPOINTS, lists::ENDPOINTS, rest::ENDPOINTS].into_iter().flatten()
}
