//! The shared row of the budget, as a value with rules.

mod connections;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CYCLE, LEASE};
use crate::time::Timestamp;

/// The state that all processes of a deployment share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shared {
    /// Requests a second that the configuration allows.
    limit: u32,
    /// Connections that the configuration allows.
    connections: u32,
    /// Lanes in use; fewer than `limit` for a while after a 429.
    open: u32,
    lanes: Vec<Lane>,
    holders: Vec<Holder>,
    /// No request from anybody before this instant.
    nobody_before: Option<Timestamp>,
    last_429: Option<Timestamp>,
    last_growth: Timestamp,
    /// 429s in a row, for the wait when TMDB names none.
    strikes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lane {
    free_at: Timestamp,
    holder: Option<String>,
    leased_until: Timestamp,
    /// Asked back; its holder's next report says when it is really free.
    revoked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    name: String,
    seen_until: Timestamp,
    /// One that does not has no share, and may have connections open still.
    #[serde(default = "yes")]
    wants: bool,
    /// Connections it was last granted.
    #[serde(default)]
    share: u32,
    /// Connections it may have open until it is heard of again.
    #[serde(default)]
    open: u32,
}

fn yes() -> bool {
    true
}

/// What a process says when it renews its lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Unique for each process.
    pub holder: String,
    /// Requests a second for the whole deployment, from the configuration.
    pub limit: u32,
    /// Connections for the whole deployment, from the configuration.
    pub connections: u32,
    /// Connections it may have open by now; see [`Connections::open`](super::Connections::open).
    pub open: u32,
    /// Whether it has requests to make; one that has none gives its lanes back.
    pub wants: bool,
    /// When each lane it holds is free again.
    pub lanes: Vec<GrantedLane>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantedLane {
    pub number: usize,
    pub free_at: Timestamp,
}

/// What a process may use until its next renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub lanes: Vec<GrantedLane>,
    /// Its share of the deployment's connections.
    pub connections: u32,
    pub until: Timestamp,
    pub nobody_before: Option<Timestamp>,
}

/// The budget as `status` and `doctor` show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BudgetStatus {
    /// Requests a second that the configuration allows.
    pub limit: u32,
    /// Requests a second in use now; fewer than `limit` for a while after a 429.
    pub open: u32,
    /// Connections that the configuration allows.
    pub connections: u32,
    pub holders: Vec<HolderStatus>,
    pub nobody_before: Option<Timestamp>,
    pub last_429: Option<Timestamp>,
}

/// A process, and its share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HolderStatus {
    pub name: String,
    pub lanes: u32,
    pub connections: u32,
}

/// A lane is won back this often after a 429.
const GROWTH_EVERY: Duration = Duration::from_secs(4);
const LONGEST_HOLD: Duration = Duration::from_hours(1);

impl Shared {
    /// Takes a process's report, and gives it its fair share of the lanes and of
    /// the connections.
    ///
    /// Lanes of a process that was not heard of until its lease ended come free
    /// one cycle after that, since it may have used them until then.
    pub fn renew(&mut self, renewal: &Renewal, now: Timestamp) -> Grant {
        self.mend_clock(now);
        self.resize(renewal.limit, now);
        self.grow(now);
        self.take_report(renewal, now);
        let until = now + LEASE;
        self.holders.retain(|holder| holder.name != renewal.holder && holder.seen_until > now);
        let connections = self.connect(renewal, until);
        self.share_out(&renewal.holder, until);
        self.grant(&renewal.holder, connections, until)
    }

    /// Notes a 429: nobody asks before the instant returned, and fewer lanes
    /// are open for a while. Without `retry_after` the wait doubles with every
    /// 429 in a row, from one second up to a minute.
    pub fn hold(&mut self, retry_after: Option<Duration>, now: Timestamp) -> Timestamp {
        self.mend_clock(now);
        // Requests under way when the first 429 came bring more of them; they
        // tell nothing new.
        let news = self.nobody_before.is_none_or(|until| until <= now);
        if news {
            let calm = self.last_429.is_none_or(|last| now.since(last) > Duration::from_mins(1));
            self.strikes = if calm { 0 } else { (self.strikes + 1).min(6) };
            self.open = (self.open * 7 / 10).max(1);
            self.last_growth = now;
            self.last_429 = Some(now);
        }
        let own = Duration::from_secs(1 << self.strikes).min(Duration::from_mins(1));
        let until = now + retry_after.unwrap_or(own).min(LONGEST_HOLD);
        let until = self.nobody_before.map_or(until, |before| before.max(until));
        self.nobody_before = Some(until);
        self.spread(until);
        until
    }

    /// The instant of the last hold, over or not.
    pub fn nobody_before(&self) -> Option<Timestamp> {
        self.nobody_before
    }

    pub fn status(&self, now: Timestamp) -> BudgetStatus {
        let held = |name: &str| {
            let held = self.lanes.iter().filter(|lane| lane.holder.as_deref() == Some(name));
            u32::try_from(held.count()).unwrap_or(u32::MAX)
        };
        let told = |holder: &Holder| HolderStatus {
            name: holder.name.clone(),
            lanes: held(&holder.name),
            connections: holder.share,
        };
        let living = self.holders.iter().filter(|holder| holder.wants && holder.seen_until > now);
        BudgetStatus {
            limit: self.limit,
            open: self.open,
            connections: self.connections,
            holders: living.map(told).collect(),
            nobody_before: self.nobody_before.filter(|until| *until > now),
            last_429: self.last_429,
        }
    }

