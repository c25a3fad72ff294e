//! What a title is found by: its facets, packed into a blob.

use std::collections::BTreeMap;

use domain::StoreError;
use domain::facets::{Offered, Released, Traits, Way};
use jiff::civil::Date;
use prost::Message;
use records::proto;

use super::parts::known;

/// As it is stored: fields may be added, and keep their numbers.
#[derive(Clone, PartialEq, Message)]
struct Packed {
    #[prost(bool, tag = "1")]
    video: bool,
    #[prost(bool, tag = "2")]
    theatrical: bool,
    #[prost(uint64, tag = "3")]
    revenue: u64,
    #[prost(uint32, optional, tag = "4")]
    status: Option<u32>,
    #[prost(uint32, optional, tag = "5")]
    sort: Option<u32>,
    #[prost(uint32, repeated, tag = "6")]
    genres: Vec<u32>,
    #[prost(uint32, repeated, tag = "7")]
    keywords: Vec<u32>,
    #[prost(uint32, repeated, tag = "8")]
    companies: Vec<u32>,
    #[prost(uint32, repeated, tag = "9")]
    networks: Vec<u32>,
    #[prost(uint32, repeated, tag = "10")]
    cast: Vec<u32>,
    #[prost(uint32, repeated, tag = "11")]
    crew: Vec<u32>,
    #[prost(string, repeated, tag = "12")]
    countries: Vec<String>,
    #[prost(message, repeated, tag = "13")]
    releases: Vec<PackedRelease>,
    #[prost(message, repeated, tag = "14")]
    offers: Vec<PackedOffers>,
    #[prost(sint32, repeated, tag = "15")]
    air_days: Vec<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct PackedRelease {
    #[prost(string, tag = "1")]
    country: String,
    #[prost(uint32, tag = "2")]
    sort: u32,
    #[prost(sint32, optional, tag = "3")]
    day: Option<i32>,
    #[prost(string, tag = "4")]
    certification: String,
}

/// All of a country.
#[derive(Clone, PartialEq, Message)]
struct PackedOffers {
    #[prost(string, tag = "1")]
    country: String,
    #[prost(uint32, repeated, tag = "2")]
    providers: Vec<u32>,
    /// One for each of them.
    #[prost(bytes = "vec", tag = "3")]
    ways: Vec<u8>,
}

pub(crate) fn pack(traits: &Traits) -> Vec<u8> {
    let mut offers: Vec<PackedOffers> = vec![];
    for offer in &traits.offers {
        if offers.last().is_none_or(|last| last.country != offer.country) {
            offers.push(PackedOffers { country: offer.country.clone(), ..Default::default() });
        }
        if let Some(last) = offers.last_mut() {
            last.providers.push(offer.provider);
            last.ways.push(offer.ways);
        }
    }
    let releases = traits.releases.iter().map(|release| PackedRelease {
        country: release.country.clone(),
        sort: release.sort.into(),
        day: release.day,
        certification: release.certification.clone(),
    });
    let packed = Packed {
        video: traits.video,
        theatrical: traits.theatrical,
        revenue: traits.revenue,
        status: traits.status.map(Into::into),
        sort: traits.sort.map(Into::into),
        genres: traits.genres.clone(),
        keywords: traits.keywords.clone(),
        companies: traits.companies.clone(),
        networks: traits.networks.clone(),
        cast: traits.cast.clone(),
        crew: traits.crew.clone(),
        countries: traits.countries.clone(),
        releases: releases.collect(),
        offers,
        air_days: traits.air_days.clone(),
    };
    packed.encode_to_vec()
}

pub(crate) fn unpack(blob: &[u8]) -> Result<Traits, StoreError> {
    let packed = Packed::decode(blob).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let releases = packed.releases.into_iter().map(|release| Released {
        country: release.country,
        sort: small(release.sort),
        day: release.day,
        certification: release.certification,
    });
    let offers = packed.offers.into_iter().flat_map(|of_country| {
        let PackedOffers { country, providers, ways } = of_country;
        let offers = providers.into_iter().zip(ways);
        offers.map(move |(provider, ways)| Offered { country: country.clone(), provider, ways })
    });
    Ok(Traits {
        video: packed.video,
        theatrical: packed.theatrical,
        revenue: packed.revenue,
        status: packed.status.map(small),
        sort: packed.sort.map(small),
        genres: packed.genres,
        keywords: packed.keywords,
        companies: packed.companies,
        networks: packed.networks,
        cast: packed.cast,
        crew: packed.crew,
        countries: packed.countries,
        releases: releases.collect(),
        offers: offers.collect(),
        air_days: packed.air_days,
    })
}

pub(super) fn of_movie(movie: &proto::Movie) -> Traits {
    let credits = movie.credits.as_ref().or(movie.casts.as_ref());
    Traits {
        video: movie.video.unwrap_or(false),
        revenue: known(movie.revenue).and_then(|sum| u64::try_from(sum).ok()).unwrap_or_default(),
        genres: ids(movie.genres.iter().map(|one| one.id)),
        keywords: keywords(movie.keywords.as_ref()),
        companies: ids(movie.production_companies.iter().map(|one| one.id)),
        cast: ids(credits.iter().flat_map(|all| &all.cast).map(|one| one.id)),
        crew: ids(credits.iter().flat_map(|all| &all.crew).map(|one| one.id)),
        countries: movie.origin_country.clone(),
        releases: releases(movie),
        offers: offers(movie.watch_providers.as_ref()),
        ..Traits::default()
    }
}

pub(super) fn of_show(show: &proto::Tv) -> Traits {
    let credits = show.credits.as_ref();
    let all = show.aggregate_credits.as_ref();
    let screened = show.screened_theatrically.as_ref();
    let (cast, crew) = (
        all.iter().flat_map(|all| &all.cast).map(|one| one.id),
        all.iter().flat_map(|all| &all.crew).map(|one| one.id),
    );
    Traits {
        theatrical: screened.is_some_and(|all| !all.results.is_empty()),
        status: place(&STATUSES, show.status.as_deref()),
        sort: place(&SORTS, show.r#type.as_deref()),
        genres: ids(show.genres.iter().map(|one| one.id)),
        keywords: keywords(show.keywords.as_ref()),
        companies: ids(show.production_companies.iter().map(|one| one.id)),
        networks: ids(show.networks.iter().map(|one| one.id)),
        cast: ids(cast.chain(credits.iter().flat_map(|all| &all.cast).map(|one| one.id))),
        crew: ids(crew.chain(credits.iter().flat_map(|all| &all.crew).map(|one| one.id))),
        countries: show.origin_country.clone(),
        offers: offers(show.watch_providers.as_ref()),
        air_days: air_days(show),
        ..Traits::default()
    }
}

/// In the order of TMDB's numbers for filters.
const STATUSES: [&str; 6] =
    ["Returning Series", "Planned", "In Production", "Ended", "Canceled", "Pilot"];
const SORTS: [&str; 7] =
    ["Documentary", "News", "Miniseries", "Reality", "Scripted", "Talk Show", "Video"];

fn place(names: &[&str], name: Option<&str>) -> Option<u8> {
    let place = names.iter().position(|known| Some(*known) == name)?;
    u8::try_from(place).ok()
}

/// Ascending, each once.
fn ids(ids: impl Iterator<Item = Option<u64>>) -> Vec<u32> {
    let mut ids: Vec<u32> = ids.flatten().filter_map(|id| u32::try_from(id).ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn keywords(keywords: Option<&proto::Keywords>) -> Vec<u32> {
    let all = keywords.into_iter().flat_map(|all| all.keywords.iter().chain(&all.results));
    ids(all.map(|keyword| keyword.id))
}

fn releases(movie: &proto::Movie) -> Vec<Released> {
    let countries = movie.release_dates.iter().flat_map(|all| &all.results);
    let releases = countries.flat_map(|of_country| {
        let country = of_country.iso_3166_1.clone().unwrap_or_default();
        of_country.release_dates.iter().map(move |release| Released {
            country: country.clone(),
            sort: release.r#type.and_then(|sort| u8::try_from(sort).ok()).unwrap_or_default(),
            day: day(proto::day(release.release_date).as_deref()),
            certification: release.certification.clone().unwrap_or_default(),
        })
    });
    releases.collect()
}

/// By country, then by provider.
fn offers(offers: Option<&proto::WatchProviders>) -> Vec<Offered> {
    let mut found: BTreeMap<(&str, u32), u8> = BTreeMap::new();
    for (country, offers) in offers.iter().flat_map(|offers| &offers.results) {
        let ways = [
            (Way::Flatrate, &offers.flatrate),
            (Way::Free, &offers.free),
            (Way::Ads, &offers.ads),
            (Way::Rent, &offers.rent),
            (Way::Buy, &offers.buy),
        ];
        for (way, offers) in ways {
            for provider in offers.iter().filter_map(|offer| offer.provider_id) {
                let Ok(provider) = u32::try_from(provider) else { continue };
                *found.entry((country, provider)).or_default() |= way.bit();
            }
        }
    }
    let offers = found.into_iter().map(|((country, provider), ways)| Offered {
        country: country.to_owned(),
        provider,
        ways,
    });
    offers.collect()
}

fn air_days(show: &proto::Tv) -> Vec<i32> {
    let episodes = [show.last_episode_to_air.as_ref(), show.next_episode_to_air.as_ref()];
    let episodes = episodes.into_iter().flatten().map(|episode| episode.air_date);
    let seasons = show.seasons.iter().map(|season| season.air_date);
    let dates = [show.first_air_date, show.last_air_date].into_iter().chain(episodes);
    let days = dates.chain(seasons).filter_map(|date| day(proto::date(date).as_deref()));
    let mut days: Vec<i32> = days.collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Days since 1970 of `YYYY-MM-DD`.
pub(crate) fn day(date: Option<&str>) -> Option<i32> {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    let date: Date = date?.parse().ok()?;
    Some(EPOCH.until(date).ok()?.get_days())
}
