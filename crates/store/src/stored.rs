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

/// Cuts user, password and all parameters out of a URL that will be shown. Of what is no
/// URL, or a broken one, nothing is shown but a file's name: anything may be the password.
pub fn without_secrets(url: &str) -> String {
    if url.starts_with("sqlite:") || is_file_name(url) {
        return url.to_owned();
    }
    let known = ["postgres", "postgresql", "http", "https", "s3", "file"];
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| known.contains(scheme))
    else {
        return "…".to_owned();
    };
    // An `@` behind a `?` may be of a parameter, or both of a password.
    let (place, user) = match (rest.rfind('@'), rest.find('?')) {
        (Some(at), Some(query)) if query < at => return format!("{scheme}://…"),
        (Some(at), _) => (&rest[at + 1..], "…@"),
        (None, _) => (rest, ""),
    };
    let place = place.split_once('?').map_or(place, |(place, _)| place);
    let is_whole = scheme == "file" || names_a_host(place);
    format!("{scheme}://{user}{}", if is_whole { place } else { "…" })
}

/// `HOST:PORT/NAME`, or several with commas, and nothing that may be a user's.
fn names_a_host(place: &str) -> bool {
    let (hosts, name) = place.split_once('/').unwrap_or((place, ""));
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = |host: &str| match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((_, port)) => port.strip_prefix(':').is_none_or(is_port),
        None => host.split_once(':').is_none_or(|(_, port)| is_port(port)),
    };
    hosts.split(',').all(is_host) && !name.contains(':')
}

/// Whether a text is the name of a database's file, to which `sqlite:` is lacking.
pub(crate) fn is_file_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._- ".contains(&byte);
    let suffix = std::path::Path::new(text).extension().and_then(|suffix| suffix.to_str());
    text.bytes().all(is_plain) && matches!(suffix, Some("db" | "sqlite" | "sqlite3"))
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
        let hosts = "postgres://…@one:5432,[::1]:5433/db";
        assert_eq!(without_secrets("postgres://me:s3@one:5432,[::1]:5433/db"), hosts);
        assert_eq!(without_secrets("http://minio.lan:9000/x"), "http://minio.lan:9000/x");
        assert_eq!(without_secrets("s3://films/a/b"), "s3://films/a/b");
    }

    #[test]
    fn of_what_is_no_url_no_part_is_shown() {
        for url in [
            "postgres:/user:secret@x/db",
            "postgres:user:secret@x/db",
            "postgres//user:secret@x/db",
            "user:secret@127.0.0.1:5432",
            "host=x password=secret dbname=db",
            "postgres://user:secret/db",
            "postgres:///user:secret/db",
            "postgres://x/db?password=a@secret",
            "postgres://user:a?b@secret@x/db",
            "postgres://user:a@secret?b@x/db",
            "mysql://user:secret@x/db",
            "secret",
            "s:secret://x",
        ] {
            let shown = without_secrets(url);
            assert!(!shown.contains("secret"), "{url} is shown as {shown}");
        }
        assert_eq!(without_secrets("old/house.db"), "old/house.db");
    }
}
