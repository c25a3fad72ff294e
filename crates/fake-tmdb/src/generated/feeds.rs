//! What tells of many ids at once: the exports, and the changes of some days.

use domain::Kind;
use domain::sighting::Export;

use super::Generated;
use super::json::Json;
use super::world::World;
use crate::universe::Change;

/// The keys of a kind that changed within some days. Adultness is unknown of
/// what has come or gone.
pub(super) fn changed(world: &World, kind: Kind, from: u32, to: u32) -> Vec<Change> {
    let Some(all) = world.population(kind) else { return vec![] };
    let mut changes = Vec::new();
    for index in 0..all.count(to) {
        if !(from..=to).any(|day| all.has_changed(index, day)) {
            continue;
        }
        let is_settled = !all.is_gone(index, to) && all.born(index) < u64::from(from.max(1));
        let adult = is_settled.then(|| match kind {
            Kind::Movie => world.movie(index, to).is_adult,
            Kind::Tv => world.show(index, to).is_adult,
            _ => world.person(index, to).is_adult,
        });
        changes.push(Change { id: all.id(index), adult });
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
        let living = (0..all.count(day)).filter(move |index| !all.is_gone(*index, day));
        Box::new(living.filter_map(move |index| self.line(export, index, day)))
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
