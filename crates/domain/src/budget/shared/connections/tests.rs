//! Shares of connections, whatever processes do and whatever answers are lost.

use std::time::Duration;

use proptest::prelude::*;

use crate::budget::{Connections, Renewal, Shared};
use crate::time::Timestamp;

const START: Timestamp = Timestamp::from_millis(1_000_000);

struct Process {
    name: String,
    connections: Connections,
    /// Until when it may ask by the last grant that reached it.
    until: Timestamp,
}

/// Some processes on one clock.
struct Fleet {
    shared: Shared,
    cap: u32,
    now: Timestamp,
    processes: Vec<Process>,
}

impl Fleet {
    fn new(cap: u32, size: usize) -> Self {
        let process =
            |n| Process { name: format!("p{n}"), connections: Connections::none(), until: START };
        let processes = (0..size).map(process).collect();
        Self { shared: Shared::default(), cap, now: START, processes }
    }

    fn renew(&mut self, place: usize, wants: bool, is_lost: bool) {
        let process = &mut self.processes[place];
        if !wants {
            process.connections.give_up();
        }
        let renewal = Renewal {
            holder: process.name.clone(),
            limit: 40,
            connections: self.cap,
            open: process.connections.open(),
            wants,
            lanes: vec![],
        };
        let grant = self.shared.renew(&renewal, self.now);
        if !is_lost {
            process.connections.apply(&grant);
            process.until = grant.until;
        }
    }

    fn begin(&mut self, place: usize) {
        let process = &mut self.processes[place];
        if process.until > self.now && process.connections.is_free() {
            process.connections.begin();
        }
    }

    /// Requests of a process that was cut off for longer than its lease are over.
    fn wait(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        for process in &mut self.processes {
            while process.until <= self.now && process.connections.in_use() > 0 {
                process.connections.end();
            }
        }
    }

    fn in_use(&self) -> u32 {
        self.processes.iter().map(|process| process.connections.in_use()).sum()
    }

    fn shares(&self) -> Vec<u32> {
        let status = self.shared.status(self.now);
        status.holders.iter().map(|holder| holder.connections).collect()
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Renew { wants: bool, is_lost: bool },
    Begin,
    End,
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (prop::bool::weighted(0.8), prop::bool::weighted(0.2))
            .prop_map(|(wants, is_lost)| Event::Renew { wants, is_lost }),
        6 => Just(Event::Begin),
        3 => Just(Event::End),
        2 => (0_u64..2_000).prop_map(Event::Wait),
    ]
}

proptest! {
    #[test]
    fn never_more_are_open_than_the_cap(
        cap in 1_u32..12,
        size in 1_usize..6,
        events in prop::collection::vec((0_usize..6, event()), 1..200),
    ) {
        let mut fleet = Fleet::new(cap, size);
        for (place, event) in events {
            let place = place % size;
            match event {
                Event::Renew { wants, is_lost } => fleet.renew(place, wants, is_lost),
                Event::Begin => fleet.begin(place),
                Event::End => fleet.processes[place].connections.end(),
                Event::Wait(millis) => fleet.wait(millis),
            }
            prop_assert!(fleet.in_use() <= cap, "{} of {cap}", fleet.in_use());
            prop_assert!(fleet.shares().iter().sum::<u32>() <= cap);
        }
        // Once all have been heard of, with nothing under way, shares are fair and stay.
        fleet.wait(10_000);
        for round in 0..5 {
            for place in 0..size {
                fleet.renew(place, true, false);
            }
            if round > 2 {
                let shares = fleet.shares();
                prop_assert_eq!(shares.iter().sum::<u32>(), cap);
                let (least, most) = (shares.iter().min(), shares.iter().max());
                prop_assert!(most.unwrap_or(&0) - least.unwrap_or(&0) <= 1, "{shares:?}");
            }
            fleet.wait(400);
        }
    }
}

#[test]
fn a_share_grows_only_when_the_other_has_heard_and_ended() {
    let mut fleet = Fleet::new(10, 2);
    fleet.renew(0, true, false);
    assert_eq!(fleet.shares(), [10]);
    for _ in 0..8 {
        fleet.begin(0);
    }
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [10, 0]);
    // The first hears of it now, and may have used all ten until then.
    fleet.renew(0, true, false);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [5, 0]);
    // Eight are under way.
    fleet.renew(0, true, false);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [5, 2]);
    for _ in 0..4 {
        fleet.processes[0].connections.end();
    }
    fleet.renew(0, true, false);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [5, 5]);
}

#[test]
fn what_a_dead_process_had_comes_free_after_its_lease() {
    let mut fleet = Fleet::new(10, 2);
    for place in [0, 1, 0, 1, 0, 1] {
        fleet.renew(place, true, false);
    }
    assert_eq!(fleet.shares(), [5, 5]);
    fleet.wait(2_000);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [5, 5]);
    fleet.wait(1_001);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [10]);
}

#[test]
fn with_more_processes_than_connections_the_first_have_one_each() {
    let mut fleet = Fleet::new(2, 3);
    for _ in 0..3 {
        (0..3).for_each(|place| fleet.renew(place, true, false));
    }
    assert_eq!(fleet.shares(), [1, 1, 0]);
}

#[test]
fn a_process_without_work_leaves_its_connections_but_for_those_under_way() {
    let mut fleet = Fleet::new(10, 2);
    fleet.renew(0, true, false);
    fleet.begin(0);
    fleet.renew(0, false, false);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [9]);
    fleet.processes[0].connections.end();
    fleet.renew(0, false, false);
    fleet.renew(1, true, false);
    assert_eq!(fleet.shares(), [10]);
}
