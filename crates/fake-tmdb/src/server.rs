//! The server: an accept loop of its own, so that it can count and reset connections.

mod answer;
pub(crate) mod render;
mod socket;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::faults::{ExportFile, Faults, Outage};
use crate::options::{Limits, Options};
use crate::stats::Stats;
use socket::Socket;
pub(crate) use state::{State, days_between};

/// A running fake TMDB. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    state: Arc<State>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Binds the address and serves until the [`Server`] is shut down or dropped.
pub async fn start(options: Options) -> io::Result<Server> {
    let listener = TcpListener::bind(options.addr).await?;
    let server = Server {
        addr: listener.local_addr()?,
        state: Arc::new(State::new(options)),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    let serving =
        accept(listener, Arc::clone(&server.state), server.stop.clone(), server.tasks.clone());
    server.tasks.spawn(serving);
    Ok(server)
}

impl Server {
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What takes the place of `https://api.themoviedb.org/3`.
    pub fn api_url(&self) -> String {
        format!("http://{}/3", self.addr)
    }

    /// What takes the place of `https://files.tmdb.org/p/exports`.
    pub fn files_url(&self) -> String {
        format!("http://{}/p/exports", self.addr)
    }

    /// What takes the place of `https://image.tmdb.org/t/p`.
    pub fn images_url(&self) -> String {
        format!("http://{}/t/p", self.addr)
    }

    pub fn stats(&self) -> Stats {
        self.state.stats()
    }

    pub fn set_faults(&self, faults: Faults) {
        self.state.set_faults(faults);
    }

    pub fn faults(&self) -> Faults {
        self.state.faults()
    }

    /// Begins an outage, or ends it with `None`; the other faults stay as they are.
    pub fn set_outage(&self, outage: Option<Outage>) {
        self.state.change_faults(|faults| faults.outage = outage);
    }

    /// Spoils today's exports, or mends them with `None`; the other faults stay as they are.
    pub fn set_export_file(&self, file: Option<ExportFile>) {
        self.state.change_faults(|faults| faults.export_file = file);
    }

    /// Whether today's exports are out: at TMDB they are from 08:00 UTC on.
    pub fn set_export_ready(&self, is_ready: bool) {
        self.state.set_export_ready(is_ready);
    }

    pub fn set_limits(&self, limits: Limits) {
        self.state.set_limits(limits);
    }

    /// Moves the universe on.
    pub fn advance(&self, days: u32) {
        self.state.advance(days);
    }

    /// How many days the universe has moved on.
    pub fn day(&self) -> u32 {
        self.state.day()
    }

    /// Moves the universe to a day, back as well as on.
    pub fn set_day(&self, day: u32) {
        self.state.set_day(day);
    }

    /// The simulated date.
    pub fn today(&self) -> jiff::civil::Date {
        self.state.today()
    }

    /// Closes all connections and returns once nothing runs any more.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Returns when the server has been shut down.
    pub async fn wait(&self) {
        self.stop.cancelled().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    state: Arc<State>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = stream else {
            // Out of descriptors: the connections at hand have to end first.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let (state, stop) = (Arc::clone(&state), stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = serve(stream, &state) => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

/// Serves one connection, HTTP/1.1 or HTTP/2, until it ends.
async fn serve(stream: TcpStream, state: &Arc<State>) {
    let open = state.open();
    let reset = Arc::new(AtomicBool::new(!open.is_within_limit()));
    let socket = Socket::new(stream, Arc::clone(&reset));
    if !open.is_within_limit() {
        return;
    }
    let service =
        service_fn(|request| answer::answer(Arc::clone(state), request, Arc::clone(&reset)));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_concurrent_streams(250);
    if let Err(error) = builder.serve_connection(TokioIo::new(socket), service).await {
        tracing::trace!(error, "a connection ended");
    }
}
