//! A person's row.

use domain::catalogue::{Person, PersonCredit};
use domain::{Kind, Record};
use records::proto;

use super::parts::{self, number, path};
use super::text::{self, all_said, said};

pub(super) fn project(person: &proto::Person, record: &Record) -> Person {
    let elsewhere = person.external_ids.as_ref().and_then(|ids| ids.imdb_id.clone());
    Person {
        tmdb_id: record.key.id(),
        imdb_id: said(person.imdb_id.clone()).or_else(|| said(elsewhere)),
        name: person.name.clone().unwrap_or_default(),
        also_known_as: all_said(person.also_known_as.iter().cloned().map(Some)),
        biography: said(person.biography.clone()),
        birthday: proto::date(person.birthday),
        deathday: proto::date(person.deathday),
        place_of_birth: said(person.place_of_birth.clone()),
        known_for_department: said(person.known_for_department.clone()),
        gender: number(person.gender),
        popularity: parts::decimal(person.popularity).unwrap_or_default(),
        profile_path: path(person.profile_path.as_ref()),
        adult: person.adult.unwrap_or(false),
        credits: credits(person),
        last_refreshed_at: record.fetched_at,
    }
}

fn credits(person: &proto::Person) -> Vec<PersonCredit> {
    if let Some(combined) = &person.combined_credits {
        return credits_of(combined, None).collect();
    }
    let movies = person.movie_credits.iter().flat_map(|all| credits_of(all, Some(Kind::Movie)));
    let shows = person.tv_credits.iter().flat_map(|all| credits_of(all, Some(Kind::Tv)));
    movies.chain(shows).collect()
}

/// `kind` for lists that hold one kind only; others name it in each row.
fn credits_of(
    credits: &proto::PersonCredits,
    kind: Option<Kind>,
) -> impl Iterator<Item = PersonCredit> {
    let cast = credits.cast.iter().map(|credit| (credit, credit.character.clone()));
    let crew = credits.crew.iter().map(|credit| (credit, credit.job.clone()));
    cast.chain(crew).filter_map(move |(credit, role)| {
        let kind = match (kind, credit.media_type.as_deref()) {
            (Some(kind), _) => kind.as_str(),
            (None, Some(kind @ ("movie" | "tv"))) => kind,
            (None, _) => return None,
        };
        let title = said(credit.title.clone()).or_else(|| said(credit.name.clone()));
        let date = proto::date(credit.release_date).or_else(|| proto::date(credit.first_air_date));
        Some(PersonCredit {
            kind: kind.to_owned(),
            tmdb_id: credit.id?,
            title: title.unwrap_or_default(),
            year: text::year(date.as_deref()),
            role: said(role),
            department: said(credit.department.clone()),
        })
    })
}
