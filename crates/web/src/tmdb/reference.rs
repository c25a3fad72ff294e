//! Reference data: genres, countries, providers and the like, in the language asked for.

use std::collections::HashMap;

use domain::{Key, Kind, Language as Code, Record, Reference};
use pipeline::demand::Found;
use serde_json::{Value, json};

use super::answer::Answer;
use super::demand;
use super::fault::Fault;
use super::language::Language;
use super::query::Query;
use crate::site::Site;

pub(super) async fn reference(
    site: &Site,
    reference: Reference,
    query: &Query,
) -> Result<Answer, Fault> {
    let language = query.get("language").map(str::parse::<Language>).transpose()?;
    let wanted = language.as_ref().and_then(code).filter(|_| reference.takes_language());
    let code = match wanted {
        Some(code) if !code.is_default() => {
            let all = demand::found(site, Key::reference(Reference::PrimaryTranslations)).await?;
            spoken(code, &value(&all.record)?)
        }
        _ => Code::ENGLISH,
    };
    let found = demand::found(site, Key::reference_in(reference, code)).await?;
    let region = query.get("watch_region").map(str::to_ascii_uppercase);
    let own_images = site.options().public_url.as_deref();
    match (reference, region, own_images) {
        (Reference::Configuration, _, Some(address)) => {
            edited(&found, |body| point_images(body, address))
        }
        (Reference::ProvidersMovie | Reference::ProvidersTv, Some(region), _) => {
            edited(&found, |body| keep_region(body, &region))
        }
        _ => {
            let json = records::to_json(&found.record);
            let json = json.map_err(|error| unreadable(found.record.key, &error))?;
            Ok(answer(&found, json))
        }
    }
}

/// What genres are called in a language, by their ids. Nothing is waited for: what is
/// not mirrored in a language is asked for, and until it comes English stands in.
pub(super) async fn genre_names(
    site: &Site,
    kind: Kind,
    language: &Language,
) -> Result<HashMap<u64, String>, Fault> {
    let reference = if kind == Kind::Movie { Reference::GenresMovie } else { Reference::GenresTv };
    let mut code = Code::ENGLISH;
    if let Some(wanted) = self::code(language).filter(|code| !code.is_default())
        && let Some(all) = at_hand(site, Key::reference(Reference::PrimaryTranslations)).await?
    {
        code = spoken(wanted, &value(&all)?);
    }
    let localized = at_hand(site, Key::reference_in(reference, code)).await?;
    let record = match localized {
        Some(record) => Some(record),
        None if code.is_default() => None,
        None => at_hand(site, Key::reference(reference)).await?,
    };
    let body = record.as_ref().map(value).transpose()?.unwrap_or_default();
    let genres = body["genres"].as_array().into_iter().flatten();
    let named = |genre: &Value| Some((genre["id"].as_u64()?, genre["name"].as_str()?.to_owned()));
    Ok(genres.filter_map(named).collect())
}

/// A record as it is held; one that is not is asked for and not waited for.
async fn at_hand(site: &Site, key: Key) -> Result<Option<Record>, Fault> {
    if let Some(found) = site.demand().held(key).await? {
        return Ok(Some(found.record));
    }
    if let Err(error) = site.demand().wish(key) {
        tracing::debug!(%error, %key, "{key} could not be asked for");
    }
    Ok(None)
}

fn code(language: &Language) -> Option<Code> {
    let code: Code = language.language.parse().ok()?;
    match &language.country {
        Some(country) => format!("{code}-{country}").parse().ok(),
        None => Some(code),
    }
}

/// The language as TMDB has words in it: as it is asked for, without its country, or else
/// English. So no client makes up languages to be collected.
fn spoken(wanted: Code, translations: &Value) -> Code {
    let texts = translations.as_array().into_iter().flatten().filter_map(Value::as_str);
    let known: Vec<Code> = texts.filter_map(|text| text.parse().ok()).collect();
    if known.contains(&wanted) {
        wanted
    } else if known.iter().any(|known| known.alone() == wanted.alone()) {
        wanted.alone()
    } else {
        Code::ENGLISH
    }
}

/// Where clients of this mirror find images.
fn point_images(body: &mut Value, address: &str) {
    let images = format!("{}/t/p/", address.trim_end_matches('/'));
    if body["images"].is_object() {
        body["images"]["base_url"] = json!(images);
        body["images"]["secure_base_url"] = json!(images);
    }
}

/// Leaves the providers of a region, with their places there.
fn keep_region(body: &mut Value, region: &str) {
    let Some(providers) = body["results"].as_array_mut() else { return };
    providers.retain(|provider| provider["display_priorities"][region].is_number());
    for provider in providers {
        provider["display_priority"] = provider["display_priorities"][region].clone();
    }
}

fn edited(found: &Found, edit: impl FnOnce(&mut Value)) -> Result<Answer, Fault> {
    let mut body = value(&found.record)?;
    edit(&mut body);
    Ok(answer(found, body.to_string()))
}

fn answer(found: &Found, body: String) -> Answer {
    Answer::new(body).standing(found.standing, found.record.fetched_at)
}

fn value(record: &Record) -> Result<Value, Fault> {
    records::to_value(record).map_err(|error| unreadable(record.key, &error))
}

fn unreadable(key: Key, error: &records::DecodeError) -> Fault {
    tracing::error!(%key, %error, "a record could not be read");
    Fault::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_taken_as_tmdb_has_it() {
        let known = json!(["en-US", "fr-FR", "pt-BR", "pt-PT", 7]);
        let taken = |text: &str| spoken(text.parse().unwrap(), &known).to_string();
        assert_eq!(taken("fr-FR"), "fr-FR");
        assert_eq!(taken("fr-XX"), "fr");
        assert_eq!(taken("pt"), "pt");
        assert_eq!(taken("xx-XX"), "en-US");
    }

    #[test]
    fn providers_are_those_of_the_region() {
        let mut body = json!({"results": [
            {"provider_id": 1, "display_priority": 9, "display_priorities": {"FR": 4, "US": 1}},
            {"provider_id": 2, "display_priority": 8, "display_priorities": {"US": 2}},
            {"provider_id": 3, "display_priority": 7},
        ]});
        keep_region(&mut body, "FR");
        let left = body["results"].as_array().unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!((&left[0]["provider_id"], &left[0]["display_priority"]), (&json!(1), &json!(4)));
    }

    #[test]
    fn images_are_pointed_at_the_mirror() {
        let mut body = json!({"images": {"base_url": "x", "poster_sizes": []}, "change_keys": []});
        point_images(&mut body, "https://mirror.example/");
        assert_eq!(body["images"]["base_url"], "https://mirror.example/t/p/");
        assert_eq!(body["images"]["secure_base_url"], "https://mirror.example/t/p/");
    }
}
