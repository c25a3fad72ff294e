//! `queue`: what is waiting, what is dead, and what to do about it.

use domain::queue::DeadFilter;

use super::args::{DeadArgs, QueueCommand};
use super::{Context, Exit};
use crate::app;
use crate::output::{count, cut};

pub(super) async fn queue(context: &Context, command: QueueCommand) -> anyhow::Result<Exit> {
    match command {
        QueueCommand::List { limit } => list(context, limit).await,
        QueueCommand::Dead { which, limit } => dead(context, &which, limit).await,
        QueueCommand::Redrive { which, all } => {
            let which = chosen(&which, all, "redrive")?;
            let queue = context.store().await?.queue;
            let redriven = queue.redrive(&which, app::clock()()).await?;
            done(context, "queued again", redriven)
        }
        QueueCommand::Purge { which, all } => {
            let which = chosen(&which, all, "purge")?;
            let purged = context.store().await?.queue.purge(&which).await?;
            done(context, "dropped", purged)
        }
    }
}

async fn list(context: &Context, limit: usize) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let tasks = store.queue.pending(limit).await?;
    if context.output.json {
        context.output.json(&tasks)?;
        return Ok(Exit::Done);
    }
    let rows = tasks.iter().map(|task| {
        let state = match (&task.leased_by, task.attempts) {
            (Some(worker), _) => format!("leased by {worker}"),
            (None, 0) => "waiting".to_owned(),
            (None, attempts) => format!("failed {attempts} times"),
        };
        vec![
            task.key.to_string(),
            task.priority.to_string(),
            task.source.clone(),
            task.due_at.to_string(),
            state,
            cut(task.last_error.as_deref().unwrap_or_default(), 60),
        ]
    });
    let headings = ["key", "priority #", "source", "due", "state", "last error"];
    context.output.table(&headings, rows.collect())?;
    let depth = store.queue.depth(app::clock()()).await?;
    let all = depth.ready + depth.delayed + depth.leased;
    context.output.line(format!("{} of {} tasks.", count(tasks.len() as u64), count(all)))?;
    Ok(Exit::Done)
}

async fn dead(context: &Context, which: &DeadArgs, limit: usize) -> anyhow::Result<Exit> {
    let letters = context.store().await?.queue.dead(&filter(which), limit).await?;
    if context.output.json {
        context.output.json(&letters)?;
        return Ok(Exit::Done);
    }
    if letters.is_empty() {
        context.output.line("No dead letters.")?;
        return Ok(Exit::Done);
    }
    let rows = letters.iter().map(|letter| {
        vec![
            letter.key.to_string(),
            letter.class.as_str().to_owned(),
            letter.attempts.to_string(),
            letter.died_at.to_string(),
            cut(&letter.error, 90),
        ]
    });
    let headings = ["key", "class", "attempts #", "died", "error"];
    context.output.table(&headings, rows.collect())?;
    context
        .output
        .line("`cinemirror queue redrive KEY` queues one again; `--json` shows the bodies.")?;
    Ok(Exit::Done)
}

fn filter(which: &DeadArgs) -> DeadFilter {
    DeadFilter { keys: which.keys.clone(), kind: which.kind, class: which.class, died_before: None }
}

fn chosen(which: &DeadArgs, all: bool, verb: &str) -> anyhow::Result<DeadFilter> {
    let filter = filter(which);
    if all || filter != DeadFilter::default() {
        return Ok(filter);
    }
    let what = "keys, --type, --class, or --all";
    super::understood(Err(anyhow::anyhow!("say which dead letters to {verb}: {what}")))
}

fn done(context: &Context, verb: &str, number: u64) -> anyhow::Result<Exit> {
    if context.output.json {
        context.output.json(&serde_json::json!({"dead_letters": number}))?;
    } else {
        context.output.line(format!("{} dead letters {verb}.", count(number)))?;
    }
    Ok(Exit::Done)
}