    /// A clock set back must not close lanes for hours.
    fn mend_clock(&mut self, now: Timestamp) {
        let latest = now + LEASE + CYCLE;
        for lane in &mut self.lanes {
            lane.leased_until = lane.leased_until.min(now + LEASE);
            if self.nobody_before.is_none() {
                lane.free_at = lane.free_at.min(latest);
            }
        }
        for holder in &mut self.holders {
            holder.seen_until = holder.seen_until.min(now + LEASE);
        }
        self.last_growth = self.last_growth.min(now);
        self.last_429 = self.last_429.map(|last| last.min(now));
        self.nobody_before = self.nobody_before.map(|until| until.min(now + LONGEST_HOLD));
    }

    fn resize(&mut self, limit: u32, now: Timestamp) {
        let limit = limit.max(1);
        if self.limit == limit {
            return;
        }
        let slowed = self.limit != 0 && self.open < self.limit;
        self.open = if slowed { self.open.min(limit) } else { limit };
        self.limit = limit;
        let first_new = self.lanes.len();
        self.lanes.resize_with(limit as usize, || Lane {
            free_at: now,
            holder: None,
            leased_until: Timestamp::default(),
            revoked: false,
        });
        // Spread over the second, so that requests come evenly. Lanes taken
        // away by a smaller limit may be in use until their leases end, hence
        // the wait of the new ones when the limit changes under way.
        let wait = if first_new == 0 { Duration::ZERO } else { LEASE + CYCLE };
        for number in first_new..self.lanes.len() {
            self.lanes[number].free_at = now + wait + self.offset(number);
        }
    }

    fn offset(&self, number: usize) -> Duration {
        CYCLE.mul_f64(number as f64 / f64::from(self.limit.max(1)))
    }

    fn grow(&mut self, now: Timestamp) {
        let held = self.nobody_before.is_some_and(|until| until > now);
        if !held {
            self.nobody_before = None;
        }
        if !held && self.open < self.limit && now.since(self.last_growth) >= GROWTH_EVERY {
            self.open += 1;
            self.last_growth = now;
        }
    }

    fn take_report(&mut self, renewal: &Renewal, now: Timestamp) {
        let hold = self.nobody_before;
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            if lane.holder.as_deref() == Some(&renewal.holder) {
                let report = renewal.lanes.iter().find(|granted| granted.number == number);
                if lane.revoked || !renewal.wants {
                    lane.holder = None;
                    lane.revoked = false;
                }
                match report {
                    // A hold noted since has pushed the lane further out.
                    Some(report) if hold.is_some() => {
                        lane.free_at = lane.free_at.max(report.free_at);
                    }
                    Some(report) => lane.free_at = report.free_at,
                    // A process of the same name that forgot its lanes.
                    None => {
                        lane.free_at = lane.free_at.max(now + CYCLE);
                        lane.holder = None;
                    }
                }
            } else if lane.holder.is_some() && lane.leased_until <= now {
                lane.free_at = lane.free_at.max(lane.leased_until + CYCLE);
                lane.holder = None;
                lane.revoked = false;
            }
        }
    }

    /// Gives `name` up to its share; asks back what it has above it. A lane
    /// asked back may have been used since the report, so it changes hands only
    /// once the holder has heard of it and reported again.
    fn share_out(&mut self, name: &str, until: Timestamp) {
        let open = self.open.min(self.limit) as usize;
        let share = self.fair_share(name, open);
        // Closed lanes are the last ones; the others go in order of number, so
        // that a single process keeps their spread.
        let mut held = 0;
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            if lane.holder.as_deref() == Some(name) {
                if number < open && held < share {
                    held += 1;
                    lane.leased_until = until;
                } else {
                    lane.revoked = true;
                }
            }
        }
        for lane in self.lanes.iter_mut().take(open) {
            if held < share && lane.holder.is_none() {
                held += 1;
                lane.holder = Some(name.to_owned());
                lane.leased_until = until;
            }
        }
    }

    /// The part of `all` that falls to `name` among those that want: so many each,
    /// and one more for the first.
    fn fair_share(&self, name: &str, all: usize) -> usize {
        let wanting: Vec<_> = self.holders.iter().filter(|holder| holder.wants).collect();
        let place = wanting.iter().position(|holder| holder.name == name);
        place.map_or(0, |place| all / wanting.len() + usize::from(place < all % wanting.len()))
    }

    fn grant(&self, name: &str, connections: u32, until: Timestamp) -> Grant {
        let mine = |lane: &Lane| lane.holder.as_deref() == Some(name) && !lane.revoked;
        let mine = self.lanes.iter().enumerate().filter(|(_, lane)| mine(lane));
        let lanes = mine.map(|(number, lane)| GrantedLane { number, free_at: lane.free_at });
        Grant { lanes: lanes.collect(), connections, until, nobody_before: self.nobody_before }
    }

    /// Lanes that all wait for one instant would open in one burst.
    fn spread(&mut self, from: Timestamp) {
        for number in 0..self.lanes.len() {
            let free_at = from + self.offset(number);
            let lane = &mut self.lanes[number];
            lane.free_at = lane.free_at.max(free_at);
        }
    }
}

#[cfg(test)]
mod tests;
