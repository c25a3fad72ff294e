//! What goes wrong with an object store, what is tried again, and what a caller is told.

use std::time::Duration;

use domain::StoreError;
use object_store::{BackoffConfig, Error, RetryConfig};

use super::Aws;

/// Requests that the client itself repeats: those whose repetition changes nothing, and
/// those that the server refused to serve.
pub(super) fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 8,
        retry_timeout: Duration::from_secs(60),
    }
}

/// Counts how often a request was tried that the client itself does not repeat: a
/// conditional put whose answer was lost, a body that broke off.
#[derive(Default)]
pub(super) struct Tries {
    made: u32,
}

impl Tries {
    const MOST: u32 = 6;

    /// Waits until the request may be tried again; returns the error when that is no use.
    pub(super) async fn after(&mut self, error: Error) -> Result<(), Error> {
        self.made += 1;
        if self.made >= Self::MOST || !is_passing(&error) {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(20 << self.made)).await;
        Ok(())
    }
}

fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Generic { .. } | Error::AlreadyExists { .. } | Error::JoinError { .. })
}

/// Values that must not be told; some servers repeat them in their answers.
pub(super) struct Redaction {
    secrets: Vec<String>,
}

impl Redaction {
    const NAMES: [&str; 3] = ["SECRET", "TOKEN", "KEY"];

    pub(super) fn new(aws: &Aws) -> Self {
        let is_secret = |name: &str| Self::NAMES.iter().any(|part| name.contains(part));
        let secrets = aws.0.iter().filter(|(name, value)| is_secret(name) && !value.is_empty());
        Self { secrets: secrets.map(|(_, value)| value.clone()).collect() }
    }

    pub(super) fn told(&self, what: &str, place: &str, error: &Error) -> StoreError {
        let why = match error {
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
                "it refuses the credentials; look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and \
                 what they may do"
                    .to_owned()
            }
            error => self.cleaned(error.to_string()),
        };
        StoreError::unavailable(format!("could not {what} in {place}: {why}"))
    }

    pub(super) fn cleaned(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, secret| text.replace(secret, "…"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_a_server_repeats_is_not_told() {
        let aws = [("AWS_SESSION_TOKEN", "tell-nobody"), ("AWS_REGION", "eu")];
        let aws = Aws(aws.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let error =
            Error::Generic { store: "S3", source: "<Token>tell-nobody</Token> in eu".into() };
        let told = Redaction::new(&aws).told("read an object", "s3://b", &error).to_string();
        assert!(told.contains("<Token>…</Token> in eu"), "{told}");
        assert!(!format!("{aws:?}").contains("tell-nobody"));
    }
}
