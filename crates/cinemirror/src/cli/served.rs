//! `served`: what was asked of the mirror, and what of it needed no call to TMDB.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::served::{Served, ServedFigures, hour};

use super::args::ServedArgs;
use super::{Context, Exit};
use crate::app;
use crate::output::count;

pub(super) async fn served(context: &Context, args: ServedArgs) -> anyhow::Result<Exit> {
    let back = Duration::from_hours(u64::from(args.hours) - 1);
    let since = hour(app::clock()() - back);
    let served = context.store().await?.ledger.served(since).await?;
    let rows = if args.by_hour { served } else { by_endpoint(served) };
    if context.output.json {
        context.output.json(&rows)?;
        return Ok(Exit::Done);
    }
    let shown = rows.iter().map(|row| {
        let ServedFigures { kept, fresh, stale, fetched, failed, saved } = row.figures;
        let mut cells = vec![row.endpoint.clone()];
        cells.extend([kept, fresh, stale, fetched, failed, saved].map(count));
        if args.by_hour {
            cells.insert(0, row.hour.to_string());
        }
        cells
    });
    let mut headings =
        vec!["endpoint", "kept #", "fresh #", "stale #", "fetched #", "failed #", "calls saved #"];
    if args.by_hour {
        headings.insert(0, "hour");
    }
    context.output.table(&headings, shown.collect())?;
    Ok(Exit::Done)
}

/// The sums of each endpoint, dated as its first hour.
fn by_endpoint(served: Vec<Served>) -> Vec<Served> {
    let mut sums: BTreeMap<String, Served> = BTreeMap::new();
    for one in served {
        let Served { figures, .. } = one;
        let fresh = Served { figures: ServedFigures::default(), ..one };
        let sum = sums.entry(fresh.endpoint.clone()).or_insert(fresh);
        sum.figures += figures;
    }
    sums.into_values().collect()
}
