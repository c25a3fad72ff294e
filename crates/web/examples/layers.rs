//! What stands around an answer, measured: a bare server and this one, side by side, for
//! `wrk` to ask both.
//!
//! ```sh
//! cargo run --release -p web --example layers
//! wrk -t1 -c32 -d5 --latency http://127.0.0.1:PORT/…
//! ```

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use domain::{Key, Kind, Timestamp};
use pipeline::Stores;
use pipeline::images::Gallery;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{Caching, Options, Site};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = store::open("sqlite::memory:").await?;
    let body = movie();
    let key = Key::new(Kind::Movie, 550, None, None)?;
    let now = Timestamp::from_millis(1_700_000_000_000);
    let (record, _) = records::record(key, body.as_bytes(), "movie/550", now)?;
    store.archive.put(&[record]).await?;
    let kept = serve(&store, Caching::default(), now).await?;
    let composed = serve(&store, Caching { bytes: 0, keep: Duration::ZERO }, now).await?;
    let bare = bare(body).await?;
    let path = "/3/movie/550?append_to_response=credits,videos,images&api_key=x";
    let mut out = std::io::stdout();
    writeln!(out, "bare      http://{bare}/static")?;
    writeln!(out, "bare      http://{bare}/favicon.svg")?;
    writeln!(out, "layers    http://{kept}/favicon.svg")?;
    writeln!(out, "kept      http://{kept}{path}")?;
    writeln!(out, "composed  http://{composed}{path}")?;
    std::future::pending().await
}

/// This server over a mirror of one movie.
async fn serve(store: &store::Store, caching: Caching, now: Timestamp) -> std::io::Result<String> {
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
    let gallery = Gallery::new(Arc::clone(&store.images), "images".into(), String::new());
    let listen = "127.0.0.1:0".to_owned();
    let options = Options { listen, caching, ..Options::default() };
    let server = web::serve(Site::new(stores, gallery, Arc::new(move || now), options)).await?;
    let address = server.address().to_string();
    tokio::spawn(server.run(CancellationToken::new()));
    Ok(address)
}

/// A server that knows two bodies and nothing else.
async fn bare(body: String) -> std::io::Result<String> {
    let body = bytes::Bytes::from(body);
    let icon = include_str!("../src/openapi/pages/icon.svg");
    let json = [(header::CONTENT_TYPE, "application/json;charset=utf-8")];
    let router = Router::new()
        .route("/static", get(move || std::future::ready((json, body.clone()))))
        .route("/favicon.svg", get(([(header::CONTENT_TYPE, "image/svg+xml")], icon)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(IntoFuture::into_future(axum::serve(listener, router)));
    Ok(address)
}

/// A movie of an ordinary size, with parts.
fn movie() -> String {
    let cast: Vec<Value> = (0..60)
        .map(|number| {
            json!({
                "id": 1_000 + number, "name": format!("Player {number}"), "order": number,
                "character": format!("Somebody {number}"), "adult": false, "gender": 2,
                "known_for_department": "Acting", "popularity": 1.5, "profile_path": null,
            })
        })
        .collect();
    let videos: Vec<Value> = (0..10)
        .map(|number| json!({"key": format!("k{number}"), "site": "YouTube", "type": "Trailer"}))
        .collect();
    json!({
        "id": 550, "title": "Fight Club", "original_title": "Fight Club", "adult": false,
        "overview": "Nobody talks about it. ".repeat(20), "release_date": "1999-10-15",
        "credits": {"cast": cast, "crew": []}, "videos": {"results": videos},
        "images": {"backdrops": [], "posters": [], "logos": []},
    })
    .to_string()
}
