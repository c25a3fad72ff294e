//! The server with one body that never changes, so many bytes long: what serving costs
//! before anything is looked up. `cargo xtask bench serve` measures the mirror against it.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should say where")]

use std::io::Write;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use domain::Timestamp;
use pipeline::Stores;
use pipeline::images::Gallery;
use tokio_util::sync::CancellationToken;
use web::{Options, Site};

#[tokio::main]
async fn main() {
    let size = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("still.db").display());
    let store = store::open(&url).await.unwrap();
    let stores = Stores {
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
    };
    let gallery = Gallery::new(Arc::clone(&store.images), folder.path().into(), String::new());
    let options = Options { listen: "127.0.0.1:0".to_owned(), ..Options::default() };
    let site = Site::new(stores, gallery, Arc::new(|| Timestamp::from_millis(0)), options);
    let server = web::serve(site).await.unwrap();
    let told = serde_json::json!({ "url": format!("http://{}", server.address()) });
    std::io::stdout().write_all(format!("{told:#}\n").as_bytes()).unwrap();

    // Text that compresses neither well nor badly, should anybody ask for that.
    let words = (0_u64..).map(|place| format!("{:x} ", place.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let text: String = words.take(size / 10).collect();
    let body = Bytes::from(format!("\"{text:.<size$.size$}\"", size = size - 2));
    let answer = move || {
        let body = body.clone();
        async move { ([(CONTENT_TYPE, "application/json;charset=utf-8")], body) }
    };
    let router = Router::new().route("/still", get(answer));
    server.run_with(router, CancellationToken::new()).await;
}
