//! The lanes that one process holds, spaced by its own steady clock.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use super::{CYCLE, Grant, GrantedLane};
use crate::time::Timestamp;

/// One request's share of the budget. Only [`Lanes`] makes them, and a request
/// consumes it, so that no code can ask TMDB without one.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    slip: Slip,
}

impl Permit {
    /// What to report by when the request is over; see [`Lanes::settle`].
    pub fn slip(&self) -> Slip {
        self.slip
    }
}

/// Which lane let a request through, and when.
#[derive(Clone, Copy, Debug)]
pub struct Slip {
    lane: Option<usize>,
    at: Instant,
}

impl Slip {
    /// How long ago the request was let through.
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at)
    }
}

/// A lane is kept closed no longer than this for one late answer: TMDB itself
/// may have been slow.
const LATEST: Duration = Duration::from_millis(60);

/// Why there is no permit yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A lane opens after this long.
    For(Duration),
    /// No lane is held; only a renewal helps.
    ForRenewal,
}

/// The lanes granted to this process.
#[derive(Debug)]
pub struct Lanes {
    held: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Asked back with the last grant; the next report says when they are free.
    returned: Vec<(Instant, usize)>,
    until: Instant,
    nobody_before: Option<Instant>,
    unlimited: bool,
}

impl Lanes {
    /// Holds none; the first renewal brings some.
    pub fn none(now: Instant) -> Self {
        Self {
            held: BinaryHeap::new(),
            returned: vec![],
            until: now,
            nobody_before: None,
            unlimited: false,
        }
    }

    /// Lets everything through at once, but for holds. For a TMDB of one's own.
    pub fn unlimited(now: Instant) -> Self {
        Self { unlimited: true, ..Self::none(now) }
    }

    /// Takes the next permit, or says how long to wait.
    pub fn take(&mut self, now: Instant) -> Result<Permit, Wait> {
        if let Some(until) = self.nobody_before.filter(|until| *until > now) {
            return Err(Wait::For(until - now));
        }
        if self.unlimited {
            return Ok(Permit { slip: Slip { lane: None, at: now } });
        }
        if now >= self.until {
            return Err(Wait::ForRenewal);
        }
        let mut first = self.held.peek_mut().ok_or(Wait::ForRenewal)?;
        let Reverse((free_at, number)) = *first;
        if free_at > now {
            return Err(Wait::For(free_at - now));
        }
        // Setting the head in place lets the heap sink it.
        *first = Reverse((now + CYCLE, number));
        Ok(Permit { slip: Slip { lane: Some(number), at: now } })
    }

    /// Keeps a request's lane closed for longer when the answer came late by
    /// `late`: the request may have been as late in reaching TMDB, and the
    /// lane's next one must not follow it within a second.
    pub fn settle(&mut self, slip: Slip, late: Duration) {
        let Some(number) = slip.lane else { return };
        let closed_until = slip.at + CYCLE;
        // A lane that was used again in the meantime has a request of its own.
        let is_it = |lane: &Reverse<(Instant, usize)>| lane.0 == (closed_until, number);
        if self.held.iter().any(is_it) {
            self.held.retain(|lane| !is_it(lane));
            self.held.push(Reverse((closed_until + late.min(LATEST), number)));
        }
    }

    /// Nobody here asks before `until`; a 429 said so.
    pub fn hold(&mut self, until: Instant) {
        self.nobody_before = Some(self.nobody_before.map_or(until, |before| before.max(until)));
    }

    /// Says when each lane is free again, in the terms of the shared row.
    ///
    /// `now` and `clock` are the same instant, read from the two clocks.
    pub fn report(&self, now: Instant, clock: Timestamp) -> Vec<GrantedLane> {
        let granted = |(free_at, number): (Instant, usize)| GrantedLane {
            number,
            free_at: match free_at.checked_duration_since(now) {
                // A whole millisecond more, for what the shared row cuts off.
                Some(wait) if !wait.is_zero() => clock + wait + Duration::from_millis(1),
                _ => clock,
            },
        };
        let held = self.held.iter().map(|Reverse(lane)| *lane);
        held.chain(self.returned.iter().copied()).map(granted).collect()
    }

