//! Listens, and serves until told to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::options::ClientMode;
use crate::router::router;
use crate::site::Site;

/// A client that takes longer to send its headers is gone.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// How long a stop waits for answers that are being given.
const GRACE: Duration = Duration::from_secs(20);

/// A socket that is bound and waits to be served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Site,
}

/// Binds the address of the site's options.
pub async fn serve(site: Site) -> io::Result<Server> {
    let listener = TcpListener::bind(&site.options().listen).await?;
    let address = listener.local_addr()?;
    Ok(Server { listener, address, site })
}

impl Server {
    /// Where it listens; of port 0 the one it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until told to stop; then takes no more requests and ends when those at
    /// hand are answered, or after a while.
    pub async fn run(self, stop: CancellationToken) {
        let router = router(self.site.clone());
        let kept = tokio::spawn(keep_clients(self.site.clone()));
        let connections = TaskTracker::new();
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            match stream {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, router.clone(), stop.clone()));
                }
                Err(error) => {
                    // Out of descriptors: the connections at hand have to end first.
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        self.site.closing().cancel();
        connections.close();
        if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
            tracing::warn!("some requests were not answered before the stop");
        }
        if let Err(error) = kept.await {
            tracing::error!(%error, "what clients used could not be kept");
        }
    }
}

/// Keeps what clients used, where they are counted.
async fn keep_clients(site: Site) {
    if site.options().clients == ClientMode::Keys {
        site.clients().keep_until(|| site.now(), site.closing().clone()).await;
    }
}

/// Serves one connection, HTTP/1.1 or HTTP/2, until it ends.
async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    // Without it answers wait for acknowledgements; failing is harmless.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(250)
        .max_header_list_size(32 << 10);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(error, "a connection ended");
    }
}
