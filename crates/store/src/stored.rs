//! What the store tells of itself, and values shared by all databases.

use serde::Serialize;

/// How a database does, for `doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// What the database's own check found; empty when it is sound.
    pub problems: Vec<String>,
    pub size_bytes: u64,
    /// Of these, pages that are free to be used again.
    pub free_bytes: u64,
}

/// The content of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fingerprint {
    pub table: String,
    pub rows: u64,
    pub hash: String,
}

/// Cuts user, password and all parameters out of a URL that will be shown.
pub fn without_secrets(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let place = host.split_once('?').map_or(host, |(place, _)| place);
    let user = if host.len() < rest.len() { "…@" } else { "" };
    format!("{scheme}://{user}{place}")
}

/// SQL's integers are signed; what does not fit is cut off.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A limit as SQL takes it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let shown = without_secrets("postgres://me:s@cret@host/db");
        assert_eq!(shown, "postgres://…@host/db");
        let shown = without_secrets("postgres:///db?host=/tmp&user=me&password=s3cret");
        assert_eq!(shown, "postgres:///db");
        assert_eq!(without_secrets("sqlite:a@b.db"), "sqlite:a@b.db");
    }
}
