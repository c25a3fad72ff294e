//! What the store tells: read now and then, however often somebody asks.

use std::sync::Arc;
use std::time::Duration;

use domain::StoreError;
use domain::run::RunStatus;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::exposition::Exposition;
use crate::site::Site;

/// Counting a large mirror takes a while.
const KEPT: Duration = Duration::from_secs(30);

/// Who scrapes does not wait for longer.
const WITHIN: Duration = Duration::from_secs(5);

/// The last reading.
#[derive(Debug, Default)]
pub(crate) struct Readings(Mutex<Option<(Instant, Arc<str>)>>);

impl Readings {
    /// What was read last, or is read now by one for all who ask.
    pub(super) async fn get(&self, site: &Site) -> Arc<str> {
        let mut last = self.0.lock().await;
        if let Some((at, text)) = &*last
            && at.elapsed() < KEPT
        {
            return Arc::clone(text);
        }
        let mut out = Exposition::default();
        let read = timeout(WITHIN, read(&mut out, site)).await;
        let is_up = match &read {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the store's figures could not be read");
                false
            }
            Err(_elapsed) => false,
        };
        out.gauge("cinemirror_store_up", "Whether the store could be read.");
        out.sample(&[], u8::from(is_up));
        let text: Arc<str> = out.into_text().into();
        *last = Some((Instant::now(), Arc::clone(&text)));
        text
    }
}

async fn read(out: &mut Exposition, site: &Site) -> Result<(), StoreError> {
    queue(out, site).await?;
    runs(out, site).await?;
    calls(out, site).await?;
    budget(out, site).await?;
    out.gauge("cinemirror_catalogue_rows", "Titles and people of the catalogue, by kind.");
    for (kind, count) in site.stores().catalog.counts().await? {
        out.sample(&[("kind", kind.as_str())], count);
    }
    Ok(())
}

async fn queue(out: &mut Exposition, site: &Site) -> Result<(), StoreError> {
    let depth = site.stores().queue.depth(site.now()).await?;
    out.gauge("cinemirror_queue_tasks", "Tasks of the queue, by how they stand.");
    let counts = [
        ("ready", depth.ready),
        ("delayed", depth.delayed),
        ("leased", depth.leased),
        ("dead", depth.dead),
    ];
    for (state, count) in counts {
        out.sample(&[("state", state)], count);
    }
    out.gauge("cinemirror_queue_oldest_seconds", "The age of the oldest pending task.");
    let oldest = depth.oldest.map_or(0, |oldest| site.now().since(oldest).as_secs());
    out.sample(&[], oldest);
    Ok(())
}

async fn runs(out: &mut Exposition, site: &Site) -> Result<(), StoreError> {
    let counts = site.stores().ledger.run_counts().await?;
    out.gauge("cinemirror_runs", "Runs, by how they stand.");
    for status in RunStatus::ALL {
        let count = counts.iter().find(|count| count.status == status);
        out.sample(&[("status", status.as_str())], count.map_or(0, |count| count.runs));
    }
    Ok(())
}

async fn calls(out: &mut Exposition, site: &Site) -> Result<(), StoreError> {
    let since = site.now() - Duration::from_hours(1);
    let counts = site.stores().ledger.call_counts(since).await?;
    out.gauge("cinemirror_tmdb_calls_last_hour", "Calls to TMDB within the last hour.");
    for one in counts {
        let status = one.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        out.sample(&[("endpoint", &one.endpoint), ("status", &status)], one.calls);
    }
    Ok(())
}

async fn budget(out: &mut Exposition, site: &Site) -> Result<(), StoreError> {
    let status = site.stores().budget.status(site.now()).await?;
    out.gauge("cinemirror_budget_limit", "Requests a second that the deployment may make.");
    out.sample(&[], status.limit);
    out.gauge("cinemirror_budget_open", "Requests a second that it may make now.");
    out.sample(&[], status.open);
    out.gauge("cinemirror_budget_held", "Requests a second that processes hold.");
    out.sample(&[], status.holders.iter().map(|holder| holder.lanes).sum::<u32>());
    Ok(())
}
