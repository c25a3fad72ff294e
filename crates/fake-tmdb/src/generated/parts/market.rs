//! Countries: releases, ratings, and where to watch.

use domain::Kind;
use jiff::civil::Date;

use crate::generated::hash::Dice;
use crate::generated::json::Json;
use crate::generated::title::{Title, date_piece};

/// ISO 3166-1 code, English name, a certification.
pub(in crate::generated) const COUNTRIES: [(&str, &str, &str); 60] = [
    ("US", "United States of America", "PG-13"),
    ("GB", "United Kingdom", "15"),
    ("FR", "France", "12"),
    ("DE", "Germany", "12"),
    ("JP", "Japan", "G"),
    ("CA", "Canada", "14A"),
    ("IT", "Italy", "T"),
    ("ES", "Spain", "12"),
    ("BR", "Brazil", "14"),
    ("IN", "India", "UA"),
    ("KR", "South Korea", "15"),
    ("CN", "China", ""),
    ("AU", "Australia", "M"),
    ("MX", "Mexico", "B"),
    ("RU", "Russia", "16+"),
    ("SE", "Sweden", "11"),
    ("NL", "Netherlands", "12"),
    ("PL", "Poland", ""),
    ("DK", "Denmark", "11"),
    ("NO", "Norway", "12"),
    ("FI", "Finland", "K-12"),
    ("BE", "Belgium", ""),
    ("AT", "Austria", "12"),
    ("CH", "Switzerland", "12"),
    ("PT", "Portugal", "M/12"),
    ("GR", "Greece", "K12"),
    ("TR", "Turkey", "13+"),
    ("CZ", "Czech Republic", ""),
    ("HU", "Hungary", "16"),
    ("RO", "Romania", ""),
    ("BG", "Bulgaria", "C"),
    ("UA", "Ukraine", "12"),
    ("IE", "Ireland", "12A"),
    ("AR", "Argentina", "13"),
    ("CL", "Chile", "14"),
    ("CO", "Colombia", "12"),
    ("PE", "Peru", ""),
    ("VE", "Venezuela", ""),
    ("EC", "Ecuador", ""),
    ("UY", "Uruguay", ""),
    ("ZA", "South Africa", "13"),
    ("NG", "Nigeria", ""),
    ("EG", "Egypt", ""),
    ("SA", "Saudi Arabia", "R15"),
    ("AE", "United Arab Emirates", "PG13"),
    ("IL", "Israel", ""),
    ("TH", "Thailand", "15"),
    ("SG", "Singapore", "PG13"),
    ("MY", "Malaysia", "13"),
    ("ID", "Indonesia", "13+"),
    ("PH", "Philippines", "PG"),
    ("VN", "Vietnam", "C16"),
    ("TW", "Taiwan", "12+"),
    ("HK", "Hong Kong", "IIA"),
    ("NZ", "New Zealand", "M"),
    ("IS", "Iceland", "12"),
    ("EE", "Estonia", ""),
    ("LV", "Latvia", ""),
    ("LT", "Lithuania", "N-13"),
    ("SK", "Slovakia", "12"),
];

/// Id and name of watch providers.
pub(in crate::generated) const PROVIDERS: [(u64, &str); 16] = [
    (8, "Netflix"),
    (9, "Amazon Prime Video"),
    (337, "Disney Plus"),
    (2, "Apple TV Store"),
    (3, "Google Play Movies"),
    (10, "Amazon Video"),
    (192, "YouTube"),
    (350, "Apple TV Plus"),
    (1899, "HBO Max"),
    (35, "Rakuten TV"),
    (68, "Microsoft Store"),
    (283, "Crunchyroll"),
    (11, "MUBI"),
    (538, "Plex"),
    (531, "Paramount Plus"),
    (300, "Pluto TV"),
];

fn country(at: u64) -> (&'static str, &'static str, &'static str) {
    COUNTRIES[usize::try_from(at).unwrap_or(0) % COUNTRIES.len()]
}

