//! What is true of a generated universe, for a judge of its mirror.
//!
//! None of it is served. Days count from 0, the day the universe starts on.

use domain::Kind;
use domain::sighting::Export;

use super::Generated;
use super::population::Population;

/// A day on which the content of a body changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangeDay {
    /// The body differs from that of the day before.
    pub day: u32,
    /// Whether the feed of that day tells of it.
    pub listed: bool,
}

impl Generated {
    /// The ids of a kind that are there on a day, in no order. A key that is
    /// exported but was never there is not among them; one that answers 404
    /// for this day only is.
    pub fn alive(&self, kind: Kind, day: u32) -> impl Iterator<Item = u64> + '_ {
        let all = self.world.population(kind);
        all.into_iter().flat_map(move |all| {
            (0..all.count(day)).filter(move |it| all.is_alive(*it, day)).map(|it| all.id(it))
        })
    }

    pub fn is_alive(&self, kind: Kind, id: u64, day: u32) -> bool {
        self.world.population(kind).is_some_and(|all| all.living(id, day).is_some())
    }

    /// Whether a key answers 404 on a day although it is there.
    pub fn is_absent(&self, kind: Kind, id: u64, day: u32) -> bool {
        self.is_alive(kind, id, day)
            && self.member(kind, id, day).is_some_and(|(all, index)| all.is_absent(index, day))
    }

    /// Whether the export of a day leaves a key out although it is there.
    pub fn is_left_out(&self, kind: Kind, id: u64, day: u32) -> bool {
        self.is_alive(kind, id, day)
            && self.member(kind, id, day).is_some_and(|(all, index)| all.is_left_out(index, day))
    }

    /// The export that a key stands in, from the day after its birth to the day it goes.
    pub fn export_of(&self, kind: Kind, id: u64) -> Option<Export> {
        let (_, index) = self.member(kind, id, u32::MAX)?;
        let is_adult = match kind {
            Kind::Movie => self.world.movie(index, 0).is_adult,
            Kind::Tv => self.world.show(index, 0).is_adult,
            Kind::Person => self.world.person(index, 0).is_adult,
            _ => false,
        };
        Export::ALL.into_iter().find(|it| it.kind() == kind && it.is_adult() == is_adult)
    }

    /// The first day on which a key was there: 0 for those of the beginning.
    pub fn born_on(&self, kind: Kind, id: u64) -> Option<u32> {
        let (all, index) = self.member(kind, id, u32::MAX)?;
        u32::try_from(all.born(index)).ok()
    }

    /// The first day on which a key is no more, be it past or to come; `None`
    /// where there is no such day, or never was such a key.
    pub fn died_on(&self, kind: Kind, id: u64) -> Option<u32> {
        let (all, index) = self.member(kind, id, u32::MAX)?;
        let is_real = !all.is_phantom(index);
        is_real.then(|| all.last_day(index)).and_then(|day| u32::try_from(day).ok())
    }

    /// The key of the same kind that carries on the title, the date and the
    /// IMDb id of this one from the day it dies on.
    pub fn merged_into(&self, kind: Kind, id: u64) -> Option<u64> {
        let (all, index) = self.member(kind, id, u32::MAX)?;
        Some(all.id(all.heir(index)?))
    }

    /// The last change of a key's content up to a day, its birth included.
    /// `None` where it is as on day 0, or was never there. Of seasons and
    /// episodes ask for their show.
    pub fn last_change(&self, kind: Kind, id: u64, day: u32) -> Option<ChangeDay> {
        let (all, index) = self.real(kind, id, day)?;
        let day = self.world.last_change(kind, index, day)?;
        Some(ChangeDay { day, listed: has_feed(kind) && all.is_listed(index, day) })
    }

    /// The day of the last change that the feed tells of.
    pub fn last_listed_change(&self, kind: Kind, id: u64, day: u32) -> Option<u32> {
        let (_, index) = self.real(kind, id, day).filter(|_| has_feed(kind))?;
        self.world.last_listed_change(kind, index, day)
    }

    /// How often a key's content has changed up to a day since it came. Two
    /// bodies with the same count are equal but for `popularity`,
    /// `vote_average` and `vote_count`, at any depth, and for the part
    /// `changes`, which depends on the days asked for.
    pub fn changes(&self, kind: Kind, id: u64, day: u32) -> Option<u64> {
        let (_, index) = self.real(kind, id, day)?;
        Some(self.world.changes(kind, index, day))
    }

    /// What [`Universe::detail`](crate::Universe::detail) and its like answer
    /// of a key on a day: whether there is a body.
    pub fn is_answered(&self, kind: Kind, id: u64, day: u32) -> bool {
        self.world.population(kind).is_some_and(|all| all.answering(id, day).is_some())
    }

    /// The member with an id, if there has ever been one up to a day.
    fn member(&self, kind: Kind, id: u64, day: u32) -> Option<(&Population, u64)> {
        let all = self.world.population(kind)?;
        Some((all, all.index(id, day)?))
    }

    fn real(&self, kind: Kind, id: u64, day: u32) -> Option<(&Population, u64)> {
        self.member(kind, id, day).filter(|(all, index)| !all.is_phantom(*index))
    }
}

fn has_feed(kind: Kind) -> bool {
    matches!(kind, Kind::Movie | Kind::Tv | Kind::Person)
}
