//! `token`: who may use the control API.

use std::time::Duration;

use domain::Timestamp;
use domain::access::{Scope, Spent, Token};
use web::secrets;

use super::args::{TokenArgs, TokenCommand};
use super::{Context, Exit, understood};
use crate::app;

pub(super) async fn token(context: &Context, command: TokenCommand) -> anyhow::Result<Exit> {
    match command {
        TokenCommand::Create(args) => create(context, args).await,
        TokenCommand::List => list(context).await,
        TokenCommand::Revoke { name } => revoke(context, &name).await,
    }
}

async fn create(context: &Context, args: TokenArgs) -> anyhow::Result<Exit> {
    let scope = Scope::from(args.scope);
    let name = args.name.unwrap_or_else(|| scope.as_str().to_owned());
    understood(named(&name))?;
    let (secret, now) = (app::entropy().token(), app::clock()());
    let token = Token {
        name: name.clone(),
        hash: secrets::hash(&secret),
        scope,
        created_at: now,
        expires_at: args.expires.map(|days| now + Duration::from_hours(24) * days),
        revoked_at: None,
    };
    let is_new = context.store_or_new().await?.access.add_token(&token).await?;
    anyhow::ensure!(
        is_new,
        "there is a token `{name}` already, if only a revoked one; give another name"
    );
    if context.output.json {
        let json = serde_json::json!({
            "name": name, "scope": scope, "expires_at": token.expires_at, "token": secret,
        });
        context.output.json(&json)?;
    } else {
        context.output.line(&secret)?;
        // Only for people: whoever reads the line above wants the token alone.
        tracing::info!("made the token {name} ({}); it is shown this once", scope.as_str());
    }
    Ok(Exit::Done)
}

pub(super) fn named(name: &str) -> anyhow::Result<()> {
    let why = "has letters, digits, -, _ and ., 64 at most";
    anyhow::ensure!(secrets::is_name(name), "`{name}` is no name: one {why}");
    Ok(())
}

async fn list(context: &Context) -> anyhow::Result<Exit> {
    let (tokens, now) = (context.store().await?.access.tokens().await?, app::clock()());
    if context.output.json {
        let shown = tokens.iter().map(|token| {
            serde_json::json!({
                "name": token.name, "scope": token.scope, "created_at": token.created_at,
                "expires_at": token.expires_at, "revoked_at": token.revoked_at,
                "counts": token.spent(now).is_none(),
            })
        });
        context.output.json(&shown.collect::<Vec<_>>())?;
    } else if tokens.is_empty() {
        context.output.line("No tokens yet; `cinemirror token create --scope write` makes one.")?;
    } else {
        let row = |token: &Token| {
            let expires = token.expires_at.map(|at| at.to_string()).unwrap_or_default();
            let scope = token.scope.as_str().to_owned();
            vec![
                token.name.clone(),
                scope,
                token.created_at.to_string(),
                expires,
                state(token, now),
            ]
        };
        let headings = ["token", "scope", "made", "expires", "state"];
        context.output.table(&headings, tokens.iter().map(row).collect())?;
    }
    Ok(Exit::Done)
}

fn state(token: &Token, now: Timestamp) -> String {
    match token.spent(now) {
        None => "counts",
        Some(Spent::Expired) => "expired",
        Some(Spent::Revoked) => "revoked",
    }
    .to_owned()
}

async fn revoke(context: &Context, name: &str) -> anyhow::Result<Exit> {
    let is_ended = context.store().await?.access.revoke_token(name, app::clock()()).await?;
    if context.output.json {
        context.output.json(&serde_json::json!({"name": name, "revoked": is_ended}))?;
    } else if is_ended {
        context.output.line(format!("The token {name} does not count any more."))?;
    } else {
        context.output.line(format!("There is no token {name} that counts."))?;
    }
    Ok(if is_ended { Exit::Done } else { Exit::NotFound })
}
