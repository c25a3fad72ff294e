//! The port to who may do what: tokens of the control API, and clients with quotas.
//!
//! Secrets are never here, only their hashes: who reads the store cannot use them.

use std::fmt;

use async_trait::async_trait;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::failure::StoreError;
use crate::time::Timestamp;

/// Tokens, clients, and how much clients used.
#[async_trait]
pub trait Access: Send + Sync {
    /// Keeps a token. False if its name is taken, also by one that was revoked.
    async fn add_token(&self, token: &Token) -> Result<bool, StoreError>;

    /// Lists tokens by name, those that were revoked or have ended too.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;

    /// Returns the token with this hash, also one that does not count any more.
    async fn token(&self, hash: &SecretHash) -> Result<Option<Token>, StoreError>;

    /// Ends a token. False if there is none of that name that could be ended.
    async fn revoke_token(&self, name: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// Keeps a client. False if its name is taken, also by one that was revoked.
    async fn add_client(&self, client: &Client) -> Result<bool, StoreError>;

    /// Lists clients by name, those that were revoked too.
    async fn clients(&self) -> Result<Vec<Client>, StoreError>;

    /// Gives a client another key; the one before counts until an instant, and
    /// the one before that no more. Returns the client, none if it is not known
    /// or was revoked.
    async fn rotate_client(
        &self,
        name: &str,
        key: &SecretHash,
        old_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Client>, StoreError>;

    /// Ends a client, with both its keys. False if there is none that could be ended.
    async fn revoke_client(&self, name: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// Adds to what clients used, each on its day.
    async fn note_usage(&self, usage: &[Usage]) -> Result<(), StoreError>;

    /// Lists what one client used, or all, since a day: the newest day first,
    /// clients of a day by name.
    async fn usage(&self, client: Option<&str>, since: Date) -> Result<Vec<Usage>, StoreError>;

    /// Drops what was used before a day. Returns how many rows.
    async fn forget_usage(&self, before: Date) -> Result<u64, StoreError>;
}

/// The hash of a secret that is random through and through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Reads what is shown: 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit =
                |digit: u8| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a token allows; each scope has what is before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To look.
    Read,
    /// To start, cancel, pause, redrive.
    Write,
    /// To say who else may.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A token of the control API, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub name: String,
    pub hash: SecretHash,
    pub scope: Scope,
    pub created_at: Timestamp,
    /// It counts before; for ever where there is none.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// Why a token does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Expired,
    Revoked,
}

impl Token {
    /// Whether it does not count any more, and why.
    pub fn spent(&self, now: Timestamp) -> Option<Spent> {
        if self.revoked_at.is_some() {
            return Some(Spent::Revoked);
        }
        self.expires_at.is_some_and(|end| end <= now).then_some(Spent::Expired)
    }
}

/// How much a client may ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Requests in a second; any number where there is none.
    pub per_second: Option<u32>,
    /// Requests in a day of UTC; any number where there is none.
    pub per_day: Option<u64>,
}

/// A program that asks the mirror, known by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub name: String,
    pub key: SecretHash,
    /// The key before, which counts until an instant.
    pub old_key: Option<(SecretHash, Timestamp)>,
    pub quota: Quota,
    pub created_at: Timestamp,
    pub rotated_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What a client used on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub client: String,
    pub day: Date,
    /// Requests that were answered.
    pub requests: u64,
    /// Requests beyond the quota.
    pub refused: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(expires_at: Option<i64>, revoked_at: Option<i64>) -> Token {
        Token {
            name: "a".to_owned(),
            hash: SecretHash([0; 32]),
            scope: Scope::Read,
            created_at: Timestamp::default(),
            expires_at: expires_at.map(Timestamp::from_millis),
            revoked_at: revoked_at.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn a_token_counts_until_it_expires_or_is_revoked() {
        let spent = |token: Token, now| token.spent(Timestamp::from_millis(now));
        assert_eq!(spent(token(None, None), i64::MAX), None);
        assert_eq!(spent(token(Some(10), None), 9), None);
        assert_eq!(spent(token(Some(10), None), 10), Some(Spent::Expired));
        assert_eq!(spent(token(Some(10), Some(3)), 9), Some(Spent::Revoked));
    }

    #[test]
    fn a_hash_reads_as_it_is_shown() {
        let hash = SecretHash(std::array::from_fn(|place| u8::try_from(place * 8).unwrap()));
        assert_eq!(SecretHash::from_hex(&hash.to_string()), Some(hash));
        for wrong in ["", "00", &"g".repeat(64), &"0".repeat(65)] {
            assert_eq!(SecretHash::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_scope_has_what_is_before_it() {
        assert!(Scope::Read < Scope::Write && Scope::Write < Scope::Admin);
        for scope in Scope::ALL {
            assert_eq!(Scope::from_name(scope.as_str()), Some(scope));
        }
    }
}
