//! Listens, and serves until told to stop.

mod stream;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::edge::Edge;
use crate::options::{ClientMode, Limits};
use crate::router::{Front, router};
use crate::served;
use crate::site::Site;
use crate::tmdb;
use stream::Timed;

/// How long a stop waits for answers that are being given.
const GRACE: Duration = Duration::from_secs(20);

/// Headers of this size are nobody's who means well; a longer request line and headers
/// get 431.
const HEADERS: usize = 64 << 10;

/// A socket that is bound and waits to be served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    site: Site,
}

/// Binds the address of the site's options.
pub async fn serve(site: Site) -> io::Result<Server> {
    let tls = site.options().tls.as_ref().map(tls::acceptor).transpose()?.map(Tls);
    let listener = TcpListener::bind(&site.options().listen).await?;
    let address = listener.local_addr()?;
    Ok(Server { listener, address, tls, site })
}

#[derive(Clone)]
struct Tls(TlsAcceptor);

/// What every connection needs.
struct Serving {
    edge: Edge<Front>,
    limits: Limits,
    tls: Option<Tls>,
    stop: CancellationToken,
}

impl Server {
    /// Where it listens; of port 0 the one it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `https` where it speaks TLS.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Answers until told to stop; then takes no more requests and ends when those at
    /// hand are answered, or after a while.
    pub async fn run(self, stop: CancellationToken) {
        let router = router(self.site.clone(), stop.clone());
        self.run_with(router, stop).await;
    }

    /// As [`Server::run`], with other handlers behind everything that stands before ours.
    pub async fn run_with(self, router: Router, stop: CancellationToken) {
        let options = self.site.options().clone();
        let limits = options.limits.clone();
        let room = Arc::new(Semaphore::new(limits.connections));
        let figures = Arc::clone(self.site.figures());
        let front = Front { site: self.site.clone(), router };
        let edge = Edge::new(front, options, Arc::clone(&figures), self.site.now());
        let serving = Arc::new(Serving { edge, limits, tls: self.tls, stop: stop.clone() });
        let kept = tokio::spawn(keep_clients(self.site.clone()));
        let looked_after = tokio::spawn(tmdb::look_after(self.site.clone()));
        let connections = TaskTracker::new();
        let noting = tokio::spawn(served::note(self.site.clone(), stop.clone()));
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &room) => accepted,
                () = stop.cancelled() => break,
            };
            let Some((stream, peer, permit)) = accepted else { continue };
            let (serving, figures) = (Arc::clone(&serving), Arc::clone(&figures));
            connections.spawn(async move {
                figures.connected(1);
                serving.connection(stream, peer).await;
                figures.connected(-1);
                drop(permit);
            });
        }
        self.site.closing().cancel();
        connections.close();
        if timeout(GRACE, connections.wait()).await.is_err() {
            tracing::warn!("some requests were not answered before the stop");
        }
        if let Err(error) = looked_after.await {
            tracing::error!(%error, "kept answers are not looked after");
        }
        // It ends with the stop, and waits for no request.
        if let Err(error) = noting.await {
            tracing::error!(%error, "what was served is not noted");
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

/// The next connection, once there is room for one. None where none could be had.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            // Out of descriptors: the connections at hand have to end first.
            tracing::warn!(%error, "could not accept a connection");
            tokio::time::sleep(Duration::from_millis(20)).await;
            None
        }
    }
}

impl Serving {
    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Without it answers wait for acknowledgements; failing is harmless.
        stream.set_nodelay(true).ok();
        let Some(Tls(acceptor)) = self.tls.clone() else {
            return self.serve(stream, peer).await;
        };
        match timeout(self.limits.headers_within, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.serve(stream, peer).await,
            Ok(Err(error)) => tracing::trace!(%error, "no TLS was agreed on"),
            Err(_elapsed) => tracing::trace!("a client took too long to agree on TLS"),
        }
    }

    /// Serves one connection, HTTP/1.1 or HTTP/2, until it ends.
    async fn serve<S>(self: Arc<Self>, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let has_asked = Arc::new(AtomicBool::new(false));
        let stream = Timed::new(stream, &self.limits, Arc::clone(&has_asked));
        let serving = Arc::clone(&self);
        let service = service_fn(move |request: Request<Incoming>| {
            has_asked.store(true, Ordering::Relaxed);
            let request = request.map(axum::body::Body::new);
            let serving = Arc::clone(&serving);
            async move {
                let response = serving.edge.handle(request, peer.ip()).await;
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let builder = self.builder();
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::trace!(error, "a connection ended");
        }
    }

    fn builder(&self) -> auto::Builder<TokioExecutor> {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.headers_within)
            .max_buf_size(HEADERS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.limits.headers_within)
            .keep_alive_timeout(self.limits.headers_within)
            .max_concurrent_streams(250)
            .max_header_list_size(32 << 10);
        builder
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

#[cfg(test)]
pub(crate) mod tests;
