//! Keys that are gone since the export before.

use domain::Key;

use super::{int, long};
use crate::column::{Column, Get, Sheet};

pub(crate) struct Removed;

impl Sheet for Removed {
    type Row<'a> = Key;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|key| Some(key.kind().as_str())), "`movie`, `tv`, `person` …"),
        Column::of("tmdb_id", Get::Long(|key| long(key.id())), "TMDB's `id`"),
        Column::maybe(
            "season",
            Get::Int(|key| key.season_number().and_then(int)),
            "of seasons and episodes, in exports of records",
        ),
        Column::maybe("episode", Get::Int(|key| key.episode_number().and_then(int)), "of episodes"),
    ];
}
