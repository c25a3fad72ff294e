//! From an endpoint's answer to a response: what is kept for equal requests, and
//! what is told of how it came.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use pipeline::demand::Standing;

use super::InPath;
use super::answer::Answer;
use super::endpoints::{Answers, Endpoint};
use super::fault::Fault;
use super::query::Query;
use crate::edge::cache::By;
use crate::edge::figures::{Outcome, Told};
use crate::edge::kept::{Kept, Source};
use crate::site::Site;

/// The response to a request that could be read.
pub(super) async fn respond(
    site: Site,
    endpoint: &'static Endpoint,
    path: InPath,
    query: Query,
) -> Response {
    let (composed, by) = if is_everybodys(endpoint.answers) {
        let asked = asked(endpoint, &path, &query);
        let answers = Arc::clone(site.answers());
        let composing = |expired| compose_anew(site, endpoint, path, query, expired);
        answers.get(asked, composing).await
    } else {
        (compose(site, endpoint, path, query).await, By::Composing)
    };
    let outcome = match &composed {
        Ok(_) if by == By::Keeping => Outcome::Kept,
        Ok(kept) => kept.source.outcome,
        Err(_) => Outcome::Failed,
    };
    let response = match composed {
        Ok(kept) => kept.response(),
        Err(fault) => fault.into_response(),
    };
    told(response, endpoint, outcome, by)
}

/// A refusal of what could not be read.
pub(super) fn refuse(endpoint: &'static Endpoint, fault: Fault) -> Response {
    told(fault.into_response(), endpoint, Outcome::Failed, By::Composing)
}

fn told(mut response: Response, endpoint: &'static Endpoint, outcome: Outcome, by: By) -> Response {
    let is_shared = by == By::Sharing;
    response.extensions_mut().insert(Told { endpoint: endpoint.path, outcome, is_shared });
    response
}

/// As [`compose`], unless the answer that was kept still holds.
async fn compose_anew(
    site: Site,
    endpoint: &'static Endpoint,
    path: InPath,
    query: Query,
    expired: Option<Arc<Kept>>,
) -> Result<Arc<Kept>, Fault> {
    if let Some(expired) = expired
        && let Some((key, fetched_at)) = expired.source.proof()
        && site.demand().is_current(key, fetched_at).await?
    {
        return Ok(expired);
    }
    compose(site, endpoint, path, query).await
}

async fn compose(
    site: Site,
    endpoint: &'static Endpoint,
    path: InPath,
    query: Query,
) -> Result<Arc<Kept>, Fault> {
    let answer = super::answer(&site, endpoint, &path, &query).await?;
    Ok(Arc::new(kept(answer)))
}

fn kept(answer: Answer) -> Kept {
    let body = answer.body.clone();
    let outcome = match answer.standing {
        Standing::Fresh => Outcome::Fresh,
        Standing::Stale => Outcome::Stale,
        Standing::Fetched => Outcome::Fetched,
    };
    let sole = answer.sole.zip(answer.fetched_at);
    let (parts, _) = answer.into_response().into_parts();
    Kept::new(&parts.headers, body, Source { outcome, sole })
}

/// Whether all who ask the same get the same.
fn is_everybodys(answers: Answers) -> bool {
    !matches!(answers, Answers::Validation | Answers::Beyond(_))
}

/// What is asked, as a text that nothing else has: each part with its length, and of
/// the query what means something, in one order.
fn asked(endpoint: &Endpoint, path: &InPath, query: &Query) -> Box<str> {
    let mut asked = String::with_capacity(endpoint.path.len() + 64);
    asked.push_str(endpoint.path);
    let mut add = |name: &str, value: &str| {
        // Writing to a text cannot fail.
        write!(asked, "\n{name}={}:{value}", value.len()).ok();
    };
    for (name, value) in path {
        add(name, value);
    }
    for (name, value) in query.given() {
        add(name, value);
    }
    asked.into_boxed_str()
}