    /// Replaces the lanes by those of a grant.
    ///
    /// Requests made since the report was taken are kept in mind: a lane held
    /// before and after is never free earlier than this process knows.
    pub fn apply(&mut self, grant: &Grant, now: Instant, clock: Timestamp) {
        let at = |instant: Timestamp| now + instant.since(clock);
        let before: Vec<(Instant, usize)> = self.held.drain().map(|Reverse(lane)| lane).collect();
        for lane in &grant.lanes {
            let known = before.iter().find(|(_, number)| *number == lane.number);
            let granted = at(lane.free_at);
            // What this process knows by its own steady clock is exact; the
            // shared row adds only what a hold has put on top.
            let free_at = match (known, grant.nobody_before) {
                (Some((free_at, _)), None) => *free_at,
                (Some((free_at, _)), Some(_)) => granted.max(*free_at),
                (None, _) => granted,
            };
            self.held.push(Reverse((free_at, lane.number)));
        }
        let kept = |number: usize| grant.lanes.iter().any(|lane| lane.number == number);
        self.returned = before.into_iter().filter(|(_, number)| !kept(*number)).collect();
        self.until = at(grant.until);
        if let Some(until) = grant.nobody_before {
            self.hold(at(until));
        }
    }

    /// Whether lanes were asked back that others may be waiting for.
    pub fn owes_report(&self) -> bool {
        !self.returned.is_empty()
    }

    /// Stops using the lanes; a report still says when they are free.
    pub fn give_up(&mut self) {
        self.returned.extend(self.held.drain().map(|Reverse(lane)| lane));
    }

    /// How many lanes are held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    fn two_lanes(start: Instant) -> Lanes {
        let clock = Timestamp::from_millis(1_000);
        let lane = |number, millis| GrantedLane { number, free_at: Timestamp::from_millis(millis) };
        let grant = Grant {
            lanes: vec![lane(0, 1_000), lane(1, 1_500)],
            connections: 0,
            until: Timestamp::from_millis(5_000),
            nobody_before: None,
        };
        let mut lanes = Lanes::none(start);
        lanes.apply(&grant, start, clock);
        lanes
    }

    #[test]
    fn a_lane_lets_one_request_through_in_a_cycle() {
        let start = Instant::now();
        let mut lanes = two_lanes(start);
        assert!(lanes.take(start).is_ok());
        assert_eq!(lanes.take(start).err(), Some(Wait::For(Duration::from_millis(500))));
        assert!(lanes.take(at(start, 500)).is_ok());
        assert_eq!(lanes.take(at(start, 500)).err(), Some(Wait::For(Duration::from_millis(510))));
        assert!(lanes.take(at(start, 1_010)).is_ok());
    }

    #[test]
    fn a_late_answer_keeps_its_lane_closed() {
        let start = Instant::now();
        let mut lanes = two_lanes(start);
        let slip = lanes.take(start).unwrap().slip();
        lanes.settle(slip, Duration::from_millis(40));
        assert!(lanes.take(at(start, 500)).is_ok());
        assert_eq!(lanes.take(at(start, 1_010)).err(), Some(Wait::For(Duration::from_millis(40))));
        assert!(lanes.take(at(start, 1_050)).is_ok());
        // The lane has another request by now.
        lanes.settle(slip, Duration::from_millis(60));
        assert!(lanes.take(at(start, 2_060)).is_ok());
    }

    #[test]
    fn lanes_end_with_their_lease() {
        let start = Instant::now();
        assert_eq!(two_lanes(start).take(at(start, 4_000)).err(), Some(Wait::ForRenewal));
    }

    #[test]
    fn a_hold_stops_every_lane() {
        let start = Instant::now();
        let mut lanes = two_lanes(start);
        lanes.hold(at(start, 2_000));
        assert_eq!(lanes.take(start).err(), Some(Wait::For(Duration::from_secs(2))));
        assert!(lanes.take(at(start, 2_000)).is_ok());
    }

    #[test]
    fn a_request_between_report_and_grant_is_not_forgotten() {
        let start = Instant::now();
        let mut lanes = two_lanes(start);
        let clock = Timestamp::from_millis(1_000);
        let stale = Grant {
            lanes: lanes.report(start, clock),
            connections: 0,
            until: clock + CYCLE * 3,
            nobody_before: None,
        };
        assert!(lanes.take(start).is_ok());
        lanes.apply(&stale, at(start, 100), clock + Duration::from_millis(100));
        assert_eq!(lanes.take(at(start, 100)).err(), Some(Wait::For(Duration::from_millis(400))));
    }
}
