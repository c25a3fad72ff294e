//! People.

use domain::catalogue::Person;

use super::{day, int, long};
use crate::column::{Column, Get, Sheet};

pub(crate) struct People;

impl Sheet for People {
    type Row<'a> = &'a Person;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("tmdb_id", Get::Long(|it| long(it.tmdb_id)), "TMDB's `id`"),
        Column::maybe("imdb_id", Get::Text(|it| it.imdb_id.as_deref()), "`imdb_id`, as nm0000093"),
        Column::of("name", Get::Text(|it| Some(&it.name)), "`name`"),
        Column::of("also_known_as", Get::Texts(|it| &it.also_known_as), "`also_known_as`"),
        Column::maybe("biography", Get::Text(|it| it.biography.as_deref()), "`biography`"),
        Column::maybe("birthday", Get::Day(|it| day(it.birthday.as_ref())), "`birthday`"),
        Column::maybe("deathday", Get::Day(|it| day(it.deathday.as_ref())), "`deathday`"),
        Column::maybe(
            "place_of_birth",
            Get::Text(|it| it.place_of_birth.as_deref()),
            "`place_of_birth`",
        ),
        Column::maybe(
            "known_for_department",
            Get::Text(|it| it.known_for_department.as_deref()),
            "`known_for_department`",
        ),
        Column::maybe(
            "gender",
            Get::Int(|it| it.gender.and_then(int)),
            "`gender`: 0 not said, 1 female, 2 male, 3 non-binary",
        ),
        Column::of(
            "popularity",
            Get::Real(|it| Some(it.popularity)),
            "TMDB's measure; `popularity`",
        ),
        Column::maybe(
            "profile_path",
            Get::Text(|it| it.profile_path.as_deref()),
            "`profile_path`, on TMDB's image server",
        ),
        Column::of("adult", Get::Flag(|it| it.adult), "`adult`"),
        Column::of(
            "fetched_at",
            Get::Instant(|it| it.last_refreshed_at),
            "UTC, when TMDB was asked; the terms' 180 days count from here",
        ),
    ];
}
