//! A server for tests that answers with the very bytes it is told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::Client;
use crate::config::Config;
use crate::credential::Credential;

/// What becomes of a connection.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes, then an orderly end.
    Bytes(Vec<u8>),
    /// These bytes, then a reset.
    Reset(Vec<u8>),
    /// These bytes, then nothing more.
    Hang(Vec<u8>),
}

pub(crate) struct Stub {
    pub(crate) url: String,
    /// Of the clients made for it.
    pub(crate) timeout: Duration,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    /// Answers each request, a connection each, by its number from 0 and its head.
    pub(crate) async fn start<F>(answer: F) -> Self
    where
        F: Fn(usize, &str) -> Reply + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(vec![]));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            let mut hanging = vec![];
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read_head(&mut stream).await;
                let number = seen.lock().unwrap().len();
                let reply = answer(number, &head);
                seen.lock().unwrap().push(head);
                hanging.extend(send(stream, reply).await);
            }
        });
        Self { url, timeout: Config::default().timeout, heads }
    }

    pub(crate) async fn always(reply: Reply) -> Self {
        Self::start(move |_, _| reply.clone()).await
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            api_url: format!("{}/3", self.url),
            files_url: format!("{}/p/exports/", self.url),
            timeout: self.timeout,
            resume_wait: Duration::ZERO,
            ..Config::default()
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.config(), Credential::None).unwrap()
    }
}

/// A whole response with its length.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).await.is_ok() {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Returns the connection where it is to stay open.
async fn send(mut stream: TcpStream, reply: Reply) -> Option<TcpStream> {
    let (Reply::Bytes(bytes) | Reply::Reset(bytes) | Reply::Hang(bytes)) = &reply;
    // A client that has seen enough hangs up.
    stream.write_all(bytes).await.ok();
    match reply {
        Reply::Bytes(_) => {
            stream.shutdown().await.ok();
            None
        }
        Reply::Reset(_) => {
            stream.set_zero_linger().unwrap();
            None
        }
        Reply::Hang(_) => Some(stream),
    }
}
