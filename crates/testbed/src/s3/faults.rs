//! Requests that fail, by a seeded generator.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::body::Incoming;
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use s3s::service::S3Service;
use s3s::{Body, HttpError};

/// Shares of all requests, from 0 to 1, and what the choice grows from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// Answered with 503.
    pub unavailable: f64,
    /// The connection ends before the request is looked at.
    pub reset: f64,
    /// The connection ends when the request was carried out, instead of an answer.
    pub reset_after: f64,
    pub seed: u64,
}

/// How many requests failed in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    pub unavailable: u64,
    pub reset: u64,
    pub reset_after: u64,
}

#[derive(Clone, Copy)]
enum Fault {
    Unavailable,
    Reset,
    ResetAfter,
}

#[derive(Default)]
pub(super) struct State {
    inner: Mutex<Inner>,
}

struct Inner {
    faults: Faults,
    chance: fastrand::Rng,
    met: Met,
}

impl Default for Inner {
    fn default() -> Self {
        Self { faults: Faults::default(), chance: fastrand::Rng::with_seed(0), met: Met::default() }
    }
}

impl State {
    pub(super) fn set(&self, faults: Faults) {
        let mut inner = self.lock();
        inner.chance = fastrand::Rng::with_seed(faults.seed);
        inner.faults = faults;
    }

    pub(super) fn met(&self) -> Met {
        self.lock().met
    }

    /// What becomes of the next request.
    fn next(&self) -> Option<Fault> {
        let mut inner = self.lock();
        let (faults, place) = (inner.faults, inner.chance.f64());
        let met = &mut inner.met;
        if place < faults.unavailable {
            met.unavailable += 1;
            Some(Fault::Unavailable)
        } else if place < faults.unavailable + faults.reset {
            met.reset += 1;
            Some(Fault::Reset)
        } else if place < faults.unavailable + faults.reset + faults.reset_after {
            met.reset_after += 1;
            Some(Fault::ResetAfter)
        } else {
            None
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server behind its faults.
pub(super) struct Faulty {
    pub(super) service: S3Service,
    pub(super) faults: std::sync::Arc<State>,
}

/// Why a connection ends without an answer.
#[derive(Debug)]
pub(super) enum Ended {
    Reset,
    Failed(HttpError),
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reset => f.write_str("reset, as was asked for"),
            Self::Failed(error) => write!(f, "{error:?}"),
        }
    }
}

impl std::error::Error for Ended {}

impl Service<Request<Incoming>> for Faulty {
    type Response = Response<Body>;
    type Error = Ended;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Ended>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let fault = self.faults.next();
        let service = self.service.clone();
        Box::pin(async move {
            match fault {
                Some(Fault::Reset) => return Err(Ended::Reset),
                Some(Fault::Unavailable) => {
                    let mut answer = Response::new(Body::empty());
                    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                    return Ok(answer);
                }
                Some(Fault::ResetAfter) | None => (),
            }
            let answer = service.call(request.map(Body::from)).await.map_err(Ended::Failed)?;
            if matches!(fault, Some(Fault::ResetAfter)) { Err(Ended::Reset) } else { Ok(answer) }
        })
    }
}
