//! The rules by values: what happens at which second, and what starts then.

use super::*;

const LEASE: Duration = Duration::from_secs(30);
const DAY: u64 = 86_400;

fn at(seconds: u64) -> Timestamp {
    Timestamp::default() + Duration::from_secs(seconds)
}

/// What happens to an entry that has a slot every 100 seconds.
enum Step {
    /// The leader looks.
    Look,
    /// It looks, and hears that the running job lives.
    Beat,
    End(Outcome),
    Pause,
    Resume,
    Trigger,
    /// The configuration pauses it, or lets it go.
    Withhold(bool),
    /// The configuration says something else.
    Reword,
}
use Step::{Beat, End, Look, Pause, Resume, Reword, Trigger, Withhold};

/// What starts: the second of the slot, why, and which attempt.
type Started = (u64, Cause, u32);

/// Takes steps, each at its second, and compares what each starts.
#[track_caller]
fn check(steps: &[(u64, Step, Option<Started>)]) {
    let mut state = EntryState::new("nightly", at(50));
    let mut withheld = false;
    let mut says = "every 100 s".to_owned();
    let mut begun: Vec<Timestamp> = vec![];
    for (place, (second, step, expected)) in steps.iter().enumerate() {
        let now = at(*second);
        match step {
            Look => (),
            Beat => assert!(state.beat(state.starts, LEASE, now), "step {place}: not running"),
            End(outcome) => {
                assert!(state.end(state.starts, *outcome, None, now), "step {place}: not running");
            }
            Pause => assert!(state.pause()),
            Resume => assert!(state.resume(now)),
            Trigger => state.trigger(now),
            Withhold(held) => withheld = *held,
            Reword => says.push('!'),
        }
        let latest = at(second / 100 * 100);
        let offer =
            Offer { name: state.name.clone(), says: says.clone(), withheld, latest: Some(latest) };
        let was_started = begun.contains(&latest);
        let start = state.offer(&offer, was_started, "one", LEASE, now).start;
        begun.extend(start.iter().map(|start| start.slot));
        let expected = expected.map(|(slot, cause, attempt)| (at(slot), cause, attempt));
        let found = start.map(|start| (start.slot, start.cause, start.attempt));
        assert_eq!(found, expected, "step {place} at {second}");
    }
}

const DONE: Step = End(Outcome::Done);

#[test]
fn an_entry_begins_with_its_next_slot() {
    check(&[(60, Look, None), (99, Look, None), (100, Look, Some((100, Cause::Slot, 1)))]);
}

#[test]
fn a_slot_starts_once() {
    check(&[
        (100, Look, Some((100, Cause::Slot, 1))),
        (101, DONE, None),
        (102, Look, None),
        (200, Look, Some((200, Cause::Slot, 1))),
    ]);
}

#[test]
fn of_what_was_missed_the_latest_is_caught_up_with_once() {
    let forty_days = 40 * DAY;
    check(&[
        (100, Look, Some((100, Cause::Slot, 1))),
        (101, DONE, None),
        (forty_days + 55, Look, Some((forty_days, Cause::Missed, 1))),
        (forty_days + 56, DONE, None),
        (forty_days + 57, Look, None),
        (forty_days + 100, Look, Some((forty_days + 100, Cause::Slot, 1))),
    ]);
}

#[test]
fn a_slot_waits_for_the_one_before_and_is_not_lost() {
    check(&[
        (100, Look, Some((100, Cause::Slot, 1))),
        (125, Beat, None),
        (150, Beat, None),
        (175, Beat, None),
        (200, Beat, None),
        (225, Beat, None),
        (230, DONE, Some((200, Cause::Waited, 1))),
        (231, DONE, None),
    ]);
}

#[test]
fn several_slots_that_wait_are_one_start() {
    let mut steps = vec![(100, Look, Some((100, Cause::Slot, 1)))];
    steps.extend((1..16).map(|beat| (100 + 20 * beat, Beat, None)));
    steps.push((410, DONE, Some((400, Cause::Waited, 1))));
    steps.push((411, DONE, None));
    check(&steps);
}

#[test]
fn a_failed_slot_is_not_tried_again_before_the_next() {
    check(&[
        (100, Look, Some((100, Cause::Slot, 1))),
        (101, End(Outcome::Failed), None),
        (102, Look, None),
        (200, Look, Some((200, Cause::Slot, 1))),
    ]);
}

#[test]
fn what_was_missed_while_paused_is_not_made_up_for() {
    check(&[
        (60, Pause, None),
        (100, Look, None),
        (350, Look, None),
        (351, Resume, None),
        (399, Look, None),
        (400, Look, Some((400, Cause::Slot, 1))),
    ]);
    check(&[
        (60, Withhold(true), None),
        (350, Look, None),
        (351, Withhold(false), None),
        (400, Look, Some((400, Cause::Slot, 1))),
    ]);
}

