//! Asks TMDB's API, one permit for each request.

mod class;
pub(crate) mod retry_after;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use domain::budget::Permit;
use domain::{Failure, Timestamp};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{StatusCode, Url, redirect};
use rustls::crypto::{CryptoProvider, ring};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::credential::Credential;
use crate::question::Question;

/// Asks TMDB. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    credential: Credential,
    api: reqwest::Client,
    /// Never sends the credential, and leaves gzip files as they are.
    files: reqwest::Client,
    /// Never sends the credential either.
    images: reqwest::Client,
    connections: Semaphore,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("config", &self.config)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

/// What came of a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// See [`Question::asked`].
    pub asked: String,
    /// See [`Question::endpoint`].
    pub endpoint: String,
    /// `None` when there was no response at all.
    pub status: Option<u16>,
    /// From sending to the last byte, without the wait for a free connection.
    pub took: Duration,
    /// Of the body, decompressed, as far as it came.
    pub bytes: u64,
    /// Parts that were asked and are not in the body; seasons are not counted,
    /// as nobody knows beforehand which exist.
    pub missing: Vec<String>,
    pub outcome: Outcome,
    /// TMDB's clock when it answered, to the second.
    pub server_time: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    /// Whole JSON, and about what was asked.
    Found(Bytes),
    Failed {
        failure: Failure,
        /// What TMDB asked for, if it did.
        retry_after: Option<Duration>,
    },
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error(
        "`{url}` is not an address that TMDB can be reached at (such as https://api.themoviedb.org/3)"
    )]
    Url { url: String },
    #[error("connections and body_limit_bytes must be at least 1")]
    Limit,
    #[error("the HTTP client cannot be set up (are there CA certificates on this machine?)")]
    Http(#[source] reqwest::Error),
}

/// A response as it came, for [`class`].
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// Why the body ends early, if it does.
    broken: Option<String>,
}

impl Client {
    pub fn new(config: Config, credential: Credential) -> Result<Self, ClientError> {
        install_crypto();
        if config.connections == 0 || config.body_limit_bytes == 0 {
            return Err(ClientError::Limit);
        }
        let api = builder(&config, &config.api_url)?.timeout(config.timeout);
        let files = builder(&config, &config.files_url)?.read_timeout(config.timeout).no_gzip();
        let images = builder(&config, &config.images_url)?.timeout(config.timeout).no_gzip();
        let build = |client: reqwest::ClientBuilder| client.build().map_err(ClientError::Http);
        let (api, files, images) = (build(api)?, build(files)?, build(images)?);
        let connections = Semaphore::new(config.connections.min(Semaphore::MAX_PERMITS));
        let shared = Shared { config, credential, api, files, images, connections };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Asks once. When all connections are taken it waits for one, so keep no
    /// more questions under way than [`Config::connections`]: a permit that
    /// waits is sent later than the budget thinks.
    pub async fn ask(&self, question: &Question, permit: Permit) -> Answer {
        let connection = self.shared.connections.acquire().await;
        let started = Instant::now();
        let asked = question.asked();
        let reply = self.send(&asked).await;
        let took = started.elapsed();
        drop((connection, permit));
        let mut server_time = None;
        let (status, bytes, (outcome, missing)) = match reply {
            Ok(reply) => {
                server_time = retry_after::date(&reply.headers);
                let found = class::of(question, &reply);
                (Some(reply.status.as_u16()), reply.body.len() as u64, found)
            }
            Err(what) => (None, 0, (class::unanswered(question, &what), vec![])),
        };
        let endpoint = question.endpoint();
        if !missing.is_empty() {
            tracing::debug!(asked, ?missing, "TMDB left out parts of {endpoint}");
        }
        Answer { asked, endpoint, status, took, bytes, missing, outcome, server_time }
    }

    pub(crate) fn files(&self) -> &reqwest::Client {
        &self.shared.files
    }

    pub(crate) fn images(&self) -> &reqwest::Client {
        &self.shared.images
    }

    async fn send(&self, asked: &str) -> Result<Reply, String> {
        let Shared { config, credential, api, .. } = &*self.shared;
        let mut url = format!("{}/{asked}", config.api_url.trim_end_matches('/'));
        let mut headers = HeaderMap::new();
        match credential {
            Credential::Key(key) => {
                url.push(if asked.contains('?') { '&' } else { '?' });
                url.push_str("api_key=");
                url.push_str(key.reveal());
            }
            Credential::Bearer(token) => {
                headers.insert(AUTHORIZATION, bearer(token.reveal())?);
            }
            Credential::None => {}
        }
        let sent = api.get(url).headers(headers).send().await;
        let mut response = sent.map_err(|error| reason(error, config))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let (body, broken) = read(&mut response, config).await;
        let body = if status.is_success() { body } else { credential.strip(&body) };
        Ok(Reply { status, headers, body, broken })
    }
}

/// Reads a body to its end or to the limit; the second says why it ends early.
async fn read(response: &mut reqwest::Response, config: &Config) -> (Bytes, Option<String>) {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > config.body_limit_bytes => {
                let limit = config.body_limit_bytes;
                return (body.freeze(), Some(format!("the body is larger than {limit} bytes")));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body.freeze(), None),
            Err(error) => {
                let what = format!("the body broke off: {}", reason(error, config));
                return (body.freeze(), Some(what));
            }
        }
    }
}

/// Says what went wrong on the way, without the address: it may hold the key.
pub(crate) fn reason(error: reqwest::Error, config: &Config) -> String {
    if error.is_timeout() {
        return format!("timed out after {:?}", config.timeout);
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn bearer(token: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_unprintable| "the access token does not fit a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn builder(config: &Config, url: &str) -> Result<reqwest::ClientBuilder, ClientError> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let parsed = parsed.ok_or_else(|| ClientError::Url { url: url.to_owned() })?;
    let builder = reqwest::Client::builder()
        .user_agent(&config.user_agent)
        .connect_timeout(config.connect_timeout)
        .pool_max_idle_per_host(config.connections)
        // Many requests share a connection of HTTP/2; one that died is noticed.
        .http2_keep_alive_interval(config.connect_timeout)
        .http2_keep_alive_timeout(config.connect_timeout)
        // Another host must not see the credential, and a permit pays for one request.
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never());
    // No proxy knows the way to a TMDB of one's own.
    let is_own = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    Ok(if is_own { builder.no_proxy() } else { builder })
}

fn install_crypto() {
    let is_missing = CryptoProvider::get_default().is_none();
    if is_missing && ring::default_provider().install_default().is_err() {
        tracing::debug!("another thread installed a crypto provider first");
    }
}

#[cfg(test)]
mod tests;
