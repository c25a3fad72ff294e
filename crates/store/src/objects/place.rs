//! Where objects lie, as a URL says.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::limit::LimitStore;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use rustls::crypto::{CryptoProvider, ring};

use super::fault::{Redaction, retries};
use super::{AT_A_TIME, Aws};
use crate::OpenError;
use crate::stored::without_secrets;

/// A place that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `file:///DIR`
    Folder(PathBuf),
    /// `s3://BUCKET/PREFIX`
    Bucket { name: String, prefix: String },
}

impl Place {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let refused = |why: &str| Err(unusable(url, why));
        if let Some(path) = url.strip_prefix("file://") {
            if !path.starts_with('/') {
                return refused(
                    "a folder is written with its full path, as in file:///var/lib/bodies",
                );
            }
            return Ok(Self::Folder(path.into()));
        }
        let Some(rest) = url.strip_prefix("s3://") else {
            return refused("use `database`, file:///DIR or s3://BUCKET/PREFIX");
        };
        if rest.contains('@') {
            return refused(
                "keys are not written here but in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            );
        }
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() || name.contains(['?', '#', ':']) {
            return refused("it names no bucket; use s3://BUCKET/PREFIX");
        }
        Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }

    pub(super) fn open(&self, aws: &Aws) -> Result<Arc<dyn ObjectStore>, OpenError> {
        match self {
            Self::Folder(path) => {
                // One that is not there may be mistyped or not mounted: only what is written
                // into it makes it.
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                let prefix = object_store::path::Path::from_absolute_path(&path);
                let prefix = prefix.map_err(|error| {
                    unusable(&format!("file://{}", path.display()), &error.to_string())
                })?;
                // A row must never be safer on disk than the object that it names.
                let disk = LocalFileSystem::new().with_fsync(true);
                Ok(Arc::new(PrefixStore::new(LimitStore::new(disk, AT_A_TIME), prefix)))
            }
            Self::Bucket { name, prefix } => {
                let s3 = LimitStore::new(bucket(name, aws)?, AT_A_TIME);
                Ok(Arc::new(PrefixStore::new(s3, prefix.as_str())))
            }
        }
    }
}

/// A bucket, by its path below the endpoint rather than by a host of its own: that is
/// what every server understands.
fn bucket(name: &str, aws: &Aws) -> Result<object_store::aws::AmazonS3, OpenError> {
    let url = format!("s3://{name}");
    install_crypto();
    let mut builder = AmazonS3Builder::new().with_bucket_name(name).with_retry(retries());
    for (name, value) in &aws.0 {
        // Others than object stores have names in the environment that start so.
        if let Ok(option) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(option, value);
        }
    }
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
    let endpoint = endpoint.iter().find_map(|option| builder.get_config_value(option));
    if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.starts_with("http://")) {
        if is_loopback(&endpoint) {
            builder = builder.with_allow_http(true);
        } else if aws.0.get("AWS_ALLOW_HTTP").is_none_or(|value| value != "true") {
            let why = format!(
                "{} would be reached without TLS; use https://, or set AWS_ALLOW_HTTP=true",
                without_secrets(&endpoint)
            );
            return Err(unusable(&url, &why));
        }
    }
    let cleaned = |error: object_store::Error| Redaction::new(aws).cleaned(error.to_string());
    builder.build().map_err(|error| unusable(&url, &cleaned(error)))
}

fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or(host);
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| {
        host.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    })
}

fn install_crypto() {
    // Whoever installed one first has the same.
    if CryptoProvider::get_default().is_none() {
        drop(ring::default_provider().install_default());
    }
}

fn unusable(url: &str, why: &str) -> OpenError {
    OpenError::Bodies { url: without_secrets(url), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket_of(name: &str, prefix: &str) -> Place {
        Place::Bucket { name: name.to_owned(), prefix: prefix.to_owned() }
    }

    #[test]
    fn urls_name_folders_and_buckets() {
        assert_eq!(Place::parse("file:///var/b").unwrap(), Place::Folder("/var/b".into()));
        assert_eq!(Place::parse("s3://films").unwrap(), bucket_of("films", ""));
        assert_eq!(Place::parse("s3://films/a/b/").unwrap(), bucket_of("films", "a/b"));
    }

    #[track_caller]
    fn check_refused(url: &str, says: &str) {
        let error = Place::parse(url).expect_err("it was taken").to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }

    #[test]
    fn what_names_no_place_is_refused_with_the_reason() {
        check_refused("file://var/b", "full path");
        check_refused("https://films", "s3://BUCKET/PREFIX");
        check_refused("s3:///prefix", "names no bucket");
        check_refused("s3://me:hush@films/prefix", "AWS_SECRET_ACCESS_KEY");
    }

    #[test]
    fn only_loopback_is_reached_without_tls_unasked() {
        let aws = |endpoint: &str, allow: &str| {
            let all = [("AWS_ENDPOINT", endpoint), ("AWS_ALLOW_HTTP", allow)];
            Aws(all.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
        };
        assert!(bucket("films", &aws("http://127.0.0.1:9000", "")).is_ok());
        assert!(bucket("films", &aws("http://localhost", "")).is_ok());
        assert!(bucket("films", &aws("http://minio.lan:9000", "true")).is_ok());
        let error = bucket("films", &aws("http://127.0.0.1.evil:9000", "")).unwrap_err();
        assert!(error.to_string().contains("without TLS"), "{error}");
    }
}
