//! What tells of many ids at once: the exports, and the changes of some days.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Kind;
use domain::sighting::Export;

use super::Generated;
use super::hash::mix;
use super::json::Json;
use super::population::share;
use super::world::World;
use crate::universe::Change;

/// Share of the rows that do not say whether they are for adults, the new and the gone aside.
const UNKNOWN: f64 = 0.045;
/// One row in so many has no id.
const NAMELESS: u64 = 400;
/// The most windows that are remembered between two pages.
const REMEMBERED: usize = 8;

/// What was told of some days, the newest last.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<Vec<Feed>>);

type Feed = ((Kind, u32, u32), Arc<Vec<Change>>);

impl Told {
    pub(super) fn changed(&self, world: &World, kind: Kind, from: u32, to: u32) -> Vec<Change> {
        let asked = (kind, from, to);
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, changes)) = lock().iter().find(|(known, _)| *known == asked) {
            return changes.to_vec();
        }
        let changes = changed(world, kind, from, to);
        let mut told = lock();
        if told.len() >= REMEMBERED {
            told.remove(0);
        }
        told.push((asked, Arc::new(changes.clone())));
        changes
    }
}

/// The keys of a kind that the feed tells of within some days. Adultness is
/// unknown of what has come or gone, and of some others.
fn changed(world: &World, kind: Kind, from: u32, to: u32) -> Vec<Change> {
    let Some(all) = world.population(kind) else { return vec![] };
    let mut changes = Vec::new();
    for index in 0..all.count(to) {
        if world.last_listed(kind, index, to).is_none_or(|day| day < from) {
            continue;
        }
        let (id, hash) = (all.id(index), mix(all.hash(index) ^ u64::from(to)));
        let is_new = all.born(index) > 0 && all.born(index) >= u64::from(from);
        let is_settled = !is_new && !all.is_gone(index, to) && share(hash) >= UNKNOWN;
        let adult = is_settled.then(|| match kind {
            Kind::Movie => world.movie(index, to).is_adult,
            Kind::Tv => world.show(index, to).is_adult,
            _ => world.person(index, to).is_adult,
        });
        changes.push(Change { id, adult });
        if hash.is_multiple_of(NAMELESS) {
            changes.push(Change { id: Change::NAMELESS, adult: None });
        }
    }
    changes
}

impl Generated {
    /// The lines of an export, by their indexes.
    pub(super) fn lines(
        &self,
        export: Export,
        day: u32,
    ) -> Box<dyn Iterator<Item = String> + Send + '_> {
        let Some(all) = self.world.population(export.kind()) else {
            return Box::new(std::iter::empty());
        };
        // The job that writes them sees the day before.
        let seen = day.saturating_sub(1);
        let there = move |index: &u64| !all.is_gone(*index, seen) && !all.is_left_out(*index, day);
        let lines = (0..all.count(seen)).filter(there);
        Box::new(lines.filter_map(move |index| self.line(export, index, day)))
    }

    fn line(&self, export: Export, index: u64, day: u32) -> Option<String> {
        let mut json = Json::with_capacity(160);
        match export.kind() {
            Kind::Movie => {
                let movie = self.world.movie(index, day);
                (movie.is_adult == export.is_adult()).then_some(())?;
                json.object(|json| {
                    json.bool("adult", movie.is_adult);
                    json.int("id", movie.id);
                    json.text("original_title", &movie.original_name());
                    json.ten_thousandths("popularity", movie.popularity);
                    json.bool("video", movie.is_video);
                });
            }
            Kind::Tv => {
                let show = self.world.show(index, day);
                (show.is_adult == export.is_adult()).then_some(())?;
                json.object(|json| {
                    json.int("id", show.id);
                    json.text("original_name", &show.original_name());
                    json.ten_thousandths("popularity", show.popularity);
                });
            }
            Kind::Person => {
                let person = self.world.person(index, day);
                (person.is_adult == export.is_adult()).then_some(())?;
                json.object(|json| {
                    json.bool("adult", person.is_adult);
                    json.int("id", person.id);
                    json.text("name", &person.name.latin);
                    json.ten_thousandths("popularity", person.popularity);
                });
            }
            kind => {
                let id = self.world.population(kind)?.id(index);
                json.object(|json| {
                    json.int("id", id);
                    json.text("name", &self.name(kind, index, day));
                });
            }
        }
        String::from_utf8(json.finish().into()).ok()
    }
}