#[test]
fn a_trigger_starts_now_also_while_paused() {
    check(&[
        (60, Trigger, Some((60, Cause::Triggered, 1))),
        (61, DONE, None),
        (62, Look, None),
        (63, Pause, None),
        (100, Look, None),
        (101, Trigger, Some((101, Cause::Triggered, 1))),
        (102, DONE, None),
    ]);
}

#[test]
fn triggers_while_it_runs_are_one_start_afterwards() {
    check(&[
        (60, Trigger, Some((60, Cause::Triggered, 1))),
        (61, Trigger, None),
        (62, Trigger, None),
        (63, DONE, Some((61, Cause::Triggered, 1))),
        (64, DONE, None),
    ]);
}

#[test]
fn a_trigger_does_not_take_the_place_of_a_slot() {
    check(&[
        (99, Trigger, Some((99, Cause::Triggered, 1))),
        (100, Look, None),
        (101, DONE, Some((100, Cause::Waited, 1))),
    ]);
}

#[test]
fn a_job_whose_process_died_starts_again_once() {
    check(&[
        (100, Look, Some((100, Cause::Slot, 1))),
        (129, Look, None),
        (130, Look, Some((100, Cause::Interrupted, 2))),
        (159, Look, None),
        (160, Look, None),
        (190, Look, None),
        (200, Look, Some((200, Cause::Slot, 1))),
    ]);
}

#[test]
fn a_later_slot_takes_the_place_of_what_broke_off() {
    check(&[(100, Look, Some((100, Cause::Slot, 1))), (205, Look, Some((200, Cause::Waited, 1)))]);
}

#[test]
fn a_job_that_was_stopped_goes_on_with_the_next_leader() {
    let mut state = EntryState::new("nightly", at(50));
    let offer = |latest: u64| Offer {
        name: "nightly".to_owned(),
        says: String::new(),
        withheld: false,
        latest: Some(at(latest)),
    };
    assert!(state.offer(&offer(100), false, "one", LEASE, at(100)).start.is_some());
    for round in 0..5 {
        let now = at(110 + round);
        assert!(state.end(state.starts, Outcome::Stopped, None, now));
        let start = state.offer(&offer(100), true, "two", LEASE, now).start.unwrap();
        assert_eq!((start.slot, start.cause, start.attempt), (at(100), Cause::Stopped, 1));
    }
}

#[test]
fn a_triggered_job_that_broke_off_starts_again_though_paused() {
    check(&[
        (60, Pause, None),
        (61, Trigger, Some((61, Cause::Triggered, 1))),
        (95, Look, Some((61, Cause::Interrupted, 2))),
        (130, Look, None),
    ]);
}

#[test]
fn a_clock_set_back_does_not_start_a_slot_twice() {
    check(&[
        (5 * DAY, Look, Some((5 * DAY, Cause::Slot, 1))),
        (5 * DAY + 1, DONE, None),
        // An hour back.
        (5 * DAY - 3_600, Look, None),
        (5 * DAY - 3_500, Look, None),
        (5 * DAY, Look, None),
        (5 * DAY + 100, Look, Some((5 * DAY + 100, Cause::Slot, 1))),
        (5 * DAY + 101, DONE, None),
        // Days back: slots come again, but none that was started.
        (DAY, Look, None),
        (DAY + 100, Look, Some((DAY + 100, Cause::Slot, 1))),
        (DAY + 101, DONE, None),
        (5 * DAY, Look, None),
        (5 * DAY + 100, Look, None),
    ]);
}

#[test]
fn a_clock_that_was_years_ahead_does_not_silence_an_entry() {
    check(&[
        (3_650 * DAY, Look, Some((3_650 * DAY, Cause::Slot, 1))),
        (3_650 * DAY + 1, DONE, None),
        (60, Look, None),
        (100, Look, Some((100, Cause::Slot, 1))),
    ]);
}

#[test]
fn an_entry_that_says_something_else_begins_with_its_next_slot() {
    check(&[
        (100, Look, Some((100, Cause::Slot, 1))),
        (101, DONE, None),
        (350, Reword, None),
        (400, Look, Some((400, Cause::Slot, 1))),
    ]);
}

#[test]
fn a_late_process_cannot_end_what_was_given_up() {
    let mut state = EntryState::new("nightly", at(50));
    state.trigger(at(60));
    let offer =
        Offer { name: "nightly".to_owned(), says: String::new(), withheld: false, latest: None };
    let first = state.offer(&offer, false, "one", LEASE, at(60)).start.unwrap();
    let moves = state.offer(&offer, false, "two", LEASE, at(95));
    assert_eq!(moves.interrupted.map(|(number, _)| number), Some(first.number));
    let second = moves.start.unwrap();
    assert!(!state.beat(first.number, LEASE, at(96)));
    assert!(!state.end(first.number, Outcome::Done, None, at(96)));
    assert!(state.end(second.number, Outcome::Done, None, at(97)));
}