/// The countries a title came out in, its own first.
fn countries(title: &Title, times: f64, aspect: u64) -> Vec<(&'static str, &'static str)> {
    let mut dice = title.dice(aspect);
    let own = title.tongue.country;
    let count = title.amount(times, COUNTRIES.len() as u64, &mut dice);
    let others = (0..count).map(country).filter(|(code, ..)| *code != own);
    let rating = COUNTRIES.iter().find(|(code, ..)| *code == own).map_or("", |(.., rating)| rating);
    [(own, rating)].into_iter().chain(others.map(|(code, _, rating)| (code, rating))).collect()
}

pub(super) fn release_dates(title: &Title, json: &mut Json, start: Date) {
    let date = title.date.unwrap_or(start);
    let mut dice = title.dice(11);
    json.objects("results", countries(title, 0.9, 11), |json, (country, rating)| {
        let kind = if dice.chance(0.6) { 3 } else { dice.between(1, 6) };
        let rating = if dice.chance(0.46) { "" } else { rating };
        json.text("iso_3166_1", country);
        json.array("release_dates", |json| {
            json.object(|json| {
                json.text("certification", rating);
                json.array("descriptors", |_| {});
                json.text("iso_639_1", "");
                json.text("note", if dice.chance(0.2) { "Film Festival" } else { "" });
                json.built("release_date", |json| {
                    date_piece(json, date);
                    json.piece("T00:00:00.000Z");
                });
                json.int("type", kind);
            });
        });
    });
}

/// The older form of the release dates.
pub(super) fn releases(title: &Title, json: &mut Json, start: Date) {
    let date = title.date.unwrap_or(start);
    json.objects(
        "countries",
        countries(title, 0.9, 11).into_iter().enumerate(),
        |json, (at, (country, rating))| {
            json.text("certification", rating);
            json.array("descriptors", |_| {});
            json.text("iso_3166_1", country);
            json.bool("primary", at == 0);
            json.built("release_date", |json| date_piece(json, date));
        },
    );
}

pub(super) fn content_ratings(title: &Title, json: &mut Json) {
    json.objects("results", countries(title, 0.5, 12), |json, (country, rating)| {
        json.array("descriptors", |_| {});
        json.text("iso_3166_1", country);
        json.text("rating", rating);
    });
}

pub(super) fn providers(title: &Title, json: &mut Json) {
    let mut dice = title.dice(13);
    let is_offered = title.weight > 2.5 || dice.chance(0.4);
    let count = if is_offered { title.amount(1.5, COUNTRIES.len() as u64, &mut dice) } else { 0 };
    let edits = title.edits.providers;
    let count = count.max(u64::from(edits > 0));
    let link = if title.kind == Kind::Movie { "movie" } else { "tv" };
    json.member("results", |json| {
        for at in 0..count {
            let (code, ..) = country(at);
            json.member(code, |json| {
                json.built("link", |json| {
                    json.piece("https://www.themoviedb.org/");
                    json.piece(link);
                    json.piece("/");
                    json.piece_int(title.id, 1);
                    json.piece("/watch?locale=");
                    json.piece(code);
                });
                offers(title, at, json, &mut dice);
            });
        }
    });
}

/// What can be streamed, rented or bought in a country; any of it may be missing.
fn offers(title: &Title, country: u64, json: &mut Json, dice: &mut Dice) {
    let edits = if country == 0 { title.edits.providers } else { 0 };
    for (at, offer) in ["flatrate", "rent", "buy"].into_iter().enumerate() {
        let edits = if at == 0 { edits } else { 0 };
        let count = dice.below(5).max(u64::from(edits > 0));
        offered(json, offer, count, (title.hash ^ country).wrapping_add(edits));
    }
    if country.is_multiple_of(8) {
        for offer in ["ads", "free"] {
            offered(json, offer, dice.below(2), title.hash ^ country);
        }
    }
}

fn offered(json: &mut Json, offer: &str, count: u64, hash: u64) {
    if count == 0 {
        return;
    }
    json.objects(offer, 0..count, |json, at| {
        let (id, name) = PROVIDERS[usize::try_from((hash ^ at) % 16).unwrap_or(0)];
        json.path("logo_path", id, ".jpg");
        json.int("provider_id", id);
        json.text("provider_name", name);
        json.int("display_priority", at);
    });
}
