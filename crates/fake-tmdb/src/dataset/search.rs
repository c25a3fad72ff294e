//! Searches: names that contain what is searched for.

use domain::Kind;

use super::page::Row;
use super::titles::{Title, Titles};
use crate::universe::Query;

/// What a search of a kind (or of `multi`) finds, the best first.
pub(super) fn find<'t>(titles: &'t Titles, kind: &str, query: &Query) -> Option<Vec<Row<'t>>> {
    let wanted = query.get("query").map(|text| text.trim().to_lowercase()).unwrap_or_default();
    let mut found: Vec<(u8, f64, Row<'t>)> = Vec::new();
    let mut add = |names: [&str; 2], popularity: f64, row: Row<'t>| {
        if let Some(rank) = names.iter().filter_map(|name| rank(name, &wanted)).min() {
            found.push((rank, popularity, row));
        }
    };
    for title_kind in [Kind::Movie, Kind::Tv] {
        if kind == title_kind.as_str() || kind == "multi" {
            let fitting =
                titles.of(title_kind).into_iter().filter(|title| is_of_year(title, query));
            for title in fitting {
                let names = [&*title.name, &*title.original_name];
                add(names, title.popularity, Row::Title(title_kind, title));
            }
        }
    }
    if matches!(kind, "person" | "multi") {
        for (id, person) in &titles.people {
            add([&person.name, ""], person.popularity, Row::Person(*id));
        }
    }
    let named = match kind {
        "keyword" => Some((Kind::Keyword, &titles.keywords)),
        "company" => Some((Kind::Company, &titles.companies)),
        "movie" | "tv" | "person" | "multi" | "collection" => None,
        _ => return None,
    };
    for (kind, (id, name)) in
        named.iter().flat_map(|(kind, all)| all.iter().map(move |one| (kind, one)))
    {
        add([name, ""], 0.0, Row::Named(*kind, *id, name));
    }
    found.sort_by(|(a, a_popularity, _), (b, b_popularity, _)| {
        a.cmp(b).then(b_popularity.total_cmp(a_popularity))
    });
    Some(found.into_iter().map(|(_, _, row)| row).collect())
}

/// How well a name fits what is searched for; less is better.
fn rank(name: &str, wanted: &str) -> Option<u8> {
    if wanted.is_empty() {
        return None;
    }
    let name = name.to_lowercase();
    match name.find(wanted)? {
        0 if name.len() == wanted.len() => Some(0),
        0 => Some(1),
        _ => Some(2),
    }
}

/// The years of a search are exact.
fn is_of_year(title: &Title, query: &Query) -> bool {
    let names = ["year", "primary_release_year", "first_air_date_year"];
    let mut years =
        names.iter().filter_map(|name| query.get(*name)).filter(|year| !year.is_empty());
    years.all(|year| title.date.get(..4) == Some(year.as_str()))
}
