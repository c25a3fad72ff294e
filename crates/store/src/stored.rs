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

/// Cuts user and password out of a URL that will be shown.
pub(crate) fn without_secrets(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let shown = without_secrets("postgres://me:s@cret@host/db");
        assert_eq!(shown, "postgres://…@host/db");
        assert_eq!(without_secrets("mysql:x"), "mysql:x");
    }
}
