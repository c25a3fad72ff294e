//! `discover`: titles that pass filters, in some order.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Kind;
use jiff::civil::Date;

use super::Generated;
use super::population::whole;
use super::title::Title;
use super::world::World;
use crate::universe::Query;

/// The most answers that are remembered between two pages.
const REMEMBERED: usize = 16;

/// What is asked of titles.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter {
    kind: Kind,
    order: Order,
    is_ascending: bool,
    /// Any of the inner, all of the outer.
    genres: Vec<Vec<u64>>,
    without_genres: Vec<u64>,
    /// In thousandths.
    vote_average: (u64, u64),
    vote_count: (u64, u64),
    from: Option<Date>,
    to: Option<Date>,
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
    Date,
    Name,
}

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
            vote_average: (0, u64::MAX),
            vote_count: (0, u64::MAX),
            from: None,
            to: None,
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
            _ => &["first_air_date", "air_date"],
        };
        let date = |end: &str| {
            dates.iter().find_map(|name| get(&format!("{name}.{end}"))?.parse::<Date>().ok())
        };
        let (order, direction) = get("sort_by")
            .unwrap_or("popularity.desc")
            .rsplit_once('.')
            .unwrap_or(("popularity", "desc"));
        let genres = |name: &str, separator: char| {
            get(name).map_or_else(Vec::new, |list| ids(list, separator))
        };
        let all = get("with_genres").unwrap_or_default();
        let language = get("with_original_language");
        Self {
            order: Order::read(order),
            is_ascending: direction == "asc",
            genres: all.split(',').filter(|it| !it.is_empty()).map(|any| ids(any, '|')).collect(),
            without_genres: genres("without_genres", ','),
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

    /// The title that an index stands for among the answers.
    pub(super) fn title(&self, world: &World, index: u64, day: u32) -> Title {
        match self.kind {
            Kind::Movie => world.movie(index, day),
            _ => world.show(index, day),
        }
    }

    fn matches(&self, title: &Title) -> bool {
        let has = |genre: &u64| title.genres.iter().any(|(id, _)| id == genre);
        let within = |value: u64, bounds: (u64, u64)| (bounds.0..=bounds.1).contains(&value);
        (self.includes.adult || !title.is_adult)
            && (self.includes.video || !title.is_video)
            && within(title.vote_average, self.vote_average)
            && within(title.vote_count, self.vote_count)
            && self.genres.iter().all(|any| any.iter().any(has))
            && !self.without_genres.iter().any(has)
            && self.from.is_none_or(|from| title.date.is_some_and(|date| from <= date))
            && self.to.is_none_or(|to| title.date.is_some_and(|date| date <= to))
            && self.year.is_none_or(|year| title.date.is_some_and(|date| date.year() == year))
            && self.language.as_ref().is_none_or(|code| title.tongue.code == code.as_str())
            && self.text.as_ref().is_none_or(|text| is_called(title, text))
    }

    fn key(&self, title: &Title) -> u64 {
        match self.order {
            Order::Popularity => title.popularity,
            Order::VoteAverage => title.vote_average,
            Order::VoteCount => title.vote_count,
            Order::Date => title.date.map_or(0, |date| {
                let part = |part: i16| u64::try_from(part).unwrap_or(0);
                part(date.year()) * 400 + part(date.day_of_year())
            }),
            Order::Name => {
                let mut start = [0; 8];
                let name = title.name_in("en");
                start.iter_mut().zip(name.bytes()).for_each(|(to, byte)| *to = byte);
                u64::from_be_bytes(start)
            }
        }
    }
}

impl Order {
    fn read(name: &str) -> Self {
        match name {
            "vote_average" => Self::VoteAverage,
            "vote_count" | "revenue" => Self::VoteCount,
            "primary_release_date" | "release_date" | "first_air_date" => Self::Date,
            "title" | "original_title" | "name" | "original_name" => Self::Name,
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
        let mut found: Vec<(u64, u64)> = Vec::new();
        for index in (0..all.count(day)).filter(|index| !all.is_gone(*index, day)) {
            let title = filter.title(world, index, day);
            if filter.matches(&title) {
                found.push((filter.key(&title), index));
            }
        }
        found.sort_unstable_by_key(|(key, index)| {
            (if filter.is_ascending { *key } else { u64::MAX - key }, *index)
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

fn ids(list: &str, separator: char) -> Vec<u64> {
    list.split(separator).filter_map(|id| id.trim().parse().ok()).collect()
}
