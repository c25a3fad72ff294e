//! What a key is found by besides its facets: its names, and its ids at other places.

use domain::facets::ExternalSource;
use domain::{Key, Kind};
use records::proto;

/// An id at another place.
pub(crate) type External = (ExternalSource, String);

/// All names of a movie, a line each.
pub(super) fn of_movie(movie: &proto::Movie) -> String {
    let alternative = movie.alternative_titles.iter().flat_map(|all| &all.titles);
    let translated = translated(movie.translations.as_ref());
    let own = [&movie.title, &movie.original_title].into_iter().flatten();
    lines(own.chain(alternative.filter_map(|one| one.title.as_ref())).chain(translated))
}

pub(super) fn of_show(show: &proto::Tv) -> String {
    let alternative = show.alternative_titles.iter().flat_map(|all| &all.results);
    let translated = translated(show.translations.as_ref());
    let own = [&show.name, &show.original_name].into_iter().flatten();
    lines(own.chain(alternative.filter_map(|one| one.title.as_ref())).chain(translated))
}

fn translated(translations: Option<&proto::Translations>) -> impl Iterator<Item = &String> {
    let all = translations.into_iter().flat_map(|all| &all.translations);
    all.filter_map(|one| one.data.as_ref()).flat_map(|data| [&data.title, &data.name]).flatten()
}

/// Each once, in the order in which they come.
fn lines<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let mut known: Vec<&str> = vec![];
    for name in names.map(|name| name.trim()) {
        if !name.is_empty() && !known.contains(&name) {
            known.push(name);
        }
    }
    known.join("\n")
}

pub(super) fn external(
    ids: Option<&proto::ExternalIds>,
    imdb_id: Option<&String>,
) -> Vec<External> {
    let texts = ids.map(|ids| {
        [
            (ExternalSource::Wikidata, ids.wikidata_id.clone()),
            (ExternalSource::Facebook, ids.facebook_id.clone()),
            (ExternalSource::Instagram, ids.instagram_id.clone()),
            (ExternalSource::Twitter, ids.twitter_id.clone()),
            (ExternalSource::Tiktok, ids.tiktok_id.clone()),
            (ExternalSource::Youtube, ids.youtube_id.clone()),
            (ExternalSource::Tvdb, ids.tvdb_id.filter(|id| *id > 0).map(|id| id.to_string())),
        ]
    });
    let imdb_id = imdb_id.filter(|id| !id.is_empty()).cloned();
    let imdb_id = imdb_id.or_else(|| ids.and_then(|ids| ids.imdb_id.clone()));
    let all = texts.into_iter().flatten().chain([(ExternalSource::Imdb, imdb_id)]);
    let said = all.filter_map(|(source, id)| Some((source, id.filter(|id| !id.is_empty())?)));
    said.collect()
}

/// The number of a thing that can be found by its name.
pub(crate) fn thing_id(key: &Key) -> Option<i64> {
    let is_named =
        matches!(key.kind(), Kind::Collection | Kind::Company | Kind::Network | Kind::Keyword);
    let id = i64::try_from(key.id()).ok().filter(|_| is_named)?;
    id.checked_mul(16)?.checked_add(key.kind().number().into())
}
