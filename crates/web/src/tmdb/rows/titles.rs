//! Rows of movies, shows and what belongs to them.

use domain::Key;
use records::proto;
use serde_json::Value;

use super::{Row, date, fields, number, text};
use crate::tmdb::language::Language;

pub(super) fn movie(movie: &proto::Movie, language: &Language) -> Row {
    let said = Said::of(movie.translations.as_ref(), language);
    let original = movie.original_title.as_ref();
    let title = said.name().or(own_name(
        movie.title.as_ref(),
        original,
        movie.original_language.as_deref(),
        language,
    ));
    let mut row = fields([
        ("adult", movie.adult.unwrap_or(false).into()),
        ("backdrop_path", proto::path(movie.backdrop_path.as_ref()).into()),
        ("genre_ids", genre_ids(&movie.genres)),
        ("id", movie.id.into()),
        ("title", text(title)),
        ("original_language", text(movie.original_language.as_ref())),
        ("original_title", text(original)),
        ("overview", said.overview(movie.overview.as_ref(), language)),
        ("popularity", number(movie.popularity)),
        ("poster_path", poster(movie.poster_path.as_ref(), movie.images.as_ref(), language)),
        ("release_date", date(movie.release_date)),
        ("video", movie.video.unwrap_or(false).into()),
        ("vote_average", number(movie.vote_average)),
        ("vote_count", movie.vote_count.unwrap_or_default().into()),
    ]);
    softcore(&mut row, movie.softcore);
    row
}

pub(super) fn show(show: &proto::Tv, language: &Language) -> Row {
    let said = Said::of(show.translations.as_ref(), language);
    let original = show.original_name.as_ref();
    let name = said.name().or(own_name(
        show.name.as_ref(),
        original,
        show.original_language.as_deref(),
        language,
    ));
    let mut row = fields([
        ("adult", show.adult.unwrap_or(false).into()),
        ("backdrop_path", proto::path(show.backdrop_path.as_ref()).into()),
        ("genre_ids", genre_ids(&show.genres)),
        ("id", show.id.into()),
        ("origin_country", show.origin_country.clone().into()),
        ("original_language", text(show.original_language.as_ref())),
        ("original_name", text(original)),
        ("overview", said.overview(show.overview.as_ref(), language)),
        ("popularity", number(show.popularity)),
        ("poster_path", poster(show.poster_path.as_ref(), show.images.as_ref(), language)),
        ("first_air_date", date(show.first_air_date)),
        ("name", text(name)),
        ("vote_average", number(show.vote_average)),
        ("vote_count", show.vote_count.unwrap_or_default().into()),
    ]);
    softcore(&mut row, show.softcore);
    row
}

pub(super) fn collection(collection: &proto::Collection, language: &Language) -> Row {
    let said = Said::of(collection.translations.as_ref(), language);
    let original = collection.original_name.as_ref().or(collection.name.as_ref());
    fields([
        ("adult", false.into()),
        ("backdrop_path", proto::path(collection.backdrop_path.as_ref()).into()),
        ("id", collection.id.into()),
        ("name", text(said.name().or(collection.name.as_ref()))),
        ("original_language", text(collection.original_language.as_ref())),
        ("original_name", text(original)),
        ("overview", said.overview(collection.overview.as_ref(), language)),
        (
            "poster_path",
            poster(collection.poster_path.as_ref(), collection.images.as_ref(), language),
        ),
    ])
}

pub(super) fn season(key: Key, season: &proto::Season, language: &Language) -> Row {
    let said = Said::of(season.translations.as_ref(), language);
    fields([
        ("air_date", proto::date(season.air_date).into()),
        ("episode_count", season.episodes.len().into()),
        ("id", season.id.into()),
        ("name", text(said.name().or(season.name.as_ref()))),
        ("overview", said.overview(season.overview.as_ref(), language)),
        ("poster_path", proto::path(season.poster_path.as_ref()).into()),
        ("season_number", key.season_number().into()),
        ("show_id", key.id().into()),
        ("vote_average", number(season.vote_average)),
    ])
}

pub(super) fn episode(key: Key, episode: &proto::Episode, language: &Language) -> Row {
    let said = Said::of(episode.translations.as_ref(), language);
    fields([
        ("air_date", proto::date(episode.air_date).into()),
        ("episode_number", key.episode_number().into()),
        ("episode_type", text(episode.episode_type.as_ref())),
        ("id", episode.id.into()),
        ("name", text(said.name().or(episode.name.as_ref()))),
        ("overview", said.overview(episode.overview.as_ref(), language)),
        ("production_code", text(episode.production_code.as_ref())),
        ("runtime", episode.runtime.into()),
        ("season_number", key.season_number().into()),
        ("show_id", key.id().into()),
        ("still_path", proto::path(episode.still_path.as_ref()).into()),
        ("vote_average", number(episode.vote_average)),
        ("vote_count", episode.vote_count.unwrap_or_default().into()),
    ])
}

/// TMDB has it since 2026: only where the record has it.
fn softcore(row: &mut Row, softcore: Option<bool>) {
    if let Some(softcore) = softcore {
        row.insert("softcore".to_owned(), softcore.into());
    }
}

fn genre_ids(genres: &[proto::Genre]) -> Value {
    genres.iter().filter_map(|genre| genre.id).collect::<Vec<_>>().into()
}

/// A title in its own language is called what it is called there; a record's own name is
/// in English.
fn own_name<'a>(
    name: Option<&'a String>,
    original: Option<&'a String>,
    original_language: Option<&str>,
    language: &Language,
) -> Option<&'a String> {
    let is_own = language.language != "en" && original_language == Some(&*language.language);
    if is_own { original.or(name) } else { name.or(original) }
}

/// What translations say in a language.
struct Said<'a>(Option<&'a proto::TranslationData>);

impl<'a> Said<'a> {
    /// Of several countries the one that was asked for, else the first.
    fn of(translations: Option<&'a proto::Translations>, language: &Language) -> Self {
        let all = translations.map_or(&[][..], |all| &all.translations);
        let mut of_language =
            all.iter().filter(|one| one.iso_639_1.as_deref() == Some(&*language.language));
        let first = of_language.clone().next();
        let exact = language.country.as_deref();
        let exact = exact
            .and_then(|country| of_language.find(|one| one.iso_3166_1.as_deref() == Some(country)));
        Self(exact.or(first).and_then(|one| one.data.as_ref()))
    }

    fn name(&self) -> Option<&'a String> {
        let names = self.0.map(|data| [data.title.as_ref(), data.name.as_ref()]);
        names.into_iter().flatten().flatten().find(|name| !name.is_empty())
    }

    /// TMDB falls back to no other language; a record's own text is English.
    fn overview(&self, own: Option<&String>, language: &Language) -> Value {
        let said = self.0.and_then(|data| data.overview.as_ref()).filter(|said| !said.is_empty());
        text(said.or(own.filter(|_| language.language == "en")))
    }
}

/// The first poster in the language, as TMDB ranks them, else the record's own.
fn poster(
    own: Option<&bytes::Bytes>,
    images: Option<&proto::Images>,
    language: &Language,
) -> Value {
    let is_own = language.language == "en";
    let posters = images.map_or(&[][..], |images| &images.posters);
    let first = posters
        .iter()
        .find(|poster| !is_own && poster.iso_639_1.as_deref() == Some(&*language.language));
    let first = first.and_then(|poster| proto::path(poster.file_path.as_ref()));
    first.or_else(|| proto::path(own)).into()
}
