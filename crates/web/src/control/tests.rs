//! The control API by its router, on a store in memory and a clock that is turned by hand.

mod access;
mod repeated;
mod runs;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::Timestamp;
use domain::access::{Scope, Token};
use domain::schedule::Preset;
use pipeline::Stores;
use pipeline::images::Gallery;
use serde_json::Value;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::edge::Behind as _;
use crate::options::Options;
use crate::router::{Front, router};
use crate::secrets::{self, Entropy};
use crate::site::Site;

/// 2026-11-21T17:00:00Z.
const START: i64 = 1_795_280_400_000;

pub(super) struct World {
    pub(super) store: Store,
    pub(super) site: Site,
    front: Front,
    clock: Arc<AtomicI64>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) json: Value,
}

impl Answered {
    /// Expects a problem of this sort.
    #[track_caller]
    pub(super) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), &self.json["code"]), (status, &code.into()), "{self:?}");
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.json["status"], status);
        for member in ["type", "title", "detail"] {
            let text = self.json[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{member} is empty");
        }
    }

    #[track_caller]
    pub(super) fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        &self.json
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let store = store::open("sqlite::memory:").await.unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let hands = Arc::clone(&clock);
        let number = AtomicU8::new(0);
        let entropy = Entropy::new(move || [number.fetch_add(1, Ordering::Relaxed); 32]);
        let options = Options { entries: Preset::S4.entries(), entropy: Some(entropy), ..options };
        let gallery = Gallery::new(Arc::clone(&store.images), PathBuf::new(), String::new());
        let now = move || Timestamp::from_millis(hands.load(Ordering::Relaxed));
        let site = Site::new(stores(&store), gallery, Arc::new(now), options);
        let router = router(site.clone(), CancellationToken::new());
        let front = Front { site: site.clone(), router };
        Self { store, site, front, clock }
    }

    pub(super) fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.site.now()
    }

    /// Makes a token, which is its own secret.
    pub(super) async fn token(&self, name: &str, scope: Scope) {
        let token = Token {
            name: name.to_owned(),
            hash: secrets::hash(name),
            scope,
            created_at: self.now(),
            expires_at: None,
            revoked_at: None,
        };
        assert!(self.store.access.add_token(&token).await.unwrap());
    }

    pub(super) async fn get(&self, path: &str) -> Answered {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts with the secret of a token.
    pub(super) async fn post(&self, path: &str, secret: &str, body: &str) -> Answered {
        self.ask(post(path, secret, body, None)).await
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Answered {
        let response = self.front.answer(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answered { status, headers, json }
    }
}

pub(super) fn post(path: &str, secret: &str, body: &str, key: Option<&str>) -> Request<Body> {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if !secret.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
    }
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

fn stores(store: &Store) -> Stores {
    Stores {
        queue: Arc::clone(&store.queue),
        archive: Arc::clone(&store.archive),
        catalog: Arc::clone(&store.catalog),
        ledger: Arc::clone(&store.ledger),
        budget: Arc::clone(&store.budget),
        schedule: Arc::clone(&store.schedule),
        workers: Arc::clone(&store.workers),
        requests: Arc::clone(&store.requests),
        access: Arc::clone(&store.access),
        replies: Arc::clone(&store.replies),
    }
}
