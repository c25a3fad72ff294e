//! Finding by words, by foreign ids, and by being the newest.

use bytes::Bytes;
use domain::{Key, Kind};

use super::Generated;
use super::discover::Filter;
use super::json::Json;
use super::lists::{paged, row};
use super::parts;
use super::person::Person;
use super::title::Title;
use super::world::View;
use crate::universe::Rows;

/// Of people and the like only so many of the best known are searched.
const SEARCHED: u64 = 50_000;

/// What a foreign id leads to.
enum Found {
    Movie(Title),
    Show(Title),
    Person(Person),
}

impl Generated {
    pub(super) fn searched(&self, kind: &str, first: u64, view: View<'_>) -> Option<Rows> {
        let text = view.get("query").unwrap_or_default();
        let world = &self.world;
        Some(match kind {
            "movie" => self.titles_called(Kind::Movie, text, first, view, false),
            "tv" => self.titles_called(Kind::Tv, text, first, view, false),
            "multi" => {
                let movies = self.titles_called(Kind::Movie, text, first, view, true);
                let shows = self.titles_called(Kind::Tv, text, first, view, true);
                let rows = movies.rows.into_iter().chain(shows.rows).take(20).collect();
                paged(rows, movies.total_results.max(shows.total_results))
            }
            "person" => self.called(Kind::Person, text, first, view, |index, json| {
                let person = world.person(index, view.day);
                world.person_row(&person, json, view, (true, false));
            }),
            "collection" => self.called(Kind::Collection, text, first, view, |index, json| {
                json.object(|json| {
                    json.bool("adult", false);
                    world.collection_brief(index, json);
                });
            }),
            "company" => self.called(Kind::Company, text, first, view, |index, json| {
                json.object(|json| world.company_brief(index, json));
            }),
            "keyword" => self.called(Kind::Keyword, text, first, view, |index, json| {
                json.object(|json| world.minor_members(Kind::Keyword, index, json, view));
            }),
            _ => return None,
        })
    }

    fn titles_called(
        &self,
        kind: Kind,
        text: &str,
        first: u64,
        view: View<'_>,
        media_type: bool,
    ) -> Rows {
        let filter = Filter::search(kind, text, view.query);
        let found = self.matching(&filter, view.day);
        let skipped = usize::try_from(first).unwrap_or(usize::MAX);
        let page = found.iter().skip(skipped).take(20);
        let rows = page.map(|index| {
            let title = filter.title(&self.world, *index, view.day);
            row(|json| title.row(json, view, media_type))
        });
        paged(rows.collect(), found.len() as u64)
    }

    fn called(
        &self,
        kind: Kind,
        text: &str,
        first: u64,
        view: View<'_>,
        write: impl Fn(u64, &mut Json),
    ) -> Rows {
        let text = text.to_lowercase();
        let Some(all) = self.world.population(kind) else { return Rows::default() };
        let living =
            (0..all.count(view.day).min(SEARCHED)).filter(|it| !all.is_gone(*it, view.day));
        let found: Vec<u64> = living
            .filter(|it| self.name(kind, *it, view.day).to_lowercase().contains(&text))
            .collect();
        let skipped = usize::try_from(first).unwrap_or(usize::MAX);
        let page = found.iter().skip(skipped).take(20);
        let rows = page.map(|index| row(|json| write(*index, json)));
        paged(rows.collect(), found.len() as u64)
    }

    /// The name of a member, as exports and searches know it.
    pub(super) fn name(&self, kind: Kind, index: u64, day: u32) -> String {
        let world = &self.world;
        match kind {
            Kind::Person => world.person(index, day).name.latin,
            Kind::Collection => world.collection_name(index),
            Kind::Company => world.company_name(index),
            Kind::Network => world.network_name(index),
            _ => parts::keyword(&world.keywords, index),
        }
    }

    /// `find/tt0088247`, by the source that the question names.
    pub(super) fn find(&self, id: &str, view: View<'_>) -> Option<Bytes> {
        let found = self.foreign(id, view)?;
        Some(row(|json| json.object(|json| self.results(&found, json, view))))
    }

    fn results(&self, found: &Found, json: &mut Json, view: View<'_>) {
        json.array("movie_results", |json| {
            if let Found::Movie(movie) = found {
                movie.row(json, view, true);
            }
        });
        json.array("person_results", |json| {
            if let Found::Person(person) = found {
                self.world.person_row(person, json, view, (true, true));
            }
        });
        json.array("tv_results", |json| {
            if let Found::Show(show) = found {
                show.row(json, view, true);
            }
        });
        json.array("tv_episode_results", |_| {});
        json.array("tv_season_results", |_| {});
    }

    fn foreign(&self, id: &str, view: View<'_>) -> Option<Found> {
        let world = &self.world;
        let person = |id: u64| {
            world.people.living(id, view.day).map(|it| Found::Person(world.person(it, view.day)))
        };
        let show = |id: u64| {
            world.shows.living(id, view.day).map(|it| Found::Show(world.show(it, view.day)))
        };
        // The inverse of `parts::imdb_number`.
        let title = |number: u64| {
            let number = number.checked_sub(1_000_000)?;
            if number % 2 == 1 {
                return show(number / 2);
            }
            let movies = &world.movies;
            let index = movies.index(number / 2, view.day)?;
            let heir = movies.heir(index).filter(|_| movies.is_gone(index, view.day));
            let movie = world.movie(heir.unwrap_or(index), view.day);
            let is_it = movies.is_alive(movie.index, view.day) && movie.identity.1 == number / 2;
            is_it.then_some(Found::Movie(movie))
        };
        match view.get("external_source")? {
            "imdb_id" => match id.split_at_checked(2)? {
                ("tt", number) => title(number.parse().ok()?),
                ("nm", number) => person(number.parse::<u64>().ok()?.checked_sub(1_000_000)?),
                _ => None,
            },
            "wikidata_id" => {
                title(id.strip_prefix('Q')?.parse::<u64>().ok()?.checked_sub(10_000_000)?)
            }
            "tvdb_id" => show(id.parse::<u64>().ok()?.checked_sub(200_000)?),
            _ => None,
        }
    }

    /// The newest that is there, as `movie/latest` shows it.
    pub(super) fn latest(&self, kind: Kind, view: View<'_>) -> Option<Bytes> {
        let all = self.world.population(kind)?;
        (0..all.count(view.day)).rev().take(1000).find_map(|index| {
            let key = Key::new(kind, all.id(index), None, None).ok()?;
            self.world.body(key, &[], view)
        })
    }
}
