//! What the data sets hold, compactly: movies, shows, people and their credits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use domain::Kind;

use super::reference::{all_genres, language_of};

/// What movies and shows have in common; lists, searches and filters need no more.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub(super) id: u64,
    pub(super) name: Box<str>,
    pub(super) original_name: Box<str>,
    pub(super) language: Box<str>,
    pub(super) overview: Box<str>,
    /// `YYYY-MM-DD`, or empty.
    pub(super) date: Box<str>,
    pub(super) popularity: f64,
    pub(super) vote_average: f64,
    pub(super) vote_count: u64,
    pub(super) revenue: u64,
    pub(super) genres: Vec<u64>,
    /// Sorted.
    pub(super) keywords: Vec<u64>,
    pub(super) companies: Vec<u64>,
    /// ISO 3166-1, the first one first.
    pub(super) countries: Vec<Box<str>>,
    pub(super) poster: Option<Box<str>>,
    pub(super) backdrop: Option<Box<str>>,
    pub(super) cast: Vec<Cast>,
    pub(super) crew: Vec<Crew>,
}

#[derive(Debug)]
pub(super) struct Cast {
    pub(super) person: u64,
    pub(super) character: Box<str>,
    pub(super) credit_id: Box<str>,
    pub(super) order: u32,
    /// TMDB's `cast_id`; movies only.
    pub(super) number: u32,
    /// Shows only.
    pub(super) episodes: u32,
}

#[derive(Debug)]
pub(super) struct Crew {
    pub(super) person: u64,
    pub(super) department: Arc<str>,
    pub(super) job: Arc<str>,
    pub(super) credit_id: Box<str>,
    /// Shows only.
    pub(super) episodes: u32,
}

#[derive(Debug, Default)]
pub(super) struct Movie {
    pub(super) title: Title,
    pub(super) tagline: Box<str>,
    pub(super) homepage: Box<str>,
    pub(super) status: Box<str>,
    pub(super) budget: u64,
    pub(super) runtime: Option<u64>,
    /// ISO 639-1 and the language's own name.
    pub(super) spoken: Vec<(Box<str>, Box<str>)>,
}

#[derive(Debug, Default)]
pub(super) struct Show {
    pub(super) title: Title,
    pub(super) imdb_id: Option<Box<str>>,
    pub(super) last_air_date: Box<str>,
    pub(super) status: Box<str>,
    pub(super) form: Box<str>,
    pub(super) networks: Vec<u64>,
    /// The last episode as JSON, without its people.
    pub(super) last_episode: Option<Box<str>>,
    pub(super) seasons: BTreeMap<u32, Season>,
}

#[derive(Debug)]
pub(super) struct Season {
    pub(super) id: u64,
    pub(super) name: Box<str>,
    pub(super) overview: Box<str>,
    pub(super) air_date: Option<Box<str>>,
    pub(super) poster: Option<Box<str>>,
    pub(super) vote_average: f64,
    pub(super) episode_count: usize,
    /// As TMDB served it.
    pub(super) body: Bytes,
}

#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) name: Box<str>,
    pub(super) original_name: Option<Box<str>>,
    pub(super) gender: u8,
    pub(super) adult: bool,
    pub(super) popularity: f64,
    pub(super) profile: Option<Box<str>>,
    pub(super) department: Option<Arc<str>>,
    pub(super) movies: Vec<u64>,
    pub(super) shows: Vec<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) name: Box<str>,
    pub(super) logo: Option<Box<str>>,
    pub(super) country: Box<str>,
}

/// Everything the data sets hold, by id.
#[derive(Debug, Default)]
pub(super) struct Titles {
    pub(super) movies: BTreeMap<u64, Movie>,
    pub(super) shows: BTreeMap<u64, Show>,
    pub(super) people: BTreeMap<u64, Person>,
    pub(super) companies: BTreeMap<u64, Box<str>>,
    pub(super) keywords: BTreeMap<u64, Box<str>>,
    pub(super) networks: BTreeMap<u64, Network>,
    pub(super) genres: BTreeMap<u64, Box<str>>,
    /// The jobs of each department.
    pub(super) jobs: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// The most popular people first.
    pub(super) stars: Vec<u64>,
}

