//! Clients with keys and quotas, and what they used.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::Timestamp;
use domain::access::{Client, Quota};
use jiff::ToSpan as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::{Given, Params};
use super::problem::Problem;
use crate::secrets;
use crate::site::Site;

/// An old key counts for so long after another took its place, where nothing is said.
const GRACE_HOURS: u32 = 24;

/// Clients.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Clients {
    clients: Vec<ClientView>,
}

/// A client, without its key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientView {
    name: String,
    /// Requests in a second; any number where there is none.
    per_second: Option<u32>,
    /// Requests in a day of UTC; any number where there is none.
    per_day: Option<u64>,
    #[schemars(with = "jiff::Timestamp")]
    created_at: Timestamp,
    #[schemars(with = "Option<jiff::Timestamp>")]
    rotated_at: Option<Timestamp>,
    /// Until when the key before counts.
    #[schemars(with = "Option<jiff::Timestamp>")]
    old_key_until: Option<Timestamp>,
    #[schemars(with = "Option<jiff::Timestamp>")]
    revoked_at: Option<Timestamp>,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            per_second: client.quota.per_second,
            per_day: client.quota.per_day,
            created_at: client.created_at,
            rotated_at: client.rotated_at,
            old_key_until: client.old_key.map(|(_, until)| until),
            revoked_at: client.revoked_at,
        }
    }
}

/// A client with its key, which is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WithKey {
    #[serde(flatten)]
    client: ClientView,
    /// To be sent as `api_key` or as a bearer. Absent where the answer is given again.
    key: Option<String>,
}

/// A client to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClient {
    /// Letters, digits, `-`, `_` and `.`, 64 at most.
    name: String,
    /// Requests in a second.
    #[schemars(range(min = 1))]
    per_second: Option<u32>,
    /// Requests in a day of UTC.
    #[schemars(range(min = 1))]
    per_day: Option<u64>,
}

/// How a key is replaced.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// Hours for which the old key counts.
    #[serde(default = "grace")]
    #[schemars(range(max = 720))]
    grace_hours: u32,
}

fn grace() -> u32 {
    GRACE_HOURS
}

/// Of which time usage is listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageQuery {
    /// The last days, 366 at most.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 366))]
    days: u32,
}

fn thirty() -> u32 {
    30
}

/// What a client used, the newest day first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UsageList {
    usage: Vec<UsageView>,
}

/// What a client used on a day of UTC.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UsageView {
    client: String,
    day: jiff::civil::Date,
    requests: u64,
    /// Requests beyond the quota.
    refused: u64,
}

pub(super) async fn list(State(site): State<Site>) -> Result<Json<Clients>, Problem> {
    let clients = site.stores().access.clients().await?;
    Ok(Json(Clients { clients: clients.iter().map(ClientView::from).collect() }))
}

pub(super) async fn create(
    State(site): State<Site>,
    Given(new): Given<NewClient>,
) -> Result<(StatusCode, Json<WithKey>), Problem> {
    if !secrets::is_name(&new.name) {
        let why = "A name has letters, digits, `-`, `_` and `.`, 64 at most.";
        return Err(Problem::Unprocessable(why.to_owned()));
    }
    if new.per_second == Some(0) || new.per_day == Some(0) {
        let why = "A quota is at least 1; leave it out for none.";
        return Err(Problem::Unprocessable(why.to_owned()));
    }
    let key = secret(&site)?;
    let client = Client {
        name: new.name,
        key: secrets::hash(&key),
        old_key: None,
        quota: Quota { per_second: new.per_second, per_day: new.per_day },
        created_at: site.now(),
        rotated_at: None,
        revoked_at: None,
    };
    if !site.stores().access.add_client(&client).await? {
        return Err(Problem::NameTaken(client.name));
    }
    let made = WithKey { client: ClientView::from(&client), key: Some(key) };
    Ok((StatusCode::CREATED, Json(made)))
}

pub(super) async fn rotate(
    State(site): State<Site>,
    Path(name): Path<String>,
    Given(rotation): Given<Rotation>,
) -> Result<Json<WithKey>, Problem> {
    let key = secret(&site)?;
    if rotation.grace_hours > 720 {
        return Err(Problem::Unprocessable("`grace_hours` is 720 at most.".to_owned()));
    }
    let now = site.now();
    let until = now + Duration::from_hours(1) * rotation.grace_hours;
    let hash = secrets::hash(&key);
    let client = site.stores().access.rotate_client(&name, &hash, until, now).await?;
    let client = client.ok_or_else(|| unknown(&name))?;
    Ok(Json(WithKey { client: ClientView::from(&client), key: Some(key) }))
}

pub(super) async fn revoke(
    State(site): State<Site>,
    Path(name): Path<String>,
) -> Result<Json<ClientView>, Problem> {
    site.stores().access.revoke_client(&name, site.now()).await?;
    Ok(Json(ClientView::from(&find(&site, &name).await?)))
}

pub(super) async fn usage(
    State(site): State<Site>,
    Path(name): Path<String>,
    Params(query): Params<UsageQuery>,
) -> Result<Json<UsageList>, Problem> {
    if !(1..=366).contains(&query.days) {
        return Err(Problem::Invalid("`days` must lie between 1 and 366.".to_owned()));
    }
    find(&site, &name).await?;
    let today = site.now().date();
    let since = today.checked_sub((i64::from(query.days) - 1).days()).unwrap_or(today);
    let usage = site.stores().access.usage(Some(&name), since).await?;
    let usage = usage.into_iter().map(|one| UsageView {
        client: one.client,
        day: one.day,
        requests: one.requests,
        refused: one.refused,
    });
    Ok(Json(UsageList { usage: usage.collect() }))
}

async fn find(site: &Site, name: &str) -> Result<Client, Problem> {
    let clients = site.stores().access.clients().await?;
    clients.into_iter().find(|client| client.name == name).ok_or_else(|| unknown(name))
}

fn secret(site: &Site) -> Result<String, Problem> {
    let Some(entropy) = &site.options().entropy else {
        tracing::error!("this server was given no entropy, and can make no keys");
        return Err(Problem::Internal);
    };
    Ok(entropy.client_key())
}

fn unknown(name: &str) -> Problem {
    Problem::NotFound(format!("There is no client `{name}` whose keys count."))
}
