//! Reads movies and their credits: tables with JSON in their cells.

use std::io;
use std::path::Path;

use csv::ByteRecord;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::files;
use super::titles::{Cast, Crew, Movie, Person, Title, Titles};

/// Reads a table of movies; rows that make no sense or are known already are left out.
pub(super) fn read(path: &Path, titles: &mut Titles) -> io::Result<()> {
    for_each_row(path, |row| {
        let Some(id) = row.id(&["id", "movie_id"]) else { return };
        if titles.movies.contains_key(&id) {
            return;
        }
        let name = row.text("title");
        let original_name = Some(row.text("original_title")).filter(|text| !text.is_empty());
        let mut movie = Movie {
            tagline: row.text("tagline").into(),
            homepage: row.text("homepage").into(),
            status: row.text("status").into(),
            budget: row.whole("budget").unwrap_or(0),
            runtime: row.whole("runtime"),
            spoken: row.list::<Spoken>("spoken_languages").into_iter().map(Spoken::pair).collect(),
            title: Title {
                id,
                original_name: original_name.unwrap_or(name.clone()).into(),
                name: name.into(),
                language: row.text("original_language").into(),
                overview: row.text("overview").into(),
                date: date(&row.text("release_date")).into(),
                popularity: row.number("popularity").unwrap_or(0.0),
                vote_average: row.number("vote_average").unwrap_or(0.0),
                vote_count: row.whole("vote_count").unwrap_or(0),
                revenue: row.whole("revenue").unwrap_or(0),
                ..Title::default()
            },
        };
        for Named { id, name } in row.list("genres") {
            movie.title.genres.push(id);
            titles.genres.entry(id).or_insert(name.into());
        }
        for Named { id, name } in row.list("keywords") {
            movie.title.keywords.push(id);
            titles.keywords.entry(id).or_insert(name.into());
        }
        for Named { id, name } in row.list("production_companies") {
            movie.title.companies.push(id);
            titles.companies.entry(id).or_insert(name.into());
        }
        let countries = row.list::<Country>("production_countries").into_iter();
        movie.title.countries = countries.map(|country| country.iso_3166_1.into()).collect();
        movie.title.keywords.sort_unstable();
        movie.title.keywords.dedup();
        titles.movies.insert(id, movie);
    })
}

/// Reads a table of credits. A movie that no other table has is known by its name at least.
pub(super) fn read_credits(path: &Path, titles: &mut Titles) -> io::Result<()> {
    for_each_row(path, |row| {
        let Some(id) = row.id(&["movie_id", "id"]) else { return };
        let known = titles.movies.get(&id).map(|movie| &movie.title);
        if known.is_some_and(|title| !title.cast.is_empty() || !title.crew.is_empty()) {
            return;
        }
        let cast: Vec<CastCell> = row.list("cast");
        let crew: Vec<CrewCell> = row.list("crew");
        for cell in &cast {
            add_person(titles, cell.id, cell.name.as_deref(), cell.gender);
        }
        for cell in &crew {
            add_person(titles, cell.id, cell.name.as_deref(), cell.gender);
        }
        let cast = cast.into_iter().map(CastCell::into_cast).collect();
        let crew = crew.into_iter().map(|cell| cell.into_crew(titles)).collect();
        let movie = titles.movies.entry(id).or_insert_with(|| nameless(id, &row.text("title")));
        movie.title.cast = cast;
        movie.title.crew = crew;
    })
}

fn nameless(id: u64, name: &str) -> Movie {
    let title = Title { id, name: name.into(), original_name: name.into(), ..Title::default() };
    Movie { title, status: "Released".into(), ..Movie::default() }
}

fn add_person(titles: &mut Titles, id: u64, name: Option<&str>, gender: Option<u8>) {
    let named = || Person { name: name.unwrap_or_default().into(), ..Person::default() };
    let person = titles.people.entry(id).or_insert_with(named);
    person.gender = person.gender.max(gender.unwrap_or(0));
}

/// A date as TMDB writes it; anything else is an unknown one.
pub(super) fn date(text: &str) -> &str {
    let is_date = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_date { text } else { "" }
}

#[derive(Deserialize)]
struct Named {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Country {
    iso_3166_1: String,
}

#[derive(Deserialize)]
struct Spoken {
    iso_639_1: String,
    #[serde(default)]
    name: String,
}

impl Spoken {
    fn pair(self) -> (Box<str>, Box<str>) {
        (self.iso_639_1.into(), self.name.into())
    }
}

#[derive(Deserialize)]
struct CastCell {
    id: u64,
    name: Option<String>,
    gender: Option<u8>,
    character: Option<String>,
    credit_id: Option<String>,
    cast_id: Option<u32>,
    order: Option<u32>,
}

impl CastCell {
    fn into_cast(self) -> Cast {
        Cast {
            person: self.id,
            character: self.character.unwrap_or_default().into(),
            credit_id: self.credit_id.unwrap_or_default().into(),
            order: self.order.unwrap_or(0),
            number: self.cast_id.unwrap_or(0),
            episodes: 0,
        }
    }
}

#[derive(Deserialize)]
struct CrewCell {
    id: u64,
    name: Option<String>,
    gender: Option<u8>,
    department: Option<String>,
    job: Option<String>,
    credit_id: Option<String>,
}

impl CrewCell {
    fn into_crew(self, titles: &mut Titles) -> Crew {
        let (department, job) = titles.job(
            self.department.as_deref().unwrap_or("Crew"),
            self.job.as_deref().unwrap_or("Additional Crew"),
        );
        let credit_id = self.credit_id.unwrap_or_default().into();
        Crew { person: self.id, department, job, credit_id, episodes: 0 }
    }
}

/// A row of a table, its cells by the names of their columns.
struct Row<'r> {
    header: &'r [String],
    cells: &'r ByteRecord,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &[u8] {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or_default()
    }

    fn text(&self, column: &str) -> String {
        String::from_utf8_lossy(self.cell(column)).trim().to_owned()
    }

    fn number(&self, column: &str) -> Option<f64> {
        let number: f64 = self.text(column).parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    }

    /// A whole number, written as one or as `162.0`.
    fn whole(&self, column: &str) -> Option<u64> {
        let text = self.text(column);
        let text = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
        text.parse().ok()
    }

    fn id(&self, columns: &[&str]) -> Option<u64> {
        let id = columns.iter().find_map(|column| self.whole(column));
        id.filter(|id| (1..=domain::key::MAX_ID).contains(id))
    }

    /// The elements of a JSON array; those that make no sense are left out.
    fn list<T: DeserializeOwned>(&self, column: &str) -> Vec<T> {
        let cell = self.cell(column);
        if let Ok(list) = serde_json::from_slice(cell) {
            return list;
        }
        let values: Vec<Value> = serde_json::from_slice(cell).unwrap_or_default();
        values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect()
    }
}

fn for_each_row(path: &Path, mut row: impl FnMut(&Row<'_>)) -> io::Result<()> {
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(files::open(path)?);
    let names = table.byte_headers()?.iter();
    let header: Vec<String> = names
        .map(|name| String::from_utf8_lossy(name).trim_matches(['\u{feff}', ' ']).to_lowercase())
        .collect();
    let mut cells = ByteRecord::new();
    while table.read_byte_record(&mut cells)? {
        row(&Row { header: &header, cells: &cells });
    }
    Ok(())
}
