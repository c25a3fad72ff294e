//! The shared row under one, two and dying holders.

use std::time::{Duration, Instant};

use super::*;
use crate::budget::{Lanes, Wait};

const START: Timestamp = Timestamp::from_millis(1_000_000);

fn renewal(holder: &str, limit: u32, lanes: Vec<GrantedLane>) -> Renewal {
    let holder = holder.to_owned();
    Renewal { holder, limit, connections: 20, open: 0, wants: true, lanes }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Some processes that ask as fast as they may, on one simulated clock.
struct Fleet {
    shared: Shared,
    epoch: Instant,
    processes: Vec<(String, Lanes)>,
    sent: Vec<u64>,
}

impl Fleet {
    fn new(names: &[&str]) -> Self {
        let epoch = Instant::now();
        let processes = names.iter().map(|name| ((*name).to_owned(), Lanes::none(epoch)));
        Self { shared: Shared::default(), epoch, processes: processes.collect(), sent: vec![] }
    }

    fn run(&mut self, limit: u32, from: u64, to: u64) {
        for millis in from..to {
            let (now, clock) = (self.epoch + ms(millis), START + ms(millis));
            for (place, (name, lanes)) in self.processes.iter_mut().enumerate() {
                if (millis + place as u64 * 37).is_multiple_of(250) || lanes.owes_report() {
                    let report = lanes.report(now, clock);
                    let grant = self.shared.renew(&renewal(name, limit, report), clock);
                    lanes.apply(&grant, now, clock);
                }
                while lanes.take(now).is_ok() {
                    self.sent.push(millis);
                }
            }
        }
    }

    fn most_in_a_second(&self) -> usize {
        let within =
            |start: u64| self.sent.iter().filter(move |at| (start..start + 1_000).contains(at));
        self.sent.iter().map(|start| within(*start).count()).max().unwrap_or(0)
    }
}

#[track_caller]
fn check_fleet(names: &[&str]) {
    let mut fleet = Fleet::new(names);
    fleet.run(40, 0, 20_000);
    assert!(fleet.most_in_a_second() <= 40, "{} in a second", fleet.most_in_a_second());
    let settled = fleet.sent.iter().filter(|at| **at >= 5_000).count();
    assert!(settled >= 15 * 40 * 98 / 100, "only {settled} of 600 used");
}

#[test]
fn one_process_gets_it_all_and_never_more() {
    check_fleet(&["a"]);
}

#[test]
fn two_processes_share_it() {
    check_fleet(&["a", "b"]);
}

#[test]
fn four_processes_share_it() {
    check_fleet(&["a", "b", "c", "d"]);
}

#[test]
fn what_a_dead_process_held_comes_free_after_its_lease() {
    let mut fleet = Fleet::new(&["a", "b"]);
    fleet.run(40, 0, 5_000);
    let (_, dead) = fleet.processes.pop().expect("two processes");
    assert_eq!(dead.len(), 20);
    fleet.run(40, 5_000, 12_000);
    assert_eq!(fleet.processes[0].1.len(), 40);
    assert!(fleet.most_in_a_second() <= 40);
}

#[test]
fn a_429_stops_everybody_and_closes_lanes_for_a_while() {
    let mut fleet = Fleet::new(&["a", "b"]);
    fleet.run(40, 0, 5_000);
    let until = fleet.shared.hold(Some(Duration::from_secs(5)), START + ms(5_000));
    assert_eq!(until, START + ms(10_000));
    fleet.run(40, 5_000, 12_000);
    // The others hear of it with their next renewal, at most 250 ms later.
    assert!(!fleet.sent.iter().any(|at| (5_250..10_000).contains(at)));
    assert!(fleet.shared.status(START + ms(12_000)).open < 40);
    fleet.run(40, 12_000, 70_000);
    assert_eq!(fleet.shared.status(START + ms(70_000)).open, 40);
}

#[test]
fn waits_double_when_tmdb_names_none() {
    let mut shared = Shared::default();
    shared.renew(&renewal("a", 40, vec![]), START);
    let first = shared.hold(None, START);
    assert_eq!(first.since(START), Duration::from_secs(1));
    let second = shared.hold(None, first);
    assert_eq!(second.since(first), Duration::from_secs(2));
    // One that was under way when the hold began changes nothing.
    assert_eq!(shared.hold(None, first), second);
}

#[test]
fn a_clock_set_back_closes_nothing_for_long() {
    let mut shared = Shared::default();
    shared.renew(&renewal("a", 4, vec![]), START + Duration::from_hours(24));
    let now = START;
    let grant = shared.renew(&renewal("b", 4, vec![]), now + LEASE + CYCLE);
    assert!(grant.lanes.iter().all(|lane| lane.free_at <= now + (LEASE + CYCLE) * 2));
}

#[test]
fn a_process_without_work_leaves_its_lanes_to_the_others() {
    let mut shared = Shared::default();
    let first = shared.renew(&renewal("a", 4, vec![]), START);
    assert_eq!(first.lanes.len(), 4);
    let idle = Renewal { wants: false, ..renewal("a", 4, first.lanes) };
    assert!(shared.renew(&idle, START + ms(10)).lanes.is_empty());
    assert_eq!(shared.renew(&renewal("b", 4, vec![]), START + ms(20)).lanes.len(), 4);
}

#[test]
fn a_lane_changes_hands_only_when_its_holder_knows() {
    let mut fleet = Fleet::new(&["a", "b"]);
    let (_, late) = fleet.processes.pop().expect("two processes");
    fleet.run(40, 0, 2_000);
    fleet.processes.push(("b".to_owned(), late));
    fleet.run(40, 2_000, 4_000);
    assert!(fleet.most_in_a_second() <= 40);
    assert_eq!(fleet.processes.iter().map(|(_, lanes)| lanes.len()).collect::<Vec<_>>(), [20, 20]);
}

#[test]
fn without_lanes_only_a_renewal_helps() {
    let now = Instant::now();
    assert_eq!(Lanes::none(now).take(now).err(), Some(Wait::ForRenewal));
    assert!(Lanes::unlimited(now).take(now).is_ok());
}
