//! How one entry stands, and what starts now: the rules of the schedule.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::history::{Ended, Outcome};
use super::leader::is_over;
use crate::time::Timestamp;

/// A slot whose job's process died is begun so often in all.
pub const ATTEMPTS: u32 = 2;

/// A mark that lies further ahead than this was made by a clock that was wrong.
const AHEAD: Duration = Duration::from_hours(24);

/// An entry, as all processes share it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryState {
    pub name: String,
    /// By a person; a trigger starts it all the same.
    pub paused: bool,
    /// Slots at or before are done with: started, or missed and not wanted.
    pub done_until: Timestamp,
    /// When a person asked for a start that has not come yet.
    pub triggered_at: Option<Timestamp>,
    /// What broke off and starts again.
    pub again: Option<Again>,
    pub running: Option<Running>,
    pub last: Option<Ended>,
    /// Starts so far.
    pub starts: u64,
    /// What the configuration said when it was last offered.
    says: Option<String>,
    withheld: bool,
}

/// A start that broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    pub slot: Timestamp,
    pub attempt: u32,
    pub after: Outcome,
    /// A person asked for it, and gets it though the entry is paused.
    pub triggered: bool,
}

/// A job in a process's hands, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub number: u64,
    pub slot: Timestamp,
    pub cause: Cause,
    pub attempt: u32,
    /// A person asked for it.
    pub triggered: bool,
    pub since: Timestamp,
    pub by: String,
    /// It is given up when it is not heard of until then.
    pub until: Timestamp,
}

/// Why a job starts now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its slot has come.
    Slot,
    /// Its slot came while the start before it still ran.
    Waited,
    /// Its slot came while nothing led the schedule.
    Missed,
    /// A person asked for it.
    Triggered,
    /// The process that ran it died.
    Interrupted,
    /// The process that ran it was told to end.
    Stopped,
}

impl Cause {
    pub const ALL: [Self; 6] =
        [Self::Slot, Self::Waited, Self::Missed, Self::Triggered, Self::Interrupted, Self::Stopped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Waited => "waited",
            Self::Missed => "missed",
            Self::Triggered => "triggered",
            Self::Interrupted => "interrupted",
            Self::Stopped => "stopped",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }
}

/// What a leader says of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub name: String,
    /// The configuration's words; other ones make it another entry.
    pub says: String,
    /// Paused by the configuration.
    pub withheld: bool,
    /// Its latest slot at or before now.
    pub latest: Option<Timestamp>,
}

/// A job to be started now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub name: String,
    /// Tells this start from every other of the entry.
    pub number: u64,
    /// The instant it is for: a slot, or when it was triggered.
    pub slot: Timestamp,
    pub cause: Cause,
    /// Counted from 1.
    pub attempt: u32,
}

/// What an offer changed, besides the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// The number of a start whose process is gone, and what is known of that.
    pub interrupted: Option<(u64, String)>,
    pub start: Option<Start>,
}

