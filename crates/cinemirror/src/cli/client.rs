//! `client`: who may ask `/3`, and how much.

use std::time::Duration;

use domain::access::{Client, Quota};
use jiff::ToSpan as _;
use web::secrets;

use super::args::{ClientArgs, ClientCommand};
use super::{Context, Exit, token, understood};
use crate::app;
use crate::output::count;

pub(super) async fn client(context: &Context, command: ClientCommand) -> anyhow::Result<Exit> {
    match command {
        ClientCommand::Create(args) => create(context, args).await,
        ClientCommand::List => list(context).await,
        ClientCommand::Rotate { name, grace } => rotate(context, &name, grace).await,
        ClientCommand::Revoke { name } => revoke(context, &name).await,
        ClientCommand::Usage { name, days } => usage(context, name.as_deref(), days).await,
    }
}

async fn create(context: &Context, args: ClientArgs) -> anyhow::Result<Exit> {
    let ClientArgs { name, per_second, per_day } = args;
    understood(token::named(&name))?;
    let key = app::entropy().client_key();
    let client = Client {
        name: name.clone(),
        key: secrets::hash(&key),
        old_key: None,
        quota: Quota { per_second, per_day },
        created_at: app::clock()(),
        rotated_at: None,
        revoked_at: None,
    };
    let is_new = context.store_or_new().await?.access.add_client(&client).await?;
    anyhow::ensure!(
        is_new,
        "there is a client `{name}` already, if only a revoked one; give another name"
    );
    show(context, &client, &key)
}

/// Prints a key this once.
fn show(context: &Context, client: &Client, key: &str) -> anyhow::Result<Exit> {
    if context.output.json {
        context.output.json(&serde_json::json!({
            "name": client.name, "key": key,
            "per_second": client.quota.per_second, "per_day": client.quota.per_day,
            "old_key_until": client.old_key.map(|(_, until)| until),
        }))?;
        return Ok(Exit::Done);
    }
    context.output.line(key)?;
    tracing::info!("the key of the client {}; it is shown this once", client.name);
    if !context.config.settings.serve.has_keys() {
        tracing::warn!("any key is taken while serve.clients is open; set it to keys");
    }
    Ok(Exit::Done)
}

async fn list(context: &Context) -> anyhow::Result<Exit> {
    let clients = context.store().await?.access.clients().await?;
    if context.output.json {
        let shown = clients.iter().map(|client| {
            serde_json::json!({
                "name": client.name,
                "per_second": client.quota.per_second, "per_day": client.quota.per_day,
                "created_at": client.created_at, "rotated_at": client.rotated_at,
                "old_key_until": client.old_key.map(|(_, until)| until),
                "revoked_at": client.revoked_at,
            })
        });
        context.output.json(&shown.collect::<Vec<_>>())?;
    } else if clients.is_empty() {
        context.output.line("No clients yet; `cinemirror client create NAME` makes one.")?;
    } else {
        let any = || "any".to_owned();
        let row = |client: &Client| {
            let state = if client.revoked_at.is_some() { "revoked" } else { "counts" };
            vec![
                client.name.clone(),
                client.quota.per_second.map_or_else(any, |number| count(number.into())),
                client.quota.per_day.map_or_else(any, count),
                client.created_at.to_string(),
                client.rotated_at.map(|at| at.to_string()).unwrap_or_default(),
                state.to_owned(),
            ]
        };
        let headings = ["client", "a second #", "a day #", "made", "rotated", "state"];
        context.output.table(&headings, clients.iter().map(row).collect())?;
    }
    Ok(Exit::Done)
}

async fn rotate(context: &Context, name: &str, grace: u32) -> anyhow::Result<Exit> {
    let (key, now) = (app::entropy().client_key(), app::clock()());
    let until = now + Duration::from_hours(1) * grace;
    let access = context.store().await?.access;
    match access.rotate_client(name, &secrets::hash(&key), until, now).await? {
        Some(client) => show(context, &client, &key),
        None => unknown(context, name),
    }
}

async fn revoke(context: &Context, name: &str) -> anyhow::Result<Exit> {
    if !context.store().await?.access.revoke_client(name, app::clock()()).await? {
        return unknown(context, name);
    }
    if context.output.json {
        context.output.json(&serde_json::json!({"name": name, "revoked": true}))?;
    } else {
        context.output.line(format!("The keys of {name} do not count any more."))?;
    }
    Ok(Exit::Done)
}

fn unknown(context: &Context, name: &str) -> anyhow::Result<Exit> {
    context.output.line(format!("There is no client {name} whose keys count."))?;
    Ok(Exit::NotFound)
}

async fn usage(context: &Context, name: Option<&str>, days: u32) -> anyhow::Result<Exit> {
    let today = app::clock()().date();
    let since = today.checked_sub((i64::from(days) - 1).days())?;
    let usage = context.store().await?.access.usage(name, since).await?;
    if context.output.json {
        context.output.json(&usage)?;
    } else if usage.is_empty() {
        context.output.line("Nothing was counted; it is while serve.clients is keys.")?;
    } else {
        let rows = usage.iter().map(|one| {
            vec![one.day.to_string(), one.client.clone(), count(one.requests), count(one.refused)]
        });
        let headings = ["day", "client", "requests #", "refused #"];
        context.output.table(&headings, rows.collect())?;
    }
    Ok(Exit::Done)
}
