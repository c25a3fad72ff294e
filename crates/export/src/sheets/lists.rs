//! TMDB's lists.

use domain::catalogue::{ListEntry, ListName};

use super::{int, long};
use crate::column::{Column, Get, Sheet};

pub(crate) struct ListEntries;

impl Sheet for ListEntries {
    type Row<'a> = &'a (ListName, ListEntry);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("list", Get::Text(|it| Some(&it.0.list)), "the source: `movie.popular` …"),
        Column::of(
            "region",
            Get::Text(|it| Some(&it.0.region)),
            "ISO 3166-1, as asked; empty for none",
        ),
        Column::of(
            "language",
            Get::Text(|it| Some(&it.0.language)),
            "as asked, such as en-US; empty for TMDB's default",
        ),
        Column::of("rank", Get::Int(|it| int(it.1.rank)), "the place in the list, from 1"),
        Column::of(
            "kind",
            Get::Text(|it| Some(it.1.key.kind().as_str())),
            "`movie`, `tv` or `person`",
        ),
        Column::of("tmdb_id", Get::Long(|it| long(it.1.key.id())), "TMDB's `id`"),
        Column::of("seen_at", Get::Instant(|it| it.1.seen_at), "UTC, when its page was read"),
    ];
}
