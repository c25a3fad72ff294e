//! Estimates by values.

use domain::archive::{ArchiveStats, KindStats};
use domain::staleness::{Doubt, Freshness, Tier};
use domain::{Key, Timestamp};

use super::*;

fn plan(sources: &[(&str, f64, u32)]) -> Plan {
    let planned = |(source, runs_a_day, pages): &(&str, f64, u32)| Planned {
        source: source.parse().unwrap(),
        runs_a_day: *runs_a_day,
        pages: *pages,
    };
    Plan {
        kinds: vec![],
        sources: sources.iter().map(planned).collect(),
        regions: 0,
        languages: 0,
        genres: Genres::default(),
        requests_per_second: 50,
        staleness: Staleness { jitter: 0.0, ..Staleness::default() },
        kept_days: 180,
        on_aws: false,
    }
}

#[track_caller]
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= wanted.abs() * 1e-6 + 1e-9, "{found}, not {wanted}");
}

/// Calls a day of the line so called.
#[track_caller]
fn check(plan: &Plan, what: &str, a_day: f64) {
    let estimate = estimate(plan, &Figures::default());
    let line = estimate.calls.iter().find(|line| line.what == what);
    near(line.map_or(0.0, |line| line.a_day), a_day);
}

#[test]
fn lists_cost_their_pages_in_every_region_and_language() {
    let mut plan = plan(&[("movie.popular", 4.0, 5), ("tv.popular", 1.0, 5)]);
    check(&plan, "movie.popular", 20.0);
    plan.regions = 3;
    plan.languages = 2;
    check(&plan, "movie.popular", 120.0);
    // TMDB takes no region for it.
    check(&plan, "tv.popular", 10.0);
}

#[test]
fn a_list_of_several_runs_is_added_up_and_holds_its_rows_once() {
    let plan = plan(&[("movie.popular", 4.0, 2), ("movie.popular", 1.0, 5)]);
    check(&plan, "movie.popular", 13.0);
    let titles = estimate(&plan, &Figures::default()).first_crawl.titles;
    near(titles, 5.0 * 20.0 * 0.6);
}

#[test]
fn genres_cost_a_list_each() {
    check(&plan(&[("movie.genres", 1.0, 4)]), "movie.genres", 20.0);
    check(&plan(&[("movie.genre_28", 1.0, 4)]), "movie.genre_28", 4.0);
    check(&plan(&[("movie.popular", 1.0, 900)]), "movie.popular", 500.0);
}

#[test]
fn change_feeds_overlap_by_a_day_and_exports_cost_no_call() {
    // Two days of 7,199 ids, 100 a page.
    check(&plan(&[("changes.movie", 1.0, 1)]), "changes.movie", 144.0);
    check(&plan(&[("export.movie", 1.0, 1)]), "export.movie", 0.0);
    check(&plan(&[("export.movie", 1.0, 1)]), "new (movie)", 400.0);
}

#[test]
fn a_kind_that_is_not_wanted_costs_nothing() {
    let mut plan = plan(&[("export.movie", 1.0, 1), ("export.tv_series", 1.0, 1)]);
    plan.kinds = vec![Kind::Tv];
    let estimate = estimate(&plan, &Figures::default());
    assert!(estimate.calls.iter().all(|line| !line.what.contains("movie")), "{estimate:?}");
    near(estimate.first_crawl.titles, 233_582.0);
    near(estimate.first_crawl.calls, 233_582.0 * 1.1);
}

#[test]
fn the_first_crawl_takes_the_calls_at_the_budget() {
    let estimate = estimate(&plan(&[("export.movie", 1.0, 1)]), &Figures::default());
    near(estimate.first_crawl.seconds.unwrap(), 1_240_000.0 / 49.0);
    near(estimate.rooms[0].bytes, 1_240_000.0 * 5_000.0);
    assert!(estimate.budget_share.unwrap() < 0.05, "{estimate:?}");
    let unlimited = Plan { requests_per_second: 0, ..plan(&[("export.movie", 1.0, 1)]) };
    let unlimited = super::estimate(&unlimited, &Figures::default());
    assert_eq!((unlimited.first_crawl.seconds, unlimited.budget_share), (None, None));
}

#[test]
fn tiers_share_out_what_comes_due() {
    let mut plan = plan(&[("export.movie", 1.0, 1)]);
    plan.staleness.tiers = vec![Tier { released_within_days: 31, every_days: 2 }];
    plan.staleness.older_every_days = 30;
    // 12,400 movies within 31 days, the others every 30 days.
    check(&plan, "refresh (movie)", 12_400.0 / 2.0 + (1_240_000.0 - 12_400.0) / 30.0);
    plan.staleness.everything_days = 20;
    check(&plan, "refresh (movie)", 12_400.0 / 2.0 + (1_240_000.0 - 12_400.0) / 20.0);
    plan.staleness.jitter = 0.2;
    check(&plan, "refresh (movie)", (12_400.0 / 2.0 + (1_240_000.0 - 12_400.0) / 20.0) / 0.9);
    plan.kinds = vec![Kind::Person];
    plan.sources[0].source = "export.person".parse().unwrap();
    plan.staleness.jitter = 0.0;
    plan.staleness.everything_days = 120;
    check(&plan, "refresh (person)", 4_855_479.0 / 60.0);
}

