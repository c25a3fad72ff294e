//! A mirror that keeps itself fresh: feeds, exports, staleness, proofs and terms, under a
//! turned clock.

use std::time::Duration;

use cinemirror::simulate::World;
use domain::deletion::{Evidence, Tombstone};
use domain::queue::DeadFilter;
use domain::schedule::Job;
use domain::{Key, Kind};
use fake_tmdb::{ExportFile, Faults, Life};
use pipeline::harvest::changes;
use pipeline::{PipelineError, purge};

const MOVIES: u64 = 80;

/// Runs a test in a world that has been mirrored whole on its first day.
fn in_a_world<F: AsyncFnOnce(World)>(life: Life, test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::begin(MOVIES, 7, life).await.unwrap();
        world.turn_to(0, 9);
        world.perform(Job::Full).await.unwrap();
        test(world).await;
    });
}

/// So much happens that a test sees it in weeks.
fn lively() -> Life {
    Life { edits: 0.02, deaths: 0.003, absences: 0.002, gaps: 0.002, ..Life::default() }
}

#[test]
fn a_gap_of_forty_days_is_walked_in_windows() {
    in_a_world(Life { silent: 0.0, ..Life::default() }, async |world| {
        world.turn_to(1, 9);
        world.perform(Job::Changes).await.unwrap();
        world.turn_to(41, 9);
        world.perform(Job::Changes).await.unwrap();
        world.perform(Job::Exports).await.unwrap();
        let feeds = changes::status(world.stores()).await.unwrap();
        let days: Vec<_> = feeds.iter().map(|feed| feed.complete_to).collect();
        let closed = (world.now() - Duration::from_hours(24)).date();
        assert_eq!(days, [Some(closed); 2], "movies and shows, people are not wanted");
        let verdict = world.verdict().await.unwrap();
        assert!(verdict.is_right(), "{verdict:#?}");
        assert!(verdict.equal > MOVIES);
        world.end().await;
    });
}

#[test]
fn weeks_of_jobs_leave_a_mirror_that_equals_its_universe() {
    in_a_world(lively(), async |world| {
        for day in 1..45 {
            world.turn_to(day, 9);
            for job in [Job::Exports, Job::Changes, Job::Refresh, Job::Purge] {
                world.perform(job).await.unwrap();
            }
        }
        let verdict = world.verdict().await.unwrap();
        assert!(verdict.is_right(), "{verdict:#?}");
        assert!(verdict.buried > 0, "nothing died: {verdict:#?}");
        world.end().await;
    });
}

