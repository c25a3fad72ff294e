//! `discover`: titles that pass filters, in some order.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Kind;
use jiff::civil::Date;

use super::Generated;
use super::movie;
use super::population::whole;
use super::title::Title;
use super::world::{View, World};
use crate::server::days_between;
use crate::universe::Query;

/// The most answers that are remembered between two pages.
const REMEMBERED: usize = 16;

/// What is asked of titles.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter {
    kind: Kind,
    order: Order,
    is_ascending: bool,
    genres: Wanted,
    without_genres: Vec<u64>,
    keywords: Wanted,
    companies: Wanted,
    /// In thousandths.
    vote_average: (u64, u64),
    vote_count: (u64, u64),
    from: Option<Date>,
    to: Option<Date>,
    /// Days between which an episode comes.
    airs: Option<(u64, u64)>,
    year: Option<i16>,
    language: Option<String>,
    includes: Includes,
    text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Popularity,
    VoteAverage,
    VoteCount,
    Revenue,
    Date,
    Name,
    OriginalName,
}

/// Ids of which there have to be any of the inner, all of the outer.
type Wanted = Vec<Vec<u64>>;

/// What is left out unless it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Includes {
    adult: bool,
    video: bool,
}

/// Answers that took a walk over all titles, the newest last.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Vec<Remembered>>);

#[derive(Debug)]
struct Remembered {
    filter: Filter,
    day: u32,
    found: Arc<Vec<u64>>,
}

impl Filter {
    fn any(kind: Kind) -> Self {
        Self {
            kind,
            order: Order::Popularity,
            is_ascending: false,
            genres: vec![],
            without_genres: vec![],
            keywords: vec![],
            companies: vec![],
            vote_average: (0, u64::MAX),
            vote_count: (0, u64::MAX),
            from: None,
            to: None,
            airs: None,
            year: None,
            language: None,
            includes: Includes::default(),
            text: None,
        }
    }

    pub(super) fn top_rated(kind: Kind) -> Self {
        let without_genres = if kind == Kind::Movie { vec![99, 10755] } else { vec![] };
        let vote_count = (200, u64::MAX);
        Self { order: Order::VoteAverage, vote_count, without_genres, ..Self::any(kind) }
    }

    pub(super) fn released(kind: Kind, from: Date, to: Date) -> Self {
        Self { from: Some(from), to: Some(to), ..Self::any(kind) }
    }

    /// Shows that begin or go on within some days.
    pub(super) fn airing((from, to): (Date, Date), airs: (u64, u64)) -> Self {
        Self { airs: Some(airs), ..Self::released(Kind::Tv, from, to) }
    }

    pub(super) fn search(kind: Kind, text: &str, query: &Query) -> Self {
        let year = ["primary_release_year", "year", "first_air_date_year"];
        Self {
            text: Some(text.to_lowercase()),
            includes: Includes {
                adult: query.get("include_adult").is_some_and(|adult| adult == "true"),
                video: true,
            },
            year: year.iter().find_map(|name| query.get(*name)?.parse().ok()),
            ..Self::any(kind)
        }
    }

    pub(super) fn read(kind: Kind, query: &Query) -> Self {
        let get = |name: &str| query.get(name).map(String::as_str).filter(|it| !it.is_empty());
        let is_true = |name: &str| get(name) == Some("true");
        let number = |name: &str| get(name).and_then(|number| number.parse::<f64>().ok());
        let bounds = |name: &str, unit: f64| {
            let bound = |end: &str| number(&format!("{name}.{end}")).map(|it| whole(it * unit));
            (bound("gte").unwrap_or(0), bound("lte").unwrap_or(u64::MAX))
        };
        let dates: &[&str] = match kind {
            Kind::Movie => &["primary_release_date", "release_date"],
            _ => &["first_air_date"],
        };
        let date = |end: &str| {
            dates.iter().find_map(|name| get(&format!("{name}.{end}"))?.parse::<Date>().ok())
        };
        let (order, direction) = get("sort_by")
            .unwrap_or("popularity.desc")
            .rsplit_once('.')
            .unwrap_or(("popularity", "desc"));
        let wanted = |name: &str| {
            let all = get(name).unwrap_or_default();
            all.split(',').filter(|it| !it.is_empty()).map(ids).collect()
        };
        let language = get("with_original_language");
        Self {
            order: Order::read(order),
            is_ascending: direction == "asc",
            genres: wanted("with_genres"),
            without_genres: get("without_genres").map_or_else(Vec::new, ids),
            keywords: wanted("with_keywords"),
            companies: wanted("with_companies"),
            vote_average: bounds("vote_average", 1000.0),
            vote_count: bounds("vote_count", 1.0),
            from: date("gte"),
            to: date("lte"),
            year: ["primary_release_year", "year", "first_air_date_year"]
                .into_iter()
                .find_map(|name| get(name)?.parse().ok()),
            language: language.map(str::to_owned),
            includes: Includes { adult: is_true("include_adult"), video: is_true("include_video") },
            ..Self::any(kind)
        }
    }

