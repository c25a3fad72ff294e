//! What TMDB lets one in by, and how it is kept from showing.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use memchr::memmem;

/// What stands in place of a secret wherever it would have shown.
const REDACTED: &str = "[redacted]";

/// What TMDB lets one in by. Shows only which sort it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A v3 API key; travels in the query.
    Key(Secret),
    /// An API read access token; travels in a header.
    Bearer(Secret),
    /// For a TMDB of one's own, and for the export files.
    None,
}

/// A text that no `Debug` and no `Display` prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A text that cannot be a credential of TMDB's. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    #[error(
        "there is no TMDB credential: set TMDB_API_KEY to the API key or the API read access token \
         from https://www.themoviedb.org/settings/api"
    )]
    Empty,
    #[error(
        "TMDB_API_KEY is neither an API key (32 hexadecimal digits) nor an API read access token \
         (three parts with dots between them)"
    )]
    Unreadable,
}

impl Credential {
    /// Tells a v3 key from a read access token by its looks.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        let text = text.trim();
        let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
        if text.is_empty() {
            return Err(CredentialError::Empty);
        }
        if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::Key(Secret(text.to_owned())));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let has_three_parts = parts.len() == 3 && parts.iter().all(|part| !part.is_empty());
        let fits_a_header = text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits_a_header && (has_three_parts || text.len() > 32) {
            return Ok(Self::Bearer(Secret(text.to_owned())));
        }
        Err(CredentialError::Unreadable)
    }

    fn secret(&self) -> Option<&str> {
        match self {
            Self::Key(secret) | Self::Bearer(secret) => Some(secret.reveal()),
            Self::None => None,
        }
    }

    /// Takes the secret out of a foreign text: some servers and proxies echo
    /// the request in their error pages.
    pub(crate) fn strip(&self, body: &Bytes) -> Bytes {
        let Some(secret) = self.secret() else { return body.clone() };
        if memmem::find(body, secret.as_bytes()).is_none() {
            return body.clone();
        }
        let mut clean = Vec::with_capacity(body.len());
        let mut from = 0;
        for at in memmem::find_iter(body, secret.as_bytes()) {
            clean.extend_from_slice(&body[from..at]);
            clean.extend_from_slice(REDACTED.as_bytes());
            from = at + secret.len();
        }
        clean.extend_from_slice(&body[from..]);
        Bytes::from(clean)
    }
}

impl FromStr for Credential {
    type Err = CredentialError;

    fn from_str(text: &str) -> Result<Self, CredentialError> {
        Self::parse(text)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(secret) => f.debug_tuple("Key").field(secret).finish(),
            Self::Bearer(secret) => f.debug_tuple("Bearer").field(secret).finish(),
            Self::None => f.write_str("None"),
        }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Key(_) => "an API key",
            Self::Bearer(_) => "an API read access token",
            Self::None => "none",
        })
    }
}

impl Secret {
    /// For the request alone.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789ABCDEF";
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiIwIn0.c2lnbmF0dXJl";

    #[test]
    fn a_credential_is_told_by_its_looks() {
        assert_eq!(Credential::parse(KEY), Ok(Credential::Key(Secret(KEY.to_owned()))));
        let bearer = Credential::Bearer(Secret(TOKEN.to_owned()));
        assert_eq!(Credential::parse(&format!(" {TOKEN}\n")), Ok(bearer.clone()));
        assert_eq!(format!("Bearer {TOKEN}").parse(), Ok(bearer));
    }

    #[test]
    fn what_cannot_be_a_credential_is_refused_with_advice() {
        let advice = |text| Credential::parse(text).unwrap_err().to_string();
        assert!(advice("  ").contains("set TMDB_API_KEY"));
        assert!(advice("hunter2").contains("32 hexadecimal digits"));
        assert!(!advice("hunter2").contains("hunter2"));
        assert_eq!(Credential::parse("a.b\n.c"), Err(CredentialError::Unreadable));
    }

    #[test]
    fn no_secret_is_ever_shown() {
        for text in [KEY, TOKEN] {
            let credential = Credential::parse(text).unwrap();
            assert!(!format!("{credential:?} {credential}").contains(text));
            let echo = Bytes::from(format!("Cannot GET /3/x?api_key={text}, no {text}"));
            let clean = credential.strip(&echo);
            assert_eq!(&clean[..], b"Cannot GET /3/x?api_key=[redacted], no [redacted]");
        }
    }
}
