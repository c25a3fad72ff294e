//! The address of a database, read as libpq reads it.

use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{self, Checks};

/// How long a server may take to accept a connection, and how long one that has
/// gone silent is believed in, unless the address says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// What TLS is talked over.
type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Where a database is and how it is reached. Reads no environment.
#[derive(Clone)]
pub(in crate::postgres) struct Address {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Address {
    /// Reads a URL. Besides what the driver knows it heeds `sslmode` with libpq's
    /// `verify-ca` and `verify-full`, and `sslrootcert`. Says what is wrong with it.
    pub(in crate::postgres) fn read(url: &str) -> Result<Self, String> {
        // What seems to be an option may be a part of a password, and is not told.
        let is_ambiguous = url.split_once('?').is_some_and(|(_, query)| query.contains('@'));
        let (rest, mode, roots) = take_tls(url)?;
        let mut config = Config::from_str(&rest).map_err(|error| match error.into_source() {
            Some(source) if !is_ambiguous => source.to_string(),
            _ => "it is no URL of a database".to_owned(),
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err("it names no host".to_owned());
        }
        let (driven, checks) = mode.meaning(roots.is_some());
        config.ssl_mode(driven);
        if config.get_application_name().is_none() {
            config.application_name("cinemirror");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(PATIENCE * 2);
        }
        if rest.find("keepalives").is_none() {
            config
                .keepalives_idle(PATIENCE)
                .keepalives_interval(PATIENCE / 2)
                .keepalives_retries(3);
        }
        Ok(Self { config, tls: tls::connector(checks, roots.as_deref())? })
    }

    pub(super) fn parts(&self) -> (Config, MakeRustlsConnect) {
        (self.config.clone(), self.tls.clone())
    }

    /// Connects outside the pool, for what holds a connection for long.
    pub(in crate::postgres) async fn connect(
        &self,
    ) -> Result<(Client, Connection<Socket, Stream>), Error> {
        self.config.connect(self.tls.clone()).await
    }
}

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    Disable,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "disable" => Self::Disable,
            // libpq tries without TLS first; either way both are tried.
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }

    /// What the driver is to do, and what is checked of the server's certificate.
    fn meaning(self, has_roots: bool) -> (SslMode, Checks) {
        match self {
            Self::Disable => (SslMode::Disable, Checks::Nothing),
            Self::Prefer => (SslMode::Prefer, Checks::Nothing),
            // As libpq: who names a root wants it to be used.
            Self::Require if has_roots => (SslMode::Require, Checks::Chain),
            Self::Require => (SslMode::Require, Checks::Nothing),
            Self::VerifyCa => (SslMode::Require, Checks::Chain),
            Self::VerifyFull => (SslMode::Require, Checks::ChainAndName),
        }
    }
}

/// Takes the parameters out of a URL that the driver does not know.
fn take_tls(url: &str) -> Result<(String, Mode, Option<String>), String> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut others) = (Mode::default(), None, vec![]);
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let decoded = percent_decode_str(value).decode_utf8_lossy();
        match name {
            "sslmode" => {
                mode = Mode::from_name(&decoded).ok_or_else(|| {
                    format!(
                        "there is no sslmode `{decoded}`: use disable, prefer, require, verify-ca or verify-full"
                    )
                })?;
            }
            // libpq's word for the roots that the machine trusts.
            "sslrootcert" if decoded == "system" => roots = None,
            "sslrootcert" => roots = Some(decoded.into_owned()),
            _ => others.push(parameter),
        }
    }
    let mark = if others.is_empty() { "" } else { "?" };
    Ok((format!("{place}{mark}{}", others.join("&")), mode, roots))
}