impl EntryState {
    /// An entry begins with its next slot, not with a past one.
    pub fn new(name: &str, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            paused: false,
            done_until: now,
            triggered_at: None,
            again: None,
            running: None,
            last: None,
            starts: 0,
            says: None,
            withheld: false,
        }
    }

    /// Says what is to start now, and takes it as started by `holder`.
    ///
    /// At most one job of an entry runs; what comes meanwhile waits, and several
    /// slots that wait or were missed are one start, for the latest of them.
    /// `was_started` tells whether the offered slot was started ever before, and
    /// has the last word: clocks may jump.
    pub fn offer(
        &mut self,
        offer: &Offer,
        was_started: bool,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Moves {
        self.meet(offer, now);
        let mut moves = Moves { interrupted: self.give_up_the_dead(lease, now), start: None };
        if self.running.is_some() {
            return moves;
        }
        let held = self.paused || self.withheld;
        let slot = offer.latest.filter(|slot| !held && *slot > self.done_until);
        if let Some(slot) = slot {
            self.done_until = slot;
        }
        let slot = slot.filter(|_| !was_started);
        let again = self.again.filter(|again| !held || again.triggered);
        let (slot, cause, attempt) = match (slot, again, self.triggered_at) {
            (Some(slot), _, _) => (slot, self.cause(slot, lease, now), 1),
            (None, Some(Again { slot, attempt, after: Outcome::Stopped, .. }), _) => {
                (slot, Cause::Stopped, attempt)
            }
            (None, Some(again), _) => (again.slot, Cause::Interrupted, again.attempt),
            (None, None, Some(asked)) => (asked, Cause::Triggered, 1),
            (None, None, None) => return moves,
        };
        let triggered = self.triggered_at.is_some() || again.is_some_and(|again| again.triggered);
        self.triggered_at = None;
        self.again = None;
        self.starts += 1;
        let number = self.starts;
        let (by, until) = (holder.to_owned(), now + lease);
        self.running =
            Some(Running { number, slot, cause, attempt, triggered, since: now, by, until });
        moves.start = Some(Start { name: self.name.clone(), number, slot, cause, attempt });
        moves
    }

    /// Says that a start still runs. False if it was given up.
    pub fn beat(&mut self, number: u64, lease: Duration, now: Timestamp) -> bool {
        let running = self.running.as_mut().filter(|running| running.number == number);
        let Some(running) = running else { return false };
        running.until = now + lease;
        true
    }

    /// Notes how a start ended. False if it was given up before.
    pub fn end(
        &mut self,
        number: u64,
        outcome: Outcome,
        error: Option<&str>,
        now: Timestamp,
    ) -> bool {
        let Some(running) = self.running.take_if(|running| running.number == number) else {
            return false;
        };
        let Running { slot, attempt, triggered, since, .. } = running;
        self.again = match outcome {
            Outcome::Done | Outcome::Failed => None,
            Outcome::Stopped => Some(Again { slot, attempt, after: outcome, triggered }),
            Outcome::Interrupted => (attempt < ATTEMPTS).then_some(Again {
                slot,
                attempt: attempt + 1,
                after: outcome,
                triggered,
            }),
        };
        let error = error.map(ToOwned::to_owned);
        self.last = Some(Ended { number, slot, started_at: since, at: now, outcome, error });
        true
    }

    /// Lets slots pass until it is resumed. What runs goes on. Returns whether
    /// it was not paused before.
    pub fn pause(&mut self) -> bool {
        !std::mem::replace(&mut self.paused, true)
    }

    /// Goes on with the next slot; what was missed meanwhile is not made up for.
    /// Returns whether it was paused before.
    pub fn resume(&mut self, now: Timestamp) -> bool {
        let was_paused = std::mem::replace(&mut self.paused, false);
        if was_paused {
            self.begin_with_the_next(now);
        }
        was_paused
    }

    /// Asks for a start now, or, while it runs, once that has ended.
    pub fn trigger(&mut self, now: Timestamp) {
        self.triggered_at.get_or_insert(now);
    }

    /// Takes notice of what the configuration says.
    fn meet(&mut self, offer: &Offer, now: Timestamp) {
        let is_another = self.says.as_ref().is_some_and(|says| *says != offer.says);
        let is_released = self.withheld && !offer.withheld;
        let is_absurd = self.done_until > now + AHEAD;
        if is_another || is_released || is_absurd {
            self.begin_with_the_next(now);
        }
        self.says = Some(offer.says.clone());
        self.withheld = offer.withheld;
    }

    fn begin_with_the_next(&mut self, now: Timestamp) {
        self.done_until = now;
        self.again = self.again.filter(|again| again.triggered);
    }

    fn give_up_the_dead(&mut self, lease: Duration, now: Timestamp) -> Option<(u64, String)> {
        let running = self.running.as_ref()?;
        if !is_over(running.until, lease, now) {
            return None;
        }
        let number = running.number;
        let error = format!("{} was not heard of any more", running.by);
        self.end(number, Outcome::Interrupted, Some(&error), now).then_some((number, error))
    }

    fn cause(&self, slot: Timestamp, lease: Duration, now: Timestamp) -> Cause {
        if self.last.as_ref().is_some_and(|last| last.started_at < slot && last.at >= slot) {
            Cause::Waited
        } else if now.since(slot) > lease {
            Cause::Missed
        } else {
            Cause::Slot
        }
    }
}

#[cfg(test)]
mod tests;
