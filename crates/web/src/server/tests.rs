//! The server through a real socket: what ends, what is cut, what is finished.

use std::path::Path;

use axum::routing::get;
use domain::{Key, Kind, Timestamp};
use pipeline::Stores;
use pipeline::images::Gallery;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::options::{self, Options};

/// Longer than anything here takes.
const SOON: Duration = Duration::from_secs(10);

pub(crate) struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Running {
    async fn start(options: Options, router: Option<Router>) -> Self {
        Self::over(site(options).await, router).await
    }

    pub(crate) async fn over(site: Site, router: Option<Router>) -> Self {
        let server = serve(site).await.unwrap();
        let (address, stop) = (server.address(), CancellationToken::new());
        let stopping = stop.clone();
        let ended = match router {
            Some(router) => tokio::spawn(server.run_with(router, stopping)),
            None => tokio::spawn(server.run(stopping)),
        };
        Self { address, stop, ended }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a text and reads until the server closes.
    async fn say(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.ok();
        rest(stream).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &str) -> String {
        let text = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        self.say(&text).await
    }

    /// Stops it, which must not take the whole time of grace.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        timeout(SOON, self.ended).await.unwrap().unwrap();
    }
}

/// What a server sends until it closes.
async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut bytes = vec![];
    // A reset is a close, too.
    timeout(SOON, stream.read_to_end(&mut bytes)).await.expect("the server closes").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn options() -> Options {
    Options { listen: "127.0.0.1:0".to_owned(), ..Options::default() }
}

/// Cuts what others wait for, fast enough for a test.
fn impatient() -> Options {
    let moment = Duration::from_millis(100);
    let limits = Limits { headers_within: moment, taken_within: moment, ..Limits::default() };
    Options { limits, ..options() }
}

/// A mirror of one movie.
pub(crate) async fn site(options: Options) -> Site {
    let store = store::open("sqlite::memory:").await.unwrap();
    let now = Timestamp::from_millis(1_700_000_000_000);
    let key = Key::new(Kind::Movie, 550, None, None).unwrap();
    let overview = "Nobody talks about it. ".repeat(100);
    let body = format!(r#"{{"id":550,"title":"Fight Club","overview":"{overview}"}}"#);
    let (record, _) = records::record(key, body.as_bytes(), "movie/550", now).unwrap();
    store.archive.put(&[record]).await.unwrap();
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
    Site::new(stores, gallery, Arc::new(move || now), options)
}

fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let lines = response.split("\r\n\r\n").next()?.lines();
    let mut fields = lines.filter_map(|line| line.split_once(": "));
    fields.find(|(field, _)| *field == name).map(|(_, value)| value)
}

#[tokio::test]
async fn a_movie_is_served_with_its_tag_and_the_tag_is_enough_the_second_time() {
    let running = Running::start(options(), None).await;
    let response = running.get("/3/movie/550?api_key=x", "").await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.contains("Fight Club"));
    assert_eq!(header(&response, "cache-control"), Some("public, max-age=28800"));
    let tag = header(&response, "etag").unwrap();
    assert!(tag.starts_with("W/\"") && tag.len() == 36, "{tag}");
    let again = running.get("/3/movie/550", &format!("if-none-match: {tag}\r\n")).await;
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    assert_eq!(header(&again, "etag"), Some(tag));
    assert!(again.ends_with("\r\n\r\n"));
    let packed = running.get("/3/movie/550", "accept-encoding: gzip\r\n").await;
    assert_eq!(header(&packed, "content-encoding"), Some("gzip"));
    assert_eq!(header(&packed, "etag"), Some(tag));
    running.stop().await;
}

#[tokio::test]
async fn probes_tell_that_it_lives_and_can_serve() {
    let running = Running::start(options(), None).await;
    assert!(running.get("/healthz", "").await.ends_with("ok\n"));
    assert!(running.get("/readyz", "").await.ends_with("ready\n"));
    running.stop().await;
}

