//! The rules of who is there and when, by values.

use std::collections::HashSet;

use super::*;

fn people(count: u64, life: Life) -> Population {
    Population::new(count, 7, life, life.edits, life.merges)
}

#[test]
fn ids_are_unique_and_lead_back_to_their_members() {
    let people = people(1000, Life::default());
    let ids: HashSet<u64> = (0..people.count(30)).map(|index| people.id(index)).collect();
    assert_eq!(ids.len() as u64, people.count(30));
    for index in 0..people.count(30) {
        assert_eq!(people.index(people.id(index), 30), Some(index));
    }
    let known = (0..2000).filter(|id| people.index(*id, 30).is_some()).count();
    assert_eq!(known as u64, people.count(30), "ids that nobody has");
    assert_eq!(people.index(u64::MAX, 30), None);
}

#[test]
fn ranks_are_a_permutation_that_moves() {
    let people = people(1000, Life::default());
    for day in [0, 1, 25] {
        let members: HashSet<u64> = (0..1000).map(|rank| people.at_rank(rank, day)).collect();
        assert_eq!(members.len(), 1000);
        for index in 0..people.count(day) {
            assert_eq!(people.at_rank(people.rank(index, day), day), index);
        }
    }
    assert_ne!(
        (0..20).map(|rank| people.at_rank(rank, 1)).collect::<Vec<_>>(),
        (0..20).map(|rank| people.at_rank(rank, 2)).collect::<Vec<_>>()
    );
}

#[test]
fn a_few_appear_and_go_each_day() {
    let people = people(100_000, Life::default());
    assert_eq!((people.born(99_999), people.born(100_000), people.born(100_100)), (0, 1, 4));
    let gone = (0..100_000).filter(|index| people.is_gone(*index, 10)).count();
    assert!((120..280).contains(&gone), "{gone} of 100,000 went in ten days");
    assert!((0..100_000).all(|index| !people.is_gone(index, 0)));
}

#[test]
fn nobody_dies_or_is_born_where_life_stands_still() {
    let people = people(5000, Life::STILL);
    assert_eq!(people.count(10_000), 5000);
    for index in 0..5000 {
        assert!(people.is_alive(index, 10_000));
        assert_eq!((people.edits(index, 10_000), people.last_edit(index, 10_000)), (0, None));
    }
}

#[test]
fn the_last_edit_is_the_day_on_which_the_count_grew() {
    let people = people(5000, Life::default());
    let mut edited = 0;
    for index in (0..500).chain(4990..5010) {
        let mut last = None;
        for day in 1..200 {
            let grows = people.edits(index, day) - people.edits(index, day - 1);
            assert!(grows <= 1 && (grows == 0 || u64::from(day) > people.born(index)));
            last = if grows == 1 { Some(u64::from(day)) } else { last };
            assert_eq!(people.last_edit(index, day), last, "{index} on {day}");
            edited += grows;
        }
    }
    assert!((500..1500).contains(&edited), "{edited} edits");
}

#[test]
fn edits_are_as_frequent_as_they_are_meant_to_be() {
    let people = people(50_000, Life::default());
    let edits: u64 = (0..50_000).map(|index| people.edits(index, 100)).sum();
    let share = edits as f64 / 5_000_000.0;
    assert!((0.005..0.007).contains(&share), "{share}");
}

#[test]
fn nobody_is_both_absent_and_left_out() {
    let people = people(2000, Life { absences: 0.05, gaps: 0.05, ..Life::default() });
    let (mut absent, mut left_out) = (0, 0);
    for index in 0..2000 {
        let count = |is: &dyn Fn(u32) -> bool| (0..50).filter(|day| is(*day)).count();
        let absences = count(&|day| people.is_absent(index, day));
        let gaps = count(&|day| people.is_left_out(index, day));
        assert!(absences == 0 || gaps == 0, "{index}");
        (absent, left_out) = (absent + absences, left_out + gaps);
    }
    assert!((4_000..6_000).contains(&absent), "{absent}");
    assert!((4_000..6_000).contains(&left_out), "{left_out}");
}

#[test]
fn an_heir_outlives_the_one_that_is_merged_into_it() {
    let people = people(20_000, Life::default());
    let mut merged = 0;
    for index in 0..20_000 {
        let Some(heir) = people.heir(index) else { continue };
        assert_eq!(people.merged(heir), Some((index, people.last_day(index))));
        assert!(people.last_day(heir) > people.last_day(index));
        merged += 1;
    }
    assert!((3_500..5_500).contains(&merged), "{merged} of the first half to go are merged");
}