#[test]
fn an_outage_buries_nothing() {
    in_a_world(lively(), async |world| {
        world.turn_to(40, 9);
        world.fake.set_faults(Faults { error_503: 1.0, ..Faults::default() });
        let turning = async {
            // Days of pauses, then TMDB is back.
            let mut turned = 0;
            while world.day() < 45 {
                turned += u32::from(world.turn_on());
                tokio::task::yield_now().await;
            }
            assert!(turned > 1_000, "pauses are minutes, not days: {turned}");
            world.fake.set_faults(Faults::default());
            loop {
                world.turn_on();
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            done = world.perform(Job::Refresh) => done.unwrap(),
            () = turning => (),
        }
        let dead = world.stores().queue.dead(&DeadFilter::default(), 10).await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
        world.perform(Job::Changes).await.unwrap();
        world.perform(Job::Exports).await.unwrap();
        let verdict = world.verdict().await.unwrap();
        assert!(verdict.is_right(), "{verdict:#?}");
        world.end().await;
    });
}

#[test]
fn what_is_too_old_is_purged_and_the_audit_says_so() {
    in_a_world(Life::STILL, async |world| {
        let kept = Duration::from_hours(24 * 180);
        let audit =
            async |world: &World| purge::audit(world.stores(), kept, world.now()).await.unwrap();
        assert!(audit(&world).await.is_lawful());
        world.turn_to(181, 9);
        let late = audit(&world).await;
        assert!(!late.is_lawful(), "{late:?}");
        world.fake.set_faults(Faults { error_503: 1.0, ..Faults::default() });
        let purged: Result<(), PipelineError> = world.perform(Job::Purge).await;
        purged.unwrap();
        let after = audit(&world).await;
        assert!(after.is_lawful(), "{after:#?}");
        assert!(world.stores().archive.known(Kind::Movie).await.unwrap().ids.is_empty());
        // What is not proven gone comes back by itself.
        assert!(world.stores().queue.depth(world.now()).await.unwrap().ready > MOVIES);
        world.end().await;
    });
}

/// Serves a bad export a day after the world was mirrored: nothing changes, and the message
/// says why.
#[track_caller]
fn check_export(file: ExportFile, why: &str) {
    in_a_world(lively(), async |world| {
        let known = world.stores().archive.known(Kind::Movie).await.unwrap();
        let cursor = world.stores().ledger.cursor("export:export.movie").await.unwrap();
        world.turn_to(1, 9);
        world.fake.set_export_file(Some(file));
        let failed = world.perform(Job::Exports).await.unwrap_err().to_string();
        assert!(failed.contains(why), "{failed}");
        assert_eq!(world.stores().archive.known(Kind::Movie).await.unwrap(), known);
        assert_eq!(world.stores().ledger.cursor("export:export.movie").await.unwrap(), cursor);
        let suspects = world.stores().archive.suspects(None, 10).await.unwrap();
        assert!(suspects.iter().all(|suspect| suspect.evidence.unlisted.is_none()), "{suspects:?}");
        // The next day's is whole again, and is taken.
        world.turn_to(2, 9);
        world.fake.set_export_file(None);
        world.perform(Job::Exports).await.unwrap();
        assert_ne!(world.stores().ledger.cursor("export:export.movie").await.unwrap(), cursor);
        world.end().await;
    });
}

#[test]
fn a_cut_export_changes_nothing() {
    check_export(ExportFile::Short, "ends too early");
}

#[test]
fn an_empty_export_changes_nothing() {
    check_export(ExportFile::Empty, "it is empty");
}

#[test]
fn a_short_export_changes_nothing() {
    check_export(ExportFile::FewLines, "nothing of it was taken");
}

#[test]
fn an_export_without_lines_changes_nothing() {
    check_export(ExportFile::NoLines, "has 0 lines");
}

#[test]
fn an_export_that_is_not_out_yet_is_no_failure() {
    in_a_world(lively(), async |world| {
        let cursor = world.stores().ledger.cursor("export:export.movie").await.unwrap();
        world.turn_to(1, 9);
        world.fake.set_export_file(Some(ExportFile::Missing));
        world.perform(Job::Exports).await.unwrap();
        assert_eq!(world.stores().ledger.cursor("export:export.movie").await.unwrap(), cursor);
        world.end().await;
    });
}

#[test]
fn yesterdays_export_under_todays_name_loses_nothing() {
    in_a_world(lively(), async |world| {
        let known = world.stores().archive.known(Kind::Movie).await.unwrap();
        world.turn_to(1, 9);
        world.fake.set_export_file(Some(ExportFile::Yesterday));
        world.perform(Job::Exports).await.unwrap();
        let after = world.stores().archive.known(Kind::Movie).await.unwrap();
        assert_eq!(after.ids, known.ids);
        assert_eq!(world.stores().archive.stats().await.unwrap().tombstones, 0);
        world.end().await;
    });
}

#[test]
fn a_buried_show_is_not_asked_for_through_its_seasons() {
    in_a_world(Life::STILL, async |world| {
        let archive = &world.stores().archive;
        let all = archive.freshness(None, usize::MAX).await.unwrap();
        let season = all.iter().find(|record| record.key.kind() == Kind::Season).unwrap().key;
        let show = Key::tv(season.id());
        let (since, evidence) = (world.now(), Evidence::default());
        archive.bury(&[Tombstone { key: show, since, evidence, successor: None }]).await.unwrap();
        world.turn_to(40, 9);
        world.perform(Job::Refresh).await.unwrap();
        assert!(archive.tombstone(show).await.unwrap().is_some(), "it was asked for");
        world.perform(Job::Purge).await.unwrap();
        assert_eq!(archive.heads(&[show, season]).await.unwrap(), [None; 2]);
        world.end().await;
    });
}
