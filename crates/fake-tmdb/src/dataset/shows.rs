//! Reads shows with the bodies of their seasons, one show a line.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::files;
use super::movies::date;
use super::titles::{Cast, Crew, Network, Person, Season, Show, Title, Titles};

/// Reads a file of shows; lines that make no sense or are known already are left out.
pub(super) fn read(path: &Path, titles: &mut Titles) -> io::Result<()> {
    let mut lines = files::open(path)?;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if let Ok(show) = serde_json::from_slice::<ShowLine<'_>>(&line) {
            add_show(show, titles);
        }
        line.clear();
    }
    Ok(())
}

fn add_show(line: ShowLine<'_>, titles: &mut Titles) {
    let id = line.id;
    let is_id = (1..=domain::key::MAX_ID).contains(&id);
    if !is_id || titles.shows.contains_key(&id) {
        return;
    }
    let text = |text: Option<String>| text.unwrap_or_default();
    let name = text(line.name);
    let mut show = Show {
        imdb_id: line.imdb_id.filter(|id| !id.is_empty()).map(Into::into),
        last_air_date: date(&text(line.last_air_date)).into(),
        status: text(line.status).into(),
        form: line.form.unwrap_or_else(|| "Scripted".to_owned()).into(),
        title: Title {
            id,
            original_name: line.original_name.unwrap_or_else(|| name.clone()).into(),
            name: name.into(),
            language: text(line.original_language).into(),
            overview: text(line.overview).into(),
            date: date(&text(line.first_air_date)).into(),
            popularity: line.popularity.unwrap_or(0.0),
            vote_average: line.vote_average.unwrap_or(0.0),
            vote_count: line.vote_count.unwrap_or(0),
            poster: line.poster_path.map(Into::into),
            backdrop: line.backdrop_path.map(Into::into),
            ..Title::default()
        },
        ..Show::default()
    };
    let mut company = Company::default();
    for body in line.seasons.unwrap_or_default() {
        if let Ok(season) = serde_json::from_str::<SeasonLine<'_>>(body.get()) {
            add_season(season, body.get(), &mut show, &mut company, titles);
        }
    }
    company.dismiss(&mut show);
    titles.shows.insert(id, show);
}

