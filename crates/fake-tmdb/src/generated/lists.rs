//! Ranked lists, trending, and what else comes in pages.

use bytes::Bytes;
use domain::Kind;
use jiff::ToSpan;
use jiff::civil::Date;

use super::Generated;
use super::discover::Filter;
use super::json::Json;
use super::title::date_piece;
use super::world::View;
use crate::universe::Rows;

const PAGE: u64 = 20;
/// TMDB shows no more of what trends.
const TRENDING: u64 = 10_000;

/// Which dates a list covers, as days from today.
type Span = (i64, i64);
const NOW_PLAYING: Span = (-42, 0);
const UPCOMING: Span = (1, 21);
const AIRING_TODAY: Span = (0, 0);
const ON_THE_AIR: Span = (0, 7);

impl Generated {
    pub(super) fn rows(&self, path: &str, page: u32, view: View<'_>) -> Option<Rows> {
        let first = u64::from(page.max(1) - 1) * PAGE;
        let segments: Vec<&str> = path.split('/').collect();
        Some(match segments[..] {
            ["movie", "popular"] => self.ranked(Kind::Movie, first, view),
            ["tv", "popular"] => self.ranked(Kind::Tv, first, view),
            ["person", "popular"] => self.popular_people(first, view),
            ["movie", "top_rated"] => self.discovered(&Filter::top_rated(Kind::Movie), first, view),
            ["tv", "top_rated"] => self.discovered(&Filter::top_rated(Kind::Tv), first, view),
            ["movie", "now_playing"] => self.dated(Kind::Movie, NOW_PLAYING, first, view),
            ["movie", "upcoming"] => self.dated(Kind::Movie, UPCOMING, first, view),
            ["tv", "airing_today"] => self.dated(Kind::Tv, AIRING_TODAY, first, view),
            ["tv", "on_the_air"] => self.dated(Kind::Tv, ON_THE_AIR, first, view),
            ["trending", kind, _] => self.trending(kind, first, view),
            ["discover", "movie"] => {
                self.discovered(&Filter::read(Kind::Movie, view.query), first, view)
            }
            ["discover", "tv"] => {
                let filter = Filter::read(Kind::Tv, view.query).with_air_dates(&self.world, view);
                self.discovered(&filter, first, view)
            }
            ["search", kind] => self.searched(kind, first, view)?,
            _ => return None,
        })
    }

    fn ranked(&self, kind: Kind, first: u64, view: View<'_>) -> Rows {
        let all = if kind == Kind::Movie { &self.world.movies } else { &self.world.shows };
        let count = all.count(view.day);
        let mut rows = Vec::new();
        for rank in first..count.min(first + PAGE) {
            let index = all.at_rank(rank, view.day);
            let title = if kind == Kind::Movie {
                self.world.movie(index, view.day)
            } else {
                self.world.show(index, view.day)
            };
            if !all.is_gone(index, view.day) && !title.is_adult && !title.is_video {
                rows.push(row(|json| title.row(json, view, false)));
            }
        }
        paged(rows, count)
    }

    fn popular_people(&self, first: u64, view: View<'_>) -> Rows {
        let all = &self.world.people;
        let count = all.count(view.day);
        let mut rows = Vec::new();
        for rank in first..count.min(first + PAGE) {
            let index = all.at_rank(rank, view.day);
            let person = self.world.person(index, view.day);
            if !all.is_gone(index, view.day) && !person.is_adult {
                let known_for = (true, false);
                rows.push(row(|json| self.world.person_row(&person, json, view, known_for)));
            }
        }
        paged(rows, count)
    }

    fn trending(&self, kind: &str, first: u64, view: View<'_>) -> Rows {
        // Another order than that of popularity, new every day.
        let mood = view.day + 1000;
        let world = &self.world;
        let wanted = |at: u64| match kind {
            "movie" => 0,
            "tv" => 1,
            "person" => 2,
            _ => [0, 1, 0, 1, 0, 2, 1, 0, 1, 0][usize::try_from(at % 10).unwrap_or(0)],
        };
        let smallest = match kind {
            "tv" => world.shows.count(view.day),
            "person" => world.people.count(view.day),
            "movie" => world.movies.count(view.day),
            _ => world.shows.count(view.day) * 2,
        };
        let count = smallest.min(TRENDING);
        let mut rows = Vec::new();
        for at in first..count.min(first + PAGE) {
            let rank = if kind == "all" { at / 2 } else { at };
            match wanted(at) {
                2 => {
                    let person = world.person(world.people.at_rank(rank, mood), view.day);
                    let style = (false, true);
                    rows.push(row(|json| world.person_row(&person, json, view, style)));
                }
                kind => {
                    let title = if kind == 0 {
                        world.movie(world.movies.at_rank(rank, mood), view.day)
                    } else {
                        world.show(world.shows.at_rank(rank, mood), view.day)
                    };
                    rows.push(row(|json| title.row(json, view, true)));
                }
            }
        }
        paged(rows, count)
    }

    fn dated(&self, kind: Kind, span: Span, first: u64, view: View<'_>) -> Rows {
        let today = self.world.start.saturating_add(i64::from(view.day).days());
        let (from, to) = (today.saturating_add(span.0.days()), today.saturating_add(span.1.days()));
        let day = |ahead: i64| u64::try_from(i64::from(view.day) + ahead).unwrap_or(0);
        let filter = match kind {
            Kind::Movie => Filter::released(kind, from, to),
            _ => Filter::airing((from, to), (day(span.0), day(span.1))),
        };
        let mut rows = self.discovered(&filter, first, view);
        rows.dates = (kind == Kind::Movie).then(|| dates(from, to));
        rows
    }

    fn discovered(&self, filter: &Filter, first: u64, view: View<'_>) -> Rows {
        let found = self.matching(filter, view.day);
        let mut rows = Vec::new();
        for index in found.iter().skip(usize::try_from(first).unwrap_or(usize::MAX)).take(20) {
            let title = filter.title(&self.world, *index, view.day);
            rows.push(row(|json| title.row(json, view, false)));
        }
        paged(rows, found.len() as u64)
    }
}

pub(super) fn row(write: impl FnOnce(&mut Json)) -> Bytes {
    let mut json = Json::with_capacity(1024);
    write(&mut json);
    json.finish()
}

pub(super) fn paged(rows: Vec<Bytes>, total: u64) -> Rows {
    let total_pages = total.div_ceil(PAGE).max(1);
    Rows { rows, total_results: total, total_pages, ..Rows::default() }
}

fn dates(from: Date, to: Date) -> Bytes {
    row(|json| {
        json.object(|json| {
            json.built("maximum", |json| date_piece(json, to));
            json.built("minimum", |json| date_piece(json, from));
        });
    })
}
