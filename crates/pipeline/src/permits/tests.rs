//! Permits under a budget in memory, by a clock that the tests turn.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use domain::budget::{BudgetStatus, Grant, Shared};

use super::*;

#[derive(Default)]
struct Memory {
    shared: Mutex<Shared>,
}

#[async_trait]
impl Budget for Memory {
    async fn renew(&self, renewal: &Renewal, now: Timestamp) -> Result<Grant, StoreError> {
        Ok(self.shared.lock().unwrap().renew(renewal, now))
    }

    async fn hold(
        &self,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        Ok(self.shared.lock().unwrap().hold(retry_after, now))
    }

    async fn status(&self, now: Timestamp) -> Result<BudgetStatus, StoreError> {
        Ok(self.shared.lock().unwrap().status(now))
    }
}

/// Some processes that ask over one budget.
struct Fleet {
    budget: Arc<Memory>,
    began: Instant,
    stop: CancellationToken,
    under_way: Arc<AtomicU32>,
    most: Arc<AtomicU32>,
}

impl Fleet {
    fn new() -> Self {
        Self {
            budget: Arc::default(),
            began: Instant::now(),
            stop: CancellationToken::new(),
            under_way: Arc::default(),
            most: Arc::default(),
        }
    }

    fn clock(&self) -> Clock {
        let began = self.began;
        Arc::new(move || Timestamp::from_millis(1_000_000) + began.elapsed())
    }

    fn process(&self, name: &str, limit: u32, connections: u32) -> Arc<Permits> {
        let budget = Arc::clone(&self.budget) as Arc<dyn Budget>;
        let permits = Permits::new(budget, self.clock(), name.to_owned(), limit, connections);
        tokio::spawn(Arc::clone(&permits).keep_renewed(self.stop.clone()));
        permits
    }

    /// Asks so many times at once; each answer takes a while.
    fn ask(&self, permits: &Arc<Permits>, times: u32) -> Vec<tokio::task::JoinHandle<()>> {
        let ask = |_| {
            let (permits, under_way, most) =
                (Arc::clone(permits), Arc::clone(&self.under_way), Arc::clone(&self.most));
            tokio::spawn(async move {
                let request = |_permit| async {
                    most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    under_way.fetch_sub(1, Ordering::SeqCst);
                };
                permits.spend(request).await;
            })
        };
        (0..times).map(ask).collect()
    }

    fn most(&self) -> u32 {
        self.most.load(Ordering::SeqCst)
    }
}

async fn all(asking: Vec<tokio::task::JoinHandle<()>>) {
    for asked in asking {
        asked.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_connections() {
    let fleet = Fleet::new();
    let permits = fleet.process("a", 100, 3);
    all(fleet.ask(&permits, 30)).await;
    assert_eq!(fleet.most(), 3);
    // Ten rounds of three, each a third of a second, and no idle time between them.
    assert!(fleet.began.elapsed() < Duration::from_millis(3_500), "{:?}", fleet.began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_the_connections() {
    let fleet = Fleet::new();
    let (one, two) = (fleet.process("a", 100, 4), fleet.process("b", 100, 4));
    let mut asking = fleet.ask(&one, 40);
    asking.extend(fleet.ask(&two, 40));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let status = fleet.budget.status((fleet.clock())()).await.unwrap();
    let shares: Vec<_> = status.holders.iter().map(|holder| holder.connections).collect();
    assert_eq!((status.connections, shares), (4, vec![2, 2]));
    all(asking).await;
    assert_eq!(fleet.most(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_frees_its_connection() {
    let fleet = Fleet::new();
    let permits = fleet.process("a", 100, 1);
    let endless = permits.spend(|_permit| std::future::pending::<()>());
    assert!(tokio::time::timeout(Duration::from_secs(1), endless).await.is_err());
    all(fleet.ask(&permits, 2)).await;
    assert_eq!(fleet.most(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hold_told_by_others_is_heeded_at_once() {
    let fleet = Fleet::new();
    let permits = fleet.process("a", 100, 5);
    all(fleet.ask(&permits, 1)).await;
    let until = (fleet.clock())() + Duration::from_secs(7);
    permits.heed(until);
    all(fleet.ask(&permits, 1)).await;
    assert!((fleet.clock())() >= until);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_connections_are_unlimited_too() {
    let fleet = Fleet::new();
    let permits = fleet.process("a", 0, 1);
    all(fleet.ask(&permits, 50)).await;
    assert_eq!(fleet.most(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stops_leaves_its_share() {
    let fleet = Fleet::new();
    let permits = fleet.process("a", 100, 5);
    all(fleet.ask(&permits, 1)).await;
    fleet.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(fleet.budget.status((fleet.clock())()).await.unwrap().holders, []);
}

#[test]
fn an_outage_is_told_once_and_once_that_it_is_over() {
    let mut outage = Outage::default();
    let went = [true, false, false, false, true, true, false];
    let news = went.map(|went_well| outage.is_news(went_well));
    assert_eq!(news, [false, true, false, false, true, false, true]);
}
