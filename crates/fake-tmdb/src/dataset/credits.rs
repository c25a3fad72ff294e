//! Who worked on what: a title's credits, and a person's.

use std::collections::BTreeMap;

use domain::Kind;
use serde::Serialize;
use serde_json::{Value, json};

use super::drift::Day;
use super::rows::{PersonRow, TitleRow, person_row, title_row};
use super::titles::{Cast, Crew, Title, Titles};

#[derive(Serialize)]
pub(super) struct Credits<C, W> {
    cast: Vec<C>,
    crew: Vec<W>,
    id: u64,
}

#[derive(Serialize)]
pub(super) struct CastMember<'t> {
    #[serde(flatten)]
    person: PersonRow<'t>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cast_id: Option<u32>,
    character: &'t str,
    credit_id: &'t str,
    order: u32,
}

#[derive(Serialize)]
pub(super) struct CrewMember<'t> {
    #[serde(flatten)]
    person: PersonRow<'t>,
    credit_id: &'t str,
    department: &'t str,
    job: &'t str,
}

/// The cast and the crew of a title.
pub(super) fn of_title<'t>(
    titles: &'t Titles,
    kind: Kind,
    title: &'t Title,
    day: Day,
) -> Credits<CastMember<'t>, CrewMember<'t>> {
    let row = |id: u64| Some(person_row(id, titles.people.get(&id)?, day));
    let cast = title.cast.iter().filter_map(|cast| {
        Some(CastMember {
            person: row(cast.person)?,
            cast_id: (kind == Kind::Movie).then_some(cast.number),
            character: &cast.character,
            credit_id: &cast.credit_id,
            order: cast.order,
        })
    });
    let crew = title.crew.iter().filter_map(|crew| {
        Some(CrewMember {
            person: row(crew.person)?,
            credit_id: &crew.credit_id,
            department: &crew.department,
            job: &crew.job,
        })
    });
    Credits { cast: cast.collect(), crew: crew.collect(), id: title.id }
}

#[derive(Serialize)]
pub(super) struct Aggregate<'t> {
    #[serde(flatten)]
    person: PersonRow<'t>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<u32>,
    total_episode_count: u32,
}

/// The cast and the crew of a show, each person once with all roles or jobs.
pub(super) fn aggregate<'t>(
    titles: &'t Titles,
    title: &'t Title,
    day: Day,
) -> Credits<Aggregate<'t>, Aggregate<'t>> {
    let mut roles: BTreeMap<u64, Vec<&Cast>> = BTreeMap::new();
    for cast in &title.cast {
        roles.entry(cast.person).or_default().push(cast);
    }
    let mut jobs: BTreeMap<(u64, &str), Vec<&Crew>> = BTreeMap::new();
    for crew in &title.crew {
        jobs.entry((crew.person, &crew.department)).or_default().push(crew);
    }
    let cast = roles.into_iter().filter_map(|(id, roles)| {
        let role = |c: &&Cast| json!({"character": c.character, "credit_id": c.credit_id, "episode_count": c.episodes});
        Some(Aggregate {
            person: person_row(id, titles.people.get(&id)?, day),
            department: None,
            jobs: None,
            order: roles.iter().map(|cast| cast.order).min(),
            total_episode_count: roles.iter().map(|cast| cast.episodes).sum(),
            roles: Some(roles.iter().map(role).collect()),
        })
    });
    let crew = jobs.into_iter().filter_map(|((id, department), jobs)| {
        let job = |c: &&Crew| json!({"credit_id": c.credit_id, "episode_count": c.episodes, "job": *c.job});
        Some(Aggregate {
            person: person_row(id, titles.people.get(&id)?, day),
            department: Some(department),
            roles: None,
            order: None,
            total_episode_count: jobs.iter().map(|crew| crew.episodes).sum(),
            jobs: Some(jobs.iter().map(job).collect()),
        })
    });
    let mut cast: Vec<Aggregate<'_>> = cast.collect();
    cast.sort_by_key(|member| member.order);
    Credits { cast, crew: crew.collect(), id: title.id }
}

#[derive(Serialize)]
pub(super) struct Role<'t> {
    #[serde(flatten)]
    title: TitleRow<'t>,
    character: &'t str,
    credit_id: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    episode_count: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct Task<'t> {
    #[serde(flatten)]
    title: TitleRow<'t>,
    credit_id: &'t str,
    department: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    episode_count: Option<u32>,
    #[serde(rename = "job")]
    name: &'t str,
}

/// What a person did: on movies, shows or both; `media_type` where both are asked for.
pub(super) fn of_person<'t>(
    titles: &'t Titles,
    id: u64,
    kinds: &[Kind],
    day: Day,
) -> Option<Credits<Role<'t>, Task<'t>>> {
    let person = titles.people.get(&id)?;
    let mut credits = Credits { cast: vec![], crew: vec![], id };
    for &kind in kinds {
        let is_movie = kind == Kind::Movie;
        let media_type = (kinds.len() > 1).then_some(kind.as_str());
        let row = |title| title_row(kind, title, day).of_type(media_type);
        let own = if is_movie { &person.movies } else { &person.shows };
        for title in own.iter().filter_map(|title| titles.title(kind, *title)) {
            let roles = title.cast.iter().filter(|cast| cast.person == id);
            credits.cast.extend(roles.map(|cast| Role {
                title: row(title),
                character: &cast.character,
                credit_id: &cast.credit_id,
                order: is_movie.then_some(cast.order),
                episode_count: (!is_movie).then_some(cast.episodes),
            }));
            let jobs = title.crew.iter().filter(|crew| crew.person == id);
            credits.crew.extend(jobs.map(|crew| Task {
                title: row(title),
                credit_id: &crew.credit_id,
                department: &crew.department,
                episode_count: (!is_movie).then_some(crew.episodes),
                name: &crew.job,
            }));
        }
    }
    Some(credits)
}
