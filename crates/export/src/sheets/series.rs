//! Figures through time.

use domain::Key;
use domain::outline::SeriesPoint;

use super::long;
use crate::column::{Column, Get, Sheet};

pub(crate) struct Series;

impl Sheet for Series {
    type Row<'a> = &'a (Key, SeriesPoint);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|it| Some(it.0.kind().as_str())), "`movie`, `tv` or `person`"),
        Column::of("tmdb_id", Get::Long(|it| long(it.0.id())), "TMDB's `id`"),
        Column::of("day", Get::Day(|it| Some(it.1.day)), "UTC, the day it was read"),
        Column::maybe(
            "popularity",
            Get::Real(|it| it.1.figures.popularity),
            "TMDB's measure; `popularity`, of records and of exports",
        ),
        Column::maybe(
            "vote_average",
            Get::Real(|it| it.1.figures.vote_average),
            "0 to 10; `vote_average`",
        ),
        Column::maybe(
            "vote_count",
            Get::Long(|it| it.1.figures.vote_count.and_then(long)),
            "votes; `vote_count`",
        ),
    ];
}
