//! What else a title brings along: ratings, offers, videos, titles like it.

use domain::catalogue::{Rating, SimilarWork, Trailer, WorkRow};

use super::{int, long};
use crate::column::{Column, Get, Sheet};

pub(crate) struct Ratings;
pub(crate) struct Providers;
pub(crate) struct Videos;
pub(crate) struct Similar;

/// A part of a title.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a, T> {
    pub(crate) work: &'a WorkRow,
    pub(crate) it: T,
}

/// One offer to watch a title.
#[derive(Clone, Copy)]
pub(crate) struct Offer<'a> {
    pub(crate) country: &'a str,
    pub(crate) way: &'static str,
    pub(crate) provider: &'a str,
}

const KIND: &str = "the title's, `movie` or `tv`";
const ID: &str = "the title's";

impl Sheet for Ratings {
    type Row<'a> = Of<'a, &'a Rating>;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|of| Some(&of.work.kind)), KIND),
        Column::of("tmdb_id", Get::Long(|of| long(of.work.tmdb_id)), ID),
        Column::of(
            "source",
            Get::Text(|of| Some(&of.it.source)),
            "`TMDB`, or the name of an import: `imdb` …",
        ),
        Column::of(
            "value",
            Get::Real(|of| Some(of.it.value)),
            "as the source gives it; `vote_average`",
        ),
        Column::of("scale", Get::Real(|of| Some(of.it.scale)), "the top of the source's scale"),
        Column::of("value_0_100", Get::Real(|of| Some(of.it.value_0_100)), "0 to 100"),
        Column::of("votes", Get::Long(|of| long(of.it.votes)), "votes; `vote_count`"),
        Column::of("seen_at", Get::Instant(|of| of.it.last_seen_at), "UTC, when it was read"),
    ];
}

impl Sheet for Providers {
    type Row<'a> = Of<'a, Offer<'a>>;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|of| Some(&of.work.kind)), KIND),
        Column::of("tmdb_id", Get::Long(|of| long(of.work.tmdb_id)), ID),
        Column::of(
            "country",
            Get::Text(|of| Some(of.it.country)),
            "ISO 3166-1; of `watch/providers`",
        ),
        Column::of(
            "way",
            Get::Text(|of| Some(of.it.way)),
            "`flatrate`, `rent`, `buy`, `free` or `ads`",
        ),
        Column::of("provider", Get::Text(|of| Some(of.it.provider)), "`provider_name`"),
    ];
}

impl Sheet for Videos {
    type Row<'a> = Of<'a, &'a Trailer>;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|of| Some(&of.work.kind)), KIND),
        Column::of("tmdb_id", Get::Long(|of| long(of.work.tmdb_id)), ID),
        Column::of("site", Get::Text(|of| Some(&of.it.site)), "`site`: YouTube, Vimeo"),
        Column::of("key", Get::Text(|of| Some(&of.it.key)), "the site's; `key`"),
        Column::of("type", Get::Text(|of| Some(&of.it.kind)), "`type`: Trailer, Teaser, Clip …"),
        Column::of("name", Get::Text(|of| Some(&of.it.name)), "`name`"),
        Column::of("official", Get::Flag(|of| of.it.official), "`official`"),
        Column::maybe("language", Get::Text(|of| of.it.language.as_deref()), "`iso_639_1`"),
    ];
}

impl Sheet for Similar {
    type Row<'a> = Of<'a, &'a SimilarWork>;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|of| Some(&of.work.kind)), KIND),
        Column::of("tmdb_id", Get::Long(|of| long(of.work.tmdb_id)), ID),
        Column::of("source", Get::Text(|of| Some(&of.it.source)), "`similar` or `recommendations`"),
        Column::of("rank", Get::Int(|of| int(of.it.rank)), "the place in TMDB's answer"),
        Column::of("similar_kind", Get::Text(|of| Some(&of.it.kind)), "the other title's"),
        Column::of("similar_tmdb_id", Get::Long(|of| long(of.it.tmdb_id)), "the other title's"),
        Column::maybe("title", Get::Text(|of| of.it.title.as_deref()), "the other title's"),
    ];
}