#[tokio::test]
async fn who_sends_headers_too_slowly_or_none_is_cut() {
    let running = Running::start(impatient(), None).await;
    // The last one could still become HTTP/2.
    for begun in ["", "GET /3/movie/550 HTT", "GET / HTTP/1.1\r\nhost: x\r\nslow", "PRI"] {
        let said = running.say(begun).await;
        assert!(!said.contains("HTTP/1.1 200"), "{begun}: {said}");
    }
    // After an answer, too.
    let said = running.say("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /hea").await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    running.stop().await;
}

#[tokio::test]
async fn megabytes_of_headers_harm_nobody() {
    let running = Running::start(options(), None).await;
    let large = running.get("/3/movie/550", &format!("x: {}\r\n", "y".repeat(1 << 20))).await;
    assert!(large.is_empty() || large.starts_with("HTTP/1.1 431"), "{large}");
    let many = running.get("/3/movie/550", &"x: y\r\n".repeat(2_000)).await;
    assert!(many.is_empty() || many.starts_with("HTTP/1.1 431"), "{many}");
    let long = running.get(&format!("/3/movie/550?x={}", "y".repeat(30_000)), "").await;
    assert!(long.starts_with("HTTP/1.1 414"), "{long}");
    let rubbish = running.say("\u{1}\u{2}rubbish\r\n\r\n").await;
    assert!(rubbish.is_empty() || rubbish.starts_with("HTTP/1.1 400"), "{rubbish}");
    assert!(running.get("/3/movie/550", "").await.starts_with("HTTP/1.1 200"));
    running.stop().await;
}

#[tokio::test]
async fn who_takes_nothing_of_its_answer_is_cut() {
    let large = Router::new().route("/large", get(|| async { vec![b'x'; 64 << 20] }));
    let running = Running::start(impatient(), Some(large)).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 1];
    stream.read_exact(&mut first).await.unwrap();
    // Ends only when the connection does.
    running.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_the_answers_at_hand() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        move || async move {
            begun.notify_one();
            go_on.notified().await;
            "finished"
        }
    };
    let running = Running::start(options(), Some(Router::new().route("/slow", get(slow)))).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    begun.notified().await;
    running.stop.cancel();
    go_on.notify_one();
    let response = rest(stream).await;
    assert!(response.ends_with("finished"), "{response}");
    running.stop().await;
}

#[tokio::test]
async fn no_more_connections_are_served_than_may_be() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let running = Running::start(Options { limits, ..options() }, None).await;
    let mut first = running.connect().await;
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut byte = [0; 1];
    first.read_exact(&mut byte).await.unwrap();
    let mut second = running.connect().await;
    second
        .write_all(b"GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    // It is answered as soon as the first one ends, and not before.
    let early = timeout(Duration::from_millis(50), second.read_exact(&mut byte)).await;
    assert!(early.is_err());
    drop(first);
    assert!(rest(second).await.contains("ok\n"));
    running.stop().await;
}

#[tokio::test]
async fn tls_is_spoken_with_the_configured_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["mirror.test".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate = file("cert.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let tls = Some(options::Tls { certificate: certificate.clone(), key });
    let running = Running::start(Options { tls, ..options() }, None).await;
    for (offered, agreed) in [(&b"h2"[..], &b"h2"[..]), (b"http/1.1", b"http/1.1")] {
        let stream = shake_hands(&running, &certificate, offered).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(agreed));
    }
    let mut stream = shake_hands(&running, &certificate, b"http/1.1").await;
    stream
        .write_all(b"GET /3/movie/550 HTTP/1.1\r\nconnection: close\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(rest(stream).await.contains("Fight Club"));
    // Who does not speak TLS is refused, and nobody else notices.
    assert!(!running.get("/healthz", "").await.contains("ok"));
    running.stop().await;
}

async fn shake_hands(
    running: &Running,
    certificate: &Path,
    protocol: &[u8],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("mirror.test").unwrap();
    connector.connect(name, running.connect().await).await.unwrap()
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_said() {
    let tls = options::Tls { certificate: "no.pem".into(), key: "no.key".into() };
    let error = serve(site(Options { tls: Some(tls), ..options() }).await).await.unwrap_err();
    assert!(error.to_string().contains("no.pem holds no certificate"), "{error}");
}
