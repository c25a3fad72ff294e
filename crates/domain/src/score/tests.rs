//! What every score keeps to, and some by value.

use proptest::prelude::*;

use super::*;

fn rating(source: &str, value_0_100: f64, votes: u64) -> Rating {
    Rating {
        source: source.to_owned(),
        value: value_0_100 / 10.0,
        scale: 10.0,
        value_0_100,
        votes,
        last_seen_at: Timestamp::from_millis(i64::try_from(votes % 1_000).unwrap()),
    }
}

fn width(score: &Score) -> f64 {
    score.high - score.low
}

/// Ratings as `(value, votes)`; wanted to one decimal.
#[track_caller]
fn check(ratings: &[(f64, u64)], wanted: [&str; 3]) {
    let named = ["a", "b", "c"].iter().zip(ratings);
    let ratings: Vec<_> =
        named.map(|(source, (value, votes))| rating(source, *value, *votes)).collect();
    let score = score(&ratings).unwrap();
    let shown = [score.low, score.value, score.high].map(|number| format!("{number:.1}"));
    assert_eq!(shown, wanted);
}

#[test]
fn few_votes_stay_near_the_prior_and_many_leave_it() {
    check(&[(100.0, 1)], ["35.6", "62.7", "89.9"]);
    check(&[(100.0, 50)], ["60.9", "80.5", "100.0"]);
    check(&[(84.0, 30_000)], ["76.8", "82.9", "89.0"]);
    check(&[(0.0, 1_000_000)], ["0.0", "3.0", "8.9"]);
}

#[test]
fn two_sources_are_surer_than_one() {
    check(&[(84.0, 30_000), (88.0, 2_000_000)], ["81.1", "85.4", "89.8"]);
    check(&[(84.0, 2_000_000), (0.0, 10)], ["76.2", "82.2", "88.1"]);
}

#[test]
fn nothing_is_scored_without_a_vote() {
    assert_eq!(score(&[]), None);
    assert_eq!(score(&[rating("a", 90.0, 0), rating("b", f64::NAN, 9)]), None);
}

#[test]
fn a_score_tells_what_it_was_made_of() {
    let score = score(&[rating("imdb", 70.0, 9), rating("TMDB", 80.0, 0), rating("a", 120.0, 50)]);
    let score = score.unwrap();
    let names: Vec<_> = score.sources.iter().map(|one| one.source.as_str()).collect();
    assert_eq!(names, ["a", "imdb"]);
    assert!((score.sources[0].value_0_100 - 100.0).abs() < f64::EPSILON);
    assert_eq!(score.computed_at, Timestamp::from_millis(50));
    assert_eq!(score.method_version, METHOD_VERSION);
}

fn any_ratings() -> impl Strategy<Value = Vec<Rating>> {
    let one = ("[a-e]", 0.0..=100.0, prop_oneof![0_u64..100, 1_u64..5_000_000, Just(u64::MAX)]);
    let all = prop::collection::vec(one, 1..6);
    all.prop_map(|all| {
        all.iter().map(|(name, value, votes)| rating(name, *value, *votes)).collect()
    })
}

proptest! {
    #[test]
    fn the_interval_holds_the_score_within_the_scale(ratings in any_ratings()) {
        if let Some(score) = score(&ratings) {
            prop_assert!(0.0 <= score.low && score.low <= score.value);
            prop_assert!(score.value <= score.high && score.high <= 100.0);
            let shares: f64 = score.sources.iter().map(|one| one.share).sum();
            prop_assert!(0.0 < shares && shares < 1.0);
        }
    }

    #[test]
    fn the_order_of_ratings_does_not_matter(
        (ratings, turned) in any_ratings().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(score(&ratings), score(&turned));
    }

    #[test]
    fn more_votes_of_one_opinion_narrow_the_interval_and_come_nearer_to_it(
        value in 0.0..=100.0, votes in 1_u64..10_000_000, more in 1_u64..10_000_000
    ) {
        let few = score(&[rating("a", value, votes)]).unwrap();
        let many = score(&[rating("a", value, votes + more)]).unwrap();
        prop_assert!(width(&many) <= width(&few) + 1e-9);
        prop_assert!((many.value - value).abs() <= (few.value - value).abs() + 1e-9);
    }

    #[test]
    fn a_further_source_narrows_what_the_ends_of_the_scale_do_not_cut(
        ratings in any_ratings(), value in 0.0..=100.0, votes in 1_u64..10_000_000
    ) {
        let further = [ratings.clone(), vec![rating("f", value, votes)]].concat();
        let (before, after) = (score(&ratings), score(&further).unwrap());
        if let Some(before) = before.filter(|score| score.low > 0.0 && score.high < 100.0) {
            prop_assert!(width(&after) < width(&before));
        }
    }

    #[test]
    fn a_better_rating_gives_no_lower_score(
        ratings in any_ratings(), place in any::<prop::sample::Index>(), better in 0.0..=100.0_f64
    ) {
        let place = place.index(ratings.len());
        let mut raised = ratings.clone();
        raised[place].value_0_100 = better.max(ratings[place].value_0_100);
        let value = |ratings: &[Rating]| score(ratings).map(|score| score.value);
        if let (Some(before), Some(after)) = (value(&ratings), value(&raised)) {
            prop_assert!(after >= before - 1e-9);
        }
    }
}