#[test]
fn what_a_feed_renews_is_not_renewed_twice() {
    let mut plan = plan(&[("export.movie", 1.0, 1), ("changes.movie", 1.0, 1)]);
    plan.staleness.tiers = vec![];
    check(&plan, "refresh (movie)", 1_240_000.0 / 30.0 - 7_199.0);
    check(&plan, "changed (movie)", 2.0 * 7_199.0);
}

fn stats(kind: Kind, keys: u64, stored_bytes: u64) -> KindStats {
    KindStats {
        kind,
        keys,
        versions: keys,
        stored_bytes,
        body_bytes: 0,
        with_dictionary: 0,
        dictionary_added_at: None,
        oldest_fetched_at: None,
        newest_fetched_at: None,
    }
}

#[test]
fn the_own_archive_is_believed_where_it_holds_enough() {
    let kinds = vec![
        stats(Kind::Movie, 1_000, 3_000_000),
        stats(Kind::Tv, 100, 400_000),
        stats(Kind::Season, 300, 600_000),
        stats(Kind::Person, 3, 9_000_000),
    ];
    let figures = Figures::default().measured(&ArchiveStats { kinds, ..ArchiveStats::default() });
    let of = |kind| figures.kinds.iter().find(|own| own.kind == kind).unwrap();
    assert_eq!(
        (of(Kind::Movie).bytes.value, of(Kind::Movie).bytes.origin),
        (3_000.0, Origin::Measured)
    );
    near(of(Kind::Tv).records.value, 4.0);
    near(of(Kind::Tv).bytes.value, 2_500.0);
    assert_eq!(of(Kind::Person).bytes.origin, Origin::Assumed);
    // Without an export, what is there already is kept fresh.
    let estimate = estimate(&plan(&[("movie.popular", 1.0, 1)]), &figures);
    near(estimate.first_crawl.titles, 1_100.0);
}

#[test]
fn measured_ages_take_the_place_of_assumed_ones() {
    let now = Timestamp::from_millis(1_800_000_000_000);
    let day = |age: i64| now.date().checked_sub(jiff::Span::new().days(age)).unwrap();
    let mut ages = Ages::default();
    for id in 1..=100 {
        let record = Freshness {
            key: Key::movie(id),
            fetched_at: now,
            schema_version: 1,
            // A quarter is of the last ten days, a quarter has no date.
            released: (id <= 75).then(|| day(if id <= 25 { 10 } else { 4_000 })),
            airs: None,
            is_open: false,
            doubt: Doubt::None,
        };
        ages.add(&record, now);
    }
    let mut figures = Figures::default();
    figures.set_ages(Kind::Movie, ages);
    let mut plan = plan(&[("export.movie", 1.0, 1)]);
    plan.staleness.tiers = vec![Tier { released_within_days: 30, every_days: 2 }];
    let estimate = estimate(&plan, &figures);
    let line = estimate.calls.iter().find(|line| line.what == "refresh (movie)").unwrap();
    near(line.a_day, 310_000.0 / 2.0 + 930_000.0 / 30.0);
}

#[test]
fn every_figure_used_is_named_with_its_origin() {
    let estimate = estimate(&plan(&[("movie.popular", 1.0, 1)]), &Figures::default());
    let named = |name: &str| estimate.figures.iter().any(|figure| figure.name == name);
    assert!(named("movie: bytes a record") && named("lists: share of different titles"));
    assert!(!named("person: bytes a record"), "a kind that is not there is not explained");
    assert!(estimate.figures.iter().all(|figure| !figure.why.is_empty()));
}

#[test]
fn a_small_plan_is_free_on_aws_and_a_full_mirror_is_not() {
    let daily = Plan { on_aws: true, ..plan(&[("movie.popular", 1.0, 2), ("tv.popular", 1.0, 2)]) };
    let aws = estimate(&daily, &Figures::default()).aws.unwrap();
    assert!(aws.is_free, "{aws:?}");
    let full =
        Plan { on_aws: true, ..plan(&[("export.movie", 1.0, 1), ("export.person", 1.0, 1)]) };
    let aws = estimate(&full, &Figures::default()).aws.unwrap();
    let room =
        aws.bills.iter().find(|bill| bill.service == "S3" && bill.unit == "GB a month").unwrap();
    near(room.dollars, (room.used - 5.0) * 0.023);
    assert!(!aws.is_free && aws.dollars > 0.1 && aws.first_crawl_dollars > 10.0, "{aws:?}");
}
