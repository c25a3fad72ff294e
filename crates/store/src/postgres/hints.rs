//! What other processes did, heard on a connection of its own (`LISTEN`).
//!
//! A transaction pooler lets nothing through to it: then tasks are found by
//! looking for them, and so are holds, here, each few milliseconds.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::{Hint, Timestamp};
use tokio::sync::{Mutex, mpsc};
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Error};

use super::connection::Address;
use super::fault::Fault;
use super::values::json_at;
use super::{Database, Transaction};

/// A look costs some hundred microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long to wait before connecting again; doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Hints that nobody took yet; more of them say nothing new.
const WAITING: usize = 64;

/// Tells who listens, when the transaction commits, that there are tasks. Several such
/// in one transaction are one.
pub(super) async fn tell_queued(tx: &Transaction<'_>) -> Result<(), Fault> {
    tell(tx, "queued").await
}

/// As [`tell_queued`], that nobody asks before an instant.
pub(super) async fn tell_held(tx: &Transaction<'_>, until: Timestamp) -> Result<(), Fault> {
    tell(tx, &format!("held:{}", until.as_millis())).await
}

async fn tell(tx: &Transaction<'_>, what: &str) -> Result<(), Fault> {
    tx.rows("SELECT pg_notify('cinemirror', $1)", &[(&what, Type::TEXT)]).await?;
    Ok(())
}

fn understood(payload: &str) -> Option<Hint> {
    if payload == "queued" {
        return Some(Hint::Queued);
    }
    let millis = payload.strip_prefix("held:")?.parse().ok()?;
    Some(Hint::Held(Timestamp::from_millis(millis)))
}

pub(crate) struct Hints {
    database: Database,
    /// The last hold that was told.
    told: AtomicI64,
    /// What the listener heard; it starts with the first call and ends with this.
    heard: Mutex<Option<mpsc::Receiver<Hint>>>,
}

impl Hints {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, told: AtomicI64::new(i64::MIN), heard: Mutex::new(None) }
    }

    async fn look(&self) -> Result<Option<Timestamp>, Fault> {
        let connection = self.database.connection().await?;
        let row = connection
            .look("SELECT COALESCE(shared -> 'nobody_before', 'null') FROM budget")
            .await?;
        json_at(&row, 0)
    }

    fn is_news(&self, hint: Hint) -> bool {
        match hint {
            Hint::Queued => true,
            Hint::Held(until) => {
                self.told.swap(until.as_millis(), Ordering::Relaxed) != until.as_millis()
            }
        }
    }
}

#[async_trait]
impl domain::Hints for Hints {
    async fn next(&self) -> Hint {
        let mut heard = self.heard.lock().await;
        let heard = heard.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel(WAITING);
            tokio::spawn(listen(Arc::clone(&self.database.address), sender));
            receiver
        });
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let hint = tokio::select! {
                Some(hint) = heard.recv() => Some(hint),
                // Whoever asks for a permit meets the same trouble, and tells of it.
                _ = looks.tick() => self.look().await.ok().flatten().map(Hint::Held),
            };
            if let Some(hint) = hint.filter(|hint| self.is_news(*hint)) {
                return hint;
            }
        }
    }
}

/// Hears until nobody takes what it hears, over one connection after the other.
async fn listen(address: Arc<Address>, hints: mpsc::Sender<Hint>) {
    let mut pause = PAUSE;
    while !hints.is_closed() {
        // The looks go on meanwhile, and what broke here breaks elsewhere too.
        if hear(&address, &hints, &mut pause).await.is_ok() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            () = hints.closed() => return,
        }
    }
}

/// Hears on one connection until it breaks, or until nobody takes what it hears.
async fn hear(
    address: &Address,
    hints: &mpsc::Sender<Hint>,
    pause: &mut Duration,
) -> Result<(), Option<Error>> {
    let (client, mut connection) = address.connect().await?;
    let mut listening = pin!(client.batch_execute("LISTEN cinemirror"));
    let mut is_listening = false;
    loop {
        let message = tokio::select! {
            begun = &mut listening, if !is_listening => {
                begun?;
                (is_listening, *pause) = (true, PAUSE);
                continue;
            }
            message = poll_fn(|cx| connection.poll_message(cx)) => message.ok_or(None)??,
            () = hints.closed() => return Ok(()),
        };
        if let AsyncMessage::Notification(told) = message
            && let Some(hint) = understood(told.payload())
        {
            // One that finds no room is lost, as hints may be.
            hints.try_send(hint).unwrap_or_default();
        }
    }
}
