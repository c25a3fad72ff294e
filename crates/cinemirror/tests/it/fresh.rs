//! A mirror that keeps itself fresh: feeds, exports, staleness, proofs and terms, under a
//! turned clock.

use cinemirror::simulate::World;
use domain::Kind;
use domain::queue::DeadFilter;
use domain::schedule::Job;
use fake_tmdb::{Faults, Life};
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
        world.fake.set_faults(Faults::default());
        world.perform(Job::Changes).await.unwrap();
        world.perform(Job::Exports).await.unwrap();
        let feeds = changes::status(world.stores()).await.unwrap();
        let days: Vec<_> = feeds.iter().map(|feed| feed.complete_to).collect();
        assert_eq!(days, [Some(world.now().date()); 2], "movies and shows, people are not wanted");
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
        let kept = std::time::Duration::from_hours(24 * 180);
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
