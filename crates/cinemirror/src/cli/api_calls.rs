//! `api-calls`: what was asked of TMDB, and what came back.

use domain::ledger::CallFilter;
use domain::{RunId, Timestamp};

use super::args::ApiCallsArgs;
use super::{Context, Exit};
use crate::output::{count, cut, size};

pub(super) async fn api_calls(context: &Context, args: ApiCallsArgs) -> anyhow::Result<Exit> {
    if args.count {
        return counts(context).await;
    }
    let which = CallFilter {
        endpoint: args.endpoint,
        status: args.status,
        failed_only: args.failed,
        run: args.run.map(RunId),
    };
    let calls = context.store().await?.ledger.calls(&which, args.limit).await?;
    if context.output.json {
        context.output.json(&calls)?;
        return Ok(Exit::Done);
    }
    let rows = calls.iter().map(|call| {
        vec![
            call.at.to_string(),
            call.status.map(|status| status.to_string()).unwrap_or_default(),
            call.outcome.clone(),
            format!("{} ms", call.took.as_millis()),
            size(call.bytes),
            cut(&call.asked, 80),
        ]
    });
    let headings = ["at", "status #", "outcome", "took #", "size #", "asked"];
    context.output.table(&headings, rows.collect())?;
    Ok(Exit::Done)
}

async fn counts(context: &Context) -> anyhow::Result<Exit> {
    let counts = context.store().await?.ledger.call_counts(Timestamp::default()).await?;
    if context.output.json {
        context.output.json(&counts)?;
        return Ok(Exit::Done);
    }
    let rows = counts.iter().map(|one| {
        vec![
            one.endpoint.clone(),
            one.status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
            count(one.calls),
            size(one.bytes),
            format!("{} ms", one.mean_millis),
            format!("{} ms", one.max_millis),
        ]
    });
    let headings = ["endpoint", "status #", "calls #", "size #", "mean #", "longest #"];
    context.output.table(&headings, rows.collect())?;
    Ok(Exit::Done)
}
