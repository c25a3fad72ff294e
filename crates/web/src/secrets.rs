//! Secrets: how they look, and how they are known again. The store has their hashes only.
//!
//! A secret is random through and through, so that a fast hash is enough, and looking it
//! up by its hash tells nothing about it, however long it takes.

use std::fmt;
use std::sync::Arc;

use domain::access::SecretHash;

/// Where chance comes from that nobody can foresee.
#[derive(Clone)]
pub struct Entropy(Arc<dyn Fn() -> [u8; 32] + Send + Sync>);

impl Entropy {
    pub fn new(random: impl Fn() -> [u8; 32] + Send + Sync + 'static) -> Self {
        Self(Arc::new(random))
    }

    /// A token of the control API.
    pub fn token(&self) -> String {
        format!("cm_{}", hex(&(self.0)()))
    }

    /// A client's key, as TMDB's look.
    pub fn client_key(&self) -> String {
        hex(&(self.0)()[..16])
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

/// What the store knows a secret by.
pub fn hash(secret: &str) -> SecretHash {
    SecretHash(*blake3::hash(secret.as_bytes()).as_bytes())
}

/// Whether a client or a token may be called so.
pub fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_letter)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_look_as_their_users_expect() {
        let entropy = Entropy::new(|| [0xab; 32]);
        assert_eq!(entropy.client_key(), "ab".repeat(16));
        assert_eq!(entropy.token(), format!("cm_{}", "ab".repeat(32)));
        assert_ne!(hash("a"), hash("b"));
    }
}