    /// Takes `air_date.gte` and `air_date.lte` as days on which an episode comes.
    pub(super) fn with_air_dates(mut self, world: &World, view: View<'_>) -> Self {
        let date = |name: &str| view.get(name).and_then(|date| date.parse::<Date>().ok());
        let (from, to) = (date("air_date.gte"), date("air_date.lte"));
        if from.is_some() || to.is_some() {
            let day = |date| u64::try_from(days_between(world.start, date)).unwrap_or(0);
            self.airs = Some((from.map_or(0, day), to.map_or(u64::MAX, day)));
            (self.from, self.to) = (self.from.or(from), self.to.or(to));
        }
        self
    }

    /// The title that an index stands for among the answers.
    pub(super) fn title(&self, world: &World, index: u64, day: u32) -> Title {
        match self.kind {
            Kind::Movie => world.movie(index, day),
            _ => world.show(index, day),
        }
    }

    fn matches(&self, world: &World, title: &Title) -> bool {
        let has = |genre: &u64| title.genres.iter().any(|(id, _)| id == genre);
        let airs = |days: (u64, u64)| {
            title.airing.is_some_and(|airing| airing.airs_within(days.0, days.1))
        };
        let within = |value: u64, bounds: (u64, u64)| (bounds.0..=bounds.1).contains(&value);
        (self.includes.adult || !title.is_adult)
            && (self.includes.video || !title.is_video)
            && within(title.vote_average, self.vote_average)
            && within(title.vote_count, self.vote_count)
            && self.genres.iter().all(|any| any.iter().any(has))
            && !self.without_genres.iter().any(has)
            && (self.is_dated(title) || self.airs.is_some_and(airs))
            && self.year.is_none_or(|year| title.date.is_some_and(|date| date.year() == year))
            && self.language.as_ref().is_none_or(|code| title.tongue.code == code.as_str())
            && self.text.as_ref().is_none_or(|text| is_called(title, text))
            && has_wanted(&self.keywords, || world.keyword_ids(title))
            && has_wanted(&self.companies, || world.company_ids(title))
    }

    fn is_dated(&self, title: &Title) -> bool {
        self.from.is_none_or(|from| title.date.is_some_and(|date| from <= date))
            && self.to.is_none_or(|to| title.date.is_some_and(|date| date <= to))
    }

    fn key(&self, title: &Title) -> (u64, String) {
        let number = match self.order {
            Order::VoteAverage => title.vote_average,
            Order::VoteCount => title.vote_count,
            Order::Date => title.date.map_or(0, |date| {
                let part = |part: i16| u64::try_from(part).unwrap_or(0);
                part(date.year()) * 400 + part(date.day_of_year())
            }),
            Order::Revenue if self.kind == Kind::Movie => movie::revenue(title),
            // Shows have no revenue.
            Order::Popularity | Order::Revenue => title.popularity,
            Order::Name => return (0, title.name_in("en")),
            Order::OriginalName => return (0, title.original_name()),
        };
        (number, String::new())
    }
}

impl Order {
    fn read(name: &str) -> Self {
        match name {
            "vote_average" => Self::VoteAverage,
            "vote_count" => Self::VoteCount,
            "revenue" => Self::Revenue,
            "primary_release_date" | "release_date" | "first_air_date" => Self::Date,
            "title" | "name" => Self::Name,
            "original_title" | "original_name" => Self::OriginalName,
            _ => Self::Popularity,
        }
    }
}

impl Generated {
    /// The indexes of all titles that pass, in order.
    pub(super) fn matching(&self, filter: &Filter, day: u32) -> Arc<Vec<u64>> {
        if let Some(found) = self.memory.recall(filter, day) {
            return found;
        }
        let world = &self.world;
        let all = if filter.kind == Kind::Movie { &world.movies } else { &world.shows };
        let mut found: Vec<((u64, String), u64)> = Vec::new();
        for index in (0..all.count(day)).filter(|index| !all.is_gone(*index, day)) {
            let title = filter.title(world, index, day);
            if filter.matches(world, &title) {
                found.push((filter.key(&title), index));
            }
        }
        found.sort_unstable_by(|(key, index), (other, other_index)| {
            let order = if filter.is_ascending { key.cmp(other) } else { other.cmp(key) };
            order.then(index.cmp(other_index))
        });
        let found = Arc::new(found.into_iter().map(|(_, index)| index).collect::<Vec<_>>());
        self.memory.keep(filter.clone(), day, Arc::clone(&found));
        found
    }
}

impl Memory {
    fn recall(&self, filter: &Filter, day: u32) -> Option<Arc<Vec<u64>>> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers.iter().find(|known| known.day == day && known.filter == *filter)?;
        Some(Arc::clone(&known.found))
    }

    fn keep(&self, filter: Filter, day: u32, found: Arc<Vec<u64>>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.remove(0);
        }
        answers.push(Remembered { filter, day, found });
    }
}

fn is_called(title: &Title, text: &str) -> bool {
    title.name_in("en").to_lowercase().contains(text)
        || title.original_name().to_lowercase().contains(text)
}

/// Whether any of each is among those a title has, which are made only if asked for.
fn has_wanted(wanted: &Wanted, own: impl FnOnce() -> Vec<u64>) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let own = own();
    wanted.iter().all(|any| any.iter().any(|id| own.contains(id)))
}

fn ids(list: &str) -> Vec<u64> {
    list.split([',', '|']).filter_map(|id| id.trim().parse().ok()).collect()
}
