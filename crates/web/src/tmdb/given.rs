//! From an endpoint's answer to a response: what is kept for equal requests, and
//! what is told of how it came.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use pipeline::demand::Standing;

use super::InPath;
use super::answer::Answer;
use super::endpoints::{Answers, Endpoint};
use super::fault::Fault;
use super::query::Query;
use super::question;
use crate::edge::cache::By;
use crate::edge::figures::{Outcome, Told};
use crate::edge::kept::{Core, Kept, Source};
use crate::site::Site;

/// The response to a request, where one is kept for what it asks as it came.
pub(crate) fn ready(site: &Site, request: &Parts) -> Option<Response> {
    if request.method != Method::GET {
        return None;
    }
    let kept = site.answers().ready(&question::plain(&request.uri)?)?;
    Some(told(kept.response(), kept.source().endpoint, Outcome::Kept, By::Keeping))
}

/// The response to a request that could be read.
pub(super) async fn respond(
    site: Site,
    endpoint: &'static Endpoint,
    uri: &Uri,
    path: InPath,
    query: Query,
) -> Response {
    let (composed, by) = if is_everybodys(endpoint.answers) {
        let asked = question::text(uri.path(), &query);
        let answers = Arc::clone(site.answers());
        let composing = |expired| compose_anew(site, endpoint, path, query, expired);
        answers.get(asked, composing).await
    } else {
        (compose(site, endpoint, path, query).await, By::Composing)
    };
    let outcome = match &composed {
        Ok(_) if by == By::Keeping => Outcome::Kept,
        Ok(kept) => kept.source().outcome,
        Err(_) => Outcome::Failed,
    };
    let response = match composed {
        Ok(kept) => kept.response(),
        Err(fault) => fault.into_response(),
    };
    told(response, endpoint.path, outcome, by)
}

/// A refusal of what could not be read.
pub(super) fn refuse(endpoint: &'static Endpoint, fault: Fault) -> Response {
    told(fault.into_response(), endpoint.path, Outcome::Failed, By::Composing)
}

fn told(mut response: Response, endpoint: &'static str, outcome: Outcome, by: By) -> Response {
    let is_shared = by == By::Sharing;
    response.extensions_mut().insert(Told { endpoint, outcome, is_shared });
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
        && let Some(proof) = expired.source().proof()
        && site.demand().are_current(&[proof]).await?[0]
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
    Ok(Arc::new(kept(answer, endpoint.path)))
}

fn kept(answer: Answer, endpoint: &'static str) -> Kept {
    let body = answer.body.clone();
    let outcome = match answer.standing {
        Standing::Fresh => Outcome::Fresh,
        Standing::Stale => Outcome::Stale,
        Standing::Fetched => Outcome::Fetched,
    };
    let sole = answer.sole.zip(answer.fetched_at);
    let (parts, _) = answer.into_response().into_parts();
    Kept::new(&parts.headers, body, Source { endpoint, outcome, sole })
}

/// How many ageing answers are looked at together: others want to read too.
const TOGETHER: usize = 64;

/// Looks at answers whose time is nearly over and that are asked for still, until the
/// site closes.
pub(crate) async fn look_after(site: Site) {
    let answers = site.answers();
    loop {
        let ageing = tokio::select! {
            ageing = answers.ageing() => ageing,
            () = site.closing().cancelled() => return,
        };
        for some in ageing.chunks(TOGETHER) {
            look_at(&site, some).await;
        }
    }
}

/// Those whose records are the same still and fresh hold for another while.
async fn look_at(site: &Site, ageing: &[Arc<Core>]) {
    let proven = ageing.iter().filter_map(|core| Some((core, core.source.proof()?)));
    let (cores, proofs): (Vec<_>, Vec<_>) = proven.unzip();
    match site.demand().are_current(&proofs).await {
        Ok(found) => {
            cores.iter().zip(found).for_each(|(core, holds)| site.answers().settle(core, holds));
        }
        // Who asks when its time is over is told.
        Err(error) => tracing::debug!(%error, "could not look at kept answers"),
    }
}

/// Whether all who ask the same get the same.
fn is_everybodys(answers: Answers) -> bool {
    !matches!(answers, Answers::Validation | Answers::Beyond(_))
}

#[cfg(test)]
mod tests;