impl Titles {
    pub(super) fn title(&self, kind: Kind, id: u64) -> Option<&Title> {
        match kind {
            Kind::Movie => self.movies.get(&id).map(|movie| &movie.title),
            Kind::Tv => self.shows.get(&id).map(|show| &show.title),
            _ => None,
        }
    }

    /// All titles of a kind, by id.
    pub(super) fn of(&self, kind: Kind) -> Vec<&Title> {
        match kind {
            Kind::Movie => self.movies.values().map(|movie| &movie.title).collect(),
            Kind::Tv => self.shows.values().map(|show| &show.title).collect(),
            _ => vec![],
        }
    }

    /// One copy of a job and its department, noted as a pair.
    pub(super) fn job(&mut self, department: &str, job: &str) -> (Arc<str>, Arc<str>) {
        let department = match self.jobs.get_key_value(department) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(department),
        };
        let jobs = self.jobs.entry(Arc::clone(&department)).or_default();
        let job = match jobs.get(job) {
            Some(known) => Arc::clone(known),
            None => Arc::from(job),
        };
        jobs.insert(Arc::clone(&job));
        (department, job)
    }

    /// Links people to their titles and ranks them, once all titles are read.
    pub(super) fn link(&mut self) {
        self.fill_in();
        let mut departments: BTreeMap<u64, BTreeMap<Arc<str>, usize>> = BTreeMap::new();
        let acting: Arc<str> = Arc::from("Acting");
        let movies = self.movies.values().map(|movie| (Kind::Movie, &movie.title));
        let shows = self.shows.values().map(|show| (Kind::Tv, &show.title));
        for (kind, title) in movies.chain(shows) {
            for cast in &title.cast {
                let Some(person) = self.people.get_mut(&cast.person) else { continue };
                person.add(kind, title, f64::from(cast.order) + 2.0);
                *departments
                    .entry(cast.person)
                    .or_default()
                    .entry(Arc::clone(&acting))
                    .or_default() += 1;
            }
            for crew in &title.crew {
                let Some(person) = self.people.get_mut(&crew.person) else { continue };
                person.add(kind, title, 12.0);
                let department = Arc::clone(&crew.department);
                *departments.entry(crew.person).or_default().entry(department).or_default() += 1;
            }
        }
        for (id, counts) in departments {
            let most = counts.into_iter().max_by_key(|(_, count)| *count);
            if let Some(person) = self.people.get_mut(&id).filter(|p| p.department.is_none()) {
                person.department = most.map(|(department, _)| department);
            }
        }
        let mut stars: Vec<(u64, f64)> =
            self.people.iter().map(|(id, person)| (*id, person.popularity)).collect();
        stars.sort_by(|(a_id, a), (b_id, b)| b.total_cmp(a).then(a_id.cmp(b_id)));
        self.stars = stars.into_iter().map(|(id, _)| id).collect();
    }
}

impl Titles {
    /// Names all genres, and takes a show's country and language from its networks
    /// where nothing better is known.
    fn fill_in(&mut self) {
        for (id, name) in all_genres() {
            self.genres.entry(id).or_insert(name.into());
        }
        for show in self.shows.values_mut() {
            let title = &mut show.title;
            if title.countries.is_empty() {
                let networks = show.networks.iter().filter_map(|id| self.networks.get(id));
                let country =
                    networks.map(|network| &network.country).find(|code| !code.is_empty());
                title.countries.extend(country.cloned());
            }
            if title.language.is_empty() {
                let country = title.countries.first().map_or("", |code| code);
                title.language = language_of(country).into();
            }
        }
    }
}

impl Person {
    /// A title makes its people known, the more the higher they are billed.
    fn add(&mut self, kind: Kind, title: &Title, billing: f64) {
        let titles = if kind == Kind::Movie { &mut self.movies } else { &mut self.shows };
        if titles.last() != Some(&title.id) {
            titles.push(title.id);
            if kind == Kind::Movie {
                self.popularity += title.popularity / billing / 10.0;
            }
        }
    }
}
