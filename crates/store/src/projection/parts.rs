//! What movies and shows have in common.

use bytes::Bytes;
use domain::catalogue::{CastMember, CountryProviders, CrewMember, Rating, SimilarWork, Trailer};
use domain::{Kind, Timestamp};
use records::proto;

use super::text::{all_said, said};

pub(super) fn path(packed: Option<&Bytes>) -> Option<String> {
    said(proto::path(packed))
}

pub(super) fn number<T: TryFrom<u64>>(number: Option<u64>) -> Option<T> {
    number.and_then(|number| T::try_from(number).ok())
}

/// Zero stands for unknown in runtimes and sums of money.
pub(super) fn known<T: Default + PartialEq>(number: Option<T>) -> Option<T> {
    number.filter(|number| *number != T::default())
}

/// A number that is one: no row holds NaN.
pub(super) fn decimal(packed: Option<u64>) -> Option<f64> {
    proto::decimal(packed).filter(|number| number.is_finite())
}

pub(super) fn rating(average: Option<f64>, votes: u64, seen_at: Timestamp) -> Vec<Rating> {
    let Some(value) = average.filter(|_| votes > 0) else { return vec![] };
    vec![Rating {
        source: "TMDB".to_owned(),
        value,
        scale: 10.0,
        value_0_100: value * 10.0,
        votes,
        last_seen_at: seen_at,
    }]
}

pub(super) fn genres(genres: &[proto::Genre]) -> Vec<String> {
    all_said(genres.iter().map(|genre| genre.name.clone()))
}

pub(super) fn companies(companies: &[proto::CompanyRef]) -> Vec<String> {
    all_said(companies.iter().map(|company| company.name.clone()))
}

/// Where it was produced, or else where it comes from.
pub(super) fn countries(production: &[proto::ProductionCountry], origin: &[String]) -> Vec<String> {
    let countries = all_said(production.iter().map(|country| country.iso_3166_1.clone()));
    if countries.is_empty() { origin.to_vec() } else { countries }
}

/// Movies have `keywords`, shows `results`.
pub(super) fn keywords(keywords: Option<&proto::Keywords>) -> Vec<String> {
    let named = keywords.into_iter().flat_map(|all| all.keywords.iter().chain(&all.results));
    all_said(named.map(|keyword| keyword.name.clone()))
}

pub(super) fn cast(credits: Option<&proto::Credits>) -> Vec<CastMember> {
    let cast = credits.map_or(&[][..], |credits| &credits.cast);
    let members = cast.iter().zip(0..).map(|(credit, place)| CastMember {
        person_id: credit.id.unwrap_or_default(),
        name: credit.name.clone().unwrap_or_default(),
        character: said(credit.character.clone()),
        order: number(credit.order).unwrap_or(place),
        profile_path: path(credit.profile_path.as_ref()),
        gender: number(credit.gender),
    });
    members.collect()
}

pub(super) fn crew(credits: Option<&proto::Credits>) -> Vec<CrewMember> {
    let crew = credits.map_or(&[][..], |credits| &credits.crew);
    let members = crew.iter().map(|credit| CrewMember {
        person_id: credit.id.unwrap_or_default(),
        name: credit.name.clone().unwrap_or_default(),
        job: credit.job.clone().unwrap_or_default(),
        department: said(credit.department.clone()),
        profile_path: path(credit.profile_path.as_ref()),
    });
    members.collect()
}

pub(super) fn trailers(videos: Option<&proto::Videos>) -> Vec<Trailer> {
    let videos = videos.map_or(&[][..], |videos| &videos.results);
    let trailers = videos.iter().filter_map(|video| {
        Some(Trailer {
            name: video.name.clone().unwrap_or_default(),
            site: said(video.site.clone())?,
            key: said(video.key.clone())?,
            kind: video.r#type.clone().unwrap_or_default(),
            official: video.official.unwrap_or(false),
            language: said(video.iso_639_1.clone()),
        })
    });
    trailers.collect()
}

/// YouTube's key of the best trailer: official ones first, then those in English or the title's
/// own language, then the newest, then TMDB's order.
pub(super) fn trailer_key(
    videos: Option<&proto::Videos>,
    own_language: Option<&str>,
) -> Option<String> {
    let videos = videos.map_or(&[][..], |videos| &videos.results);
    let is_understood = |language: Option<&str>| language == Some("en") || language == own_language;
    let trailers = videos.iter().filter(|video| {
        let is_trailer = video.r#type.as_deref() == Some("Trailer");
        is_trailer
            && video.site.as_deref() == Some("YouTube")
            && video.key.as_ref().is_some_and(|key| !key.is_empty())
    });
    // Of equals the last one is taken, hence the reversal.
    let best = trailers.rev().max_by_key(|video| {
        let official = video.official.unwrap_or(false);
        (official, is_understood(video.iso_639_1.as_deref()), proto::day(video.published_at))
    });
    best.and_then(|video| video.key.clone())
}

pub(super) fn providers(offers: Option<&proto::WatchProviders>) -> Vec<CountryProviders> {
    let names =
        |offers: &[proto::Offer]| all_said(offers.iter().map(|offer| offer.provider_name.clone()));
    let countries = offers.into_iter().flat_map(|offers| &offers.results);
    let providers = countries.map(|(country, offers)| CountryProviders {
        country: country.clone(),
        flatrate: names(&offers.flatrate),
        rent: names(&offers.rent),
        buy: names(&offers.buy),
        free: names(&offers.free),
        ads: names(&offers.ads),
    });
    providers.collect()
}

/// Picks the home region's rating, or else an origin country's, or else any.
pub(super) fn certification(ratings: &[(String, String)], origin: &[String]) -> Option<String> {
    let of = |country: &str| ratings.iter().find(|(own, _)| own == country);
    let preferred = of("US").or_else(|| origin.iter().find_map(|country| of(country)));
    preferred.or_else(|| ratings.first()).map(|(_, rating)| rating.clone())
}

/// A row of a list of similar titles: its kind as the list says it, id and title.
pub(super) struct Similar<'a> {
    pub(super) media_type: Option<&'a str>,
    pub(super) id: Option<u64>,
    pub(super) title: Option<&'a String>,
}

/// Ranks count from 1. Rows of no movie and no show are left out.
pub(super) fn similar<'a>(
    source: &str,
    own_kind: Kind,
    rows: impl Iterator<Item = Similar<'a>>,
) -> Vec<SimilarWork> {
    let titles = rows.filter_map(|row| {
        let kind = match row.media_type {
            None | Some("") => own_kind.as_str(),
            Some(kind @ ("movie" | "tv")) => kind,
            Some(_) => return None,
        };
        let id = row.id.filter(|id| (1..=domain::key::MAX_ID).contains(id))?;
        Some((kind, id, said(row.title.cloned())))
    });
    let ranked = (1..).zip(titles).map(|(rank, (kind, tmdb_id, title))| SimilarWork {
        kind: kind.to_owned(),
        tmdb_id,
        source: source.to_owned(),
        rank,
        title,
    });
    ranked.collect()
}
