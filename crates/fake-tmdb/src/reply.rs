//! What an API question comes to, before it is an HTTP response.

use bytes::Bytes;

/// An answer of TMDB's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    pub(crate) cache: Cache,
}

/// How long TMDB lets an answer be cached (`FACTS.md` section 4), in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    Public(u32),
    Private,
    /// Says nothing of caching, as most errors.
    Silent,
}

impl Cache {
    /// Details, their parts, lists, discover, search, find and most references.
    pub(crate) const NORMAL: Self = Self::Public(28_800);
    /// Trending and changes.
    pub(crate) const SHORT: Self = Self::Public(600);
    /// The changes of days gone by.
    pub(crate) const LONG: Self = Self::Public(86_400);
    pub(crate) const NONE: Self = Self::Public(0);
}

impl Reply {
    pub(crate) fn ok(body: Bytes, cache: Cache) -> Self {
        Self { status: 200, body, cache }
    }

    /// An error of TMDB's table, as its usual body.
    pub(crate) fn error(code: u32) -> Self {
        let (status, message) = meaning(code);
        Self::status(status, code, message)
    }

    pub(crate) fn status(status: u16, code: u32, message: &str) -> Self {
        let body = format!(
            r#"{{"success":false,"status_code":{code},"status_message":{}}}"#,
            serde_json::Value::from(message)
        );
        Self { status, body: body.into(), cache: Cache::Silent }
    }

    pub(crate) fn not_found() -> Self {
        // TMDB's edge keeps a 404 as long as any answer.
        Self { cache: Cache::NORMAL, ..Self::error(34) }
    }

    /// The second shape of errors, of parameters that fail validation.
    pub(crate) fn invalid(message: &str) -> Self {
        let body = format!(r#"{{"errors":[{}]}}"#, serde_json::Value::from(message));
        Self { status: 422, body: body.into(), cache: Cache::Silent }
    }
}

/// HTTP status and message of TMDB's status codes, of those the fake answers.
fn meaning(code: u32) -> (u16, &'static str) {
    match code {
        5 => (422, "Invalid parameters: Your request parameters are incorrect."),
        6 => (404, "Invalid id: The pre-requisite id is invalid or not found."),
        7 => (401, "Invalid API key: You must be granted a valid key."),
        9 => (503, "Service offline: This service is temporarily offline, try again later."),
        10 => (401, "Suspended API key: Access to your account has been suspended, contact TMDB."),
        20 => (422, "Invalid date range: Should be a range no longer than 14 days."),
        22 => (
            400,
            "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.",
        ),
        23 => (400, "Invalid date: Format needs to be YYYY-MM-DD."),
        24 => (504, "Your request to the backend server timed out. Try again."),
        27 => {
            (400, "Too many append to response objects: The maximum number of remote calls is 20.")
        }
        34 => (404, "The resource you requested could not be found."),
        42 => (405, "This request method is not supported for this resource."),
        43 => (502, "Couldn't connect to the backend server."),
        44 => (500, "The ID is invalid."),
        _ => (500, "Internal error: Something went wrong, contact TMDB."),
    }
}