fn add_season(
    season: SeasonLine<'_>,
    body: &str,
    show: &mut Show,
    company: &mut Company,
    titles: &mut Titles,
) {
    let episodes = season.episodes.unwrap_or_default();
    let mut last: Option<(String, &RawValue)> = None;
    for raw in &episodes {
        let Ok(episode) = serde_json::from_str::<EpisodeLine>(raw.get()) else { continue };
        for guest in episode.guest_stars.unwrap_or_default() {
            company.add_guest(guest, titles);
        }
        for member in episode.crew.unwrap_or_default() {
            company.add_crew(member, titles);
        }
        let aired = episode.air_date.unwrap_or_default();
        if season.season_number > 0 && last.as_ref().is_none_or(|(before, _)| *before <= aired) {
            last = Some((aired, raw));
        }
    }
    if let Some((_, raw)) = last.filter(|(aired, _)| !aired.is_empty()) {
        show.last_episode = without_people(raw);
    }
    for network in season.networks.unwrap_or_default() {
        let Some(id) = network.id else { continue };
        if !show.networks.contains(&id) {
            show.networks.push(id);
        }
        titles.networks.entry(id).or_insert_with(|| Network {
            name: network.name.unwrap_or_default().into(),
            logo: network.logo_path.map(Into::into),
            country: network.origin_country.unwrap_or_default().into(),
        });
    }
    let kept = Season {
        id: season.id.unwrap_or(0),
        name: season.name.unwrap_or_default().into(),
        overview: season.overview.unwrap_or_default().into(),
        air_date: season.air_date.map(Into::into),
        poster: season.poster_path.map(Into::into),
        vote_average: season.vote_average.unwrap_or(0.0),
        episode_count: episodes.len(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    show.seasons.entry(season.season_number).or_insert(kept);
}

fn without_people(episode: &RawValue) -> Option<Box<str>> {
    let mut episode: serde_json::Map<String, Value> = serde_json::from_str(episode.get()).ok()?;
    episode.remove("crew");
    episode.remove("guest_stars");
    Some(Value::Object(episode).to_string().into())
}

/// The people of a show, each role and job once, with the number of episodes.
#[derive(Default)]
struct Company {
    cast: Vec<Cast>,
    crew: Vec<Crew>,
    cast_at: HashMap<(u64, String), usize>,
    crew_at: HashMap<(u64, String), usize>,
}

impl Company {
    fn add_guest(&mut self, guest: Member, titles: &mut Titles) {
        let Some(person) = add_person(&guest, titles) else { return };
        let character = guest.character.unwrap_or_default();
        let at = *self.cast_at.entry((person, character.clone())).or_insert(self.cast.len());
        if at == self.cast.len() {
            let credit_id = guest.credit_id.unwrap_or_default().into();
            let character = character.into();
            self.cast.push(Cast { person, character, credit_id, order: 0, number: 0, episodes: 0 });
        }
        self.cast[at].episodes += 1;
    }

    fn add_crew(&mut self, member: Member, titles: &mut Titles) {
        let Some(person) = add_person(&member, titles) else { return };
        let job = member.job.unwrap_or_else(|| "Additional Crew".to_owned());
        let at = *self.crew_at.entry((person, job.clone())).or_insert(self.crew.len());
        if at == self.crew.len() {
            let (department, job) =
                titles.job(member.department.as_deref().unwrap_or("Crew"), &job);
            let credit_id = member.credit_id.unwrap_or_default().into();
            self.crew.push(Crew { person, department, job, credit_id, episodes: 0 });
        }
        self.crew[at].episodes += 1;
    }

    /// Those seen most often are billed first.
    fn dismiss(mut self, show: &mut Show) {
        self.cast.sort_by_key(|cast| std::cmp::Reverse(cast.episodes));
        self.crew.sort_by_key(|crew| std::cmp::Reverse(crew.episodes));
        for (order, cast) in (0..).zip(&mut self.cast) {
            cast.order = order;
        }
        show.title.cast = self.cast;
        show.title.crew = self.crew;
    }
}

fn add_person(member: &Member, titles: &mut Titles) -> Option<u64> {
    let id = member.id.filter(|id| (1..=domain::key::MAX_ID).contains(id))?;
    let person = titles.people.entry(id).or_insert_with(|| Person {
        name: member.name.clone().unwrap_or_default().into(),
        ..Person::default()
    });
    if person.original_name.is_none() {
        person.original_name = member.original_name.clone().map(Into::into);
        person.gender = member.gender.unwrap_or(person.gender);
        person.adult = member.adult.unwrap_or(false);
        person.popularity = member.popularity.unwrap_or(person.popularity);
        person.profile = member.profile_path.clone().map(Into::into);
        let department = member.known_for_department.as_deref().filter(|d| !d.is_empty());
        person.department = department.map(Into::into);
    }
    Some(id)
}

#[derive(Deserialize)]
struct ShowLine<'l> {
    #[serde(alias = "series_id")]
    id: u64,
    imdb_id: Option<String>,
    name: Option<String>,
    original_name: Option<String>,
    original_language: Option<String>,
    overview: Option<String>,
    first_air_date: Option<String>,
    last_air_date: Option<String>,
    status: Option<String>,
    popularity: Option<f64>,
    vote_average: Option<f64>,
    vote_count: Option<u64>,
    #[serde(rename = "type")]
    form: Option<String>,
    poster_path: Option<String>,
    backdrop_path: Option<String>,
    #[serde(borrow)]
    seasons: Option<Vec<&'l RawValue>>,
}

#[derive(Deserialize)]
struct SeasonLine<'l> {
    id: Option<u64>,
    season_number: u32,
    name: Option<String>,
    overview: Option<String>,
    air_date: Option<String>,
    poster_path: Option<String>,
    vote_average: Option<f64>,
    networks: Option<Vec<NetworkLine>>,
    #[serde(borrow)]
    episodes: Option<Vec<&'l RawValue>>,
}

#[derive(Deserialize)]
struct EpisodeLine {
    air_date: Option<String>,
    crew: Option<Vec<Member>>,
    guest_stars: Option<Vec<Member>>,
}

#[derive(Deserialize)]
struct NetworkLine {
    id: Option<u64>,
    name: Option<String>,
    logo_path: Option<String>,
    origin_country: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    id: Option<u64>,
    name: Option<String>,
    original_name: Option<String>,
    gender: Option<u8>,
    adult: Option<bool>,
    popularity: Option<f64>,
    profile_path: Option<String>,
    known_for_department: Option<String>,
    credit_id: Option<String>,
    character: Option<String>,
    department: Option<String>,
    job: Option<String>,
}
