//! Movies and shows.

use domain::catalogue::Work;

use super::{day, int, long};
use crate::column::{Column, Get, Sheet};

pub(crate) struct Works;

impl Sheet for Works {
    type Row<'a> = &'a Work;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|it| Some(&it.row.kind)), "`movie` or `tv`"),
        Column::of(
            "tmdb_id",
            Get::Long(|it| long(it.row.tmdb_id)),
            "TMDB's `id`, unique within a kind",
        ),
        Column::maybe(
            "imdb_id",
            Get::Text(|it| it.row.imdb_id.as_deref()),
            "`imdb_id`, as tt0137523",
        ),
        Column::of("title", Get::Text(|it| Some(&it.row.title)), "`title`, a show's `name`"),
        Column::maybe(
            "original_title",
            Get::Text(|it| it.row.original_title.as_deref()),
            "`original_title`, a show's `original_name`",
        ),
        Column::maybe(
            "original_language",
            Get::Text(|it| it.row.original_language.as_deref()),
            "`original_language`, ISO 639-1",
        ),
        Column::maybe("year", Get::Int(|it| it.row.year), "of `release_date`"),
        Column::maybe(
            "release_date",
            Get::Day(|it| day(it.row.release_date.as_ref())),
            "`release_date`, a show's `first_air_date`",
        ),
        Column::maybe(
            "runtime_minutes",
            Get::Int(|it| it.row.runtime_minutes.and_then(int)),
            "minutes; `runtime`, a show's `episode_run_time`",
        ),
        Column::of("genres", Get::Texts(|it| &it.row.genres), "names of `genres`"),
        Column::maybe(
            "vote_average",
            Get::Real(|it| it.row.vote_average),
            "0 to 10; `vote_average`",
        ),
        Column::of("vote_count", Get::Long(|it| long(it.row.vote_count)), "votes; `vote_count`"),
        Column::of(
            "popularity",
            Get::Real(|it| Some(it.row.popularity)),
            "TMDB's measure; `popularity`",
        ),
        Column::maybe(
            "score",
            Get::Real(|it| it.score.as_ref().map(|score| score.value)),
            "0 to 100, of all ratings; Cinemirror's own",
        ),
        Column::maybe(
            "score_low",
            Get::Real(|it| it.score.as_ref().map(|score| score.low)),
            "0 to 100, where 95 % of such titles begin",
        ),
        Column::maybe(
            "score_high",
            Get::Real(|it| it.score.as_ref().map(|score| score.high)),
            "0 to 100, where they end",
        ),
        Column::of("adult", Get::Flag(|it| it.row.adult), "`adult`"),
        Column::maybe("tagline", Get::Text(|it| it.tagline.as_deref()), "`tagline`"),
        Column::maybe("overview", Get::Text(|it| it.overview.as_deref()), "`overview`"),
        Column::maybe(
            "status",
            Get::Text(|it| it.status.as_deref()),
            "`status`: Released, Ended …",
        ),
        Column::maybe(
            "certification",
            Get::Text(|it| it.certification.as_deref()),
            "of `release_dates` or `content_ratings`",
        ),
        Column::maybe(
            "poster_url",
            Get::Text(|it| it.images.poster_original.as_deref()),
            "address of `poster_path` in full size",
        ),
        Column::maybe(
            "backdrop_url",
            Get::Text(|it| it.images.backdrop.as_deref()),
            "address of `backdrop_path`, 1280 pixels wide",
        ),
        Column::maybe(
            "trailer_key",
            Get::Text(|it| it.trailer_key.as_deref()),
            "YouTube's; of `videos`",
        ),
        Column::of("keywords", Get::Texts(|it| &it.keywords), "names of `keywords`"),
        Column::of("companies", Get::Texts(|it| &it.companies), "names of `production_companies`"),
        Column::of(
            "countries",
            Get::Texts(|it| &it.countries),
            "ISO 3166-1; `production_countries`, `origin_country`",
        ),
        Column::maybe("budget", Get::Long(|it| it.budget), "US dollars; `budget`"),
        Column::maybe("revenue", Get::Long(|it| it.revenue), "US dollars; `revenue`"),
        Column::maybe(
            "collection",
            Get::Text(|it| it.collection.as_deref()),
            "name of `belongs_to_collection`; movies",
        ),
        Column::maybe(
            "seasons",
            Get::Int(|it| it.seasons.and_then(int)),
            "`number_of_seasons`; shows",
        ),
        Column::maybe(
            "episodes",
            Get::Int(|it| it.episodes.and_then(int)),
            "`number_of_episodes`; shows",
        ),
        Column::maybe(
            "last_air_date",
            Get::Day(|it| day(it.last_air_date.as_ref())),
            "`last_air_date`; shows",
        ),
        Column::maybe(
            "next_air_date",
            Get::Day(|it| day(it.next_air_date.as_ref())),
            "of `next_episode_to_air`; shows",
        ),
        Column::of("networks", Get::Texts(|it| &it.networks), "names of `networks`; shows"),
        Column::of("created_by", Get::Texts(|it| &it.created_by), "names of `created_by`; shows"),
        Column::of(
            "fetched_at",
            Get::Instant(|it| it.row.last_refreshed_at),
            "UTC, when TMDB was asked; the terms' 180 days count from here",
        ),
    ];
}
