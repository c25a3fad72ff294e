//! Where files go and come from: a folder, or a prefix in a bucket.

use std::path::{Component, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use bytes::Bytes;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt};
use rustls::crypto::{CryptoProvider, ring};

use crate::error::ExportError;

/// A folder or a prefix; cheap to clone.
#[derive(Clone)]
pub struct Place {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// The bucket as `s3://BUCKET`; empty for folders.
    root: String,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
    shown: String,
}

impl Place {
    /// Opens `s3://BUCKET/PREFIX`, or a folder. `options` are `object_store`'s for S3:
    /// `access_key_id`, `secret_access_key`, `endpoint`, `region` …
    pub fn open(text: &str, options: &[(String, String)]) -> Result<Self, ExportError> {
        if text.starts_with("s3://") {
            return Self::bucket(text, options);
        }
        let folder = PathBuf::from(text.strip_prefix("file://").unwrap_or(text));
        let whole = whole(&folder)
            .map_err(|error| ExportError::Asked(format!("`{text}` is no folder: {error}")))?;
        let prefix = Path::from_absolute_path(&whole)
            .map_err(|error| ExportError::Asked(format!("`{text}` is no folder: {error}")))?;
        Ok(Self {
            store: Arc::new(LocalFileSystem::new()),
            prefix,
            root: String::new(),
            shown: text.trim_end_matches('/').to_owned(),
            folder: Some(whole),
        })
    }

    fn bucket(text: &str, options: &[(String, String)]) -> Result<Self, ExportError> {
        // Somebody may have written a password into it.
        let told =
            text.rsplit_once('@').map_or(text.to_owned(), |(_, rest)| format!("s3://…@{rest}"));
        let unfit = |why: String| ExportError::Asked(format!("`{told}` is no place in S3: {why}"));
        let rest = text.trim_start_matches("s3://");
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix =
            Path::parse(prefix.trim_end_matches('/')).map_err(|error| unfit(error.to_string()))?;
        if bucket.is_empty() || bucket.contains('@') {
            let how = "write it as s3://BUCKET/PREFIX, and give credentials by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            return Err(unfit(how.to_owned()));
        }
        // Another thread may have been faster; either will do.
        if CryptoProvider::get_default().is_none() {
            drop(ring::default_provider().install_default());
        }
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket);
        for (name, value) in options {
            // Other programs' names are none of ours.
            if let Ok(key) = name.to_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        // Elsewhere one says so oneself, by AWS_ALLOW_HTTP.
        let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
        if endpoint.is_some_and(|url| is_loopback(&url)) {
            builder = builder.with_allow_http(true);
        }
        let store = builder.build().map_err(|error| unfit(error.to_string()))?;
        let shown = text.trim_end_matches('/').to_owned();
        let root = format!("s3://{bucket}");
        Ok(Self { store: Arc::new(store), prefix, root, folder: None, shown })
    }

    #[cfg(test)]
    pub(crate) fn over(store: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        let shown = format!("test:{prefix}");
        Self { store, prefix: Path::from(prefix), root: "test:".to_owned(), folder: None, shown }
    }

    #[cfg(test)]
    pub(crate) fn over_same(other: &Self, prefix: &str) -> Self {
        Self { prefix: Path::from(prefix), ..other.clone() }
    }

    /// Divides the path of a file into its folder and its name.
    pub fn of_file<'a>(
        text: &'a str,
        options: &[(String, String)],
    ) -> Result<(Self, &'a str), ExportError> {
        let (folder, name) = text.rsplit_once('/').unwrap_or((".", text));
        let folder = if folder.is_empty() { "/" } else { folder };
        Ok((Self::open(folder, options)?, name))
    }

    /// A file as a person is told of it.
    pub(crate) fn shown(&self, name: &str) -> String {
        format!("{}/{name}", self.shown)
    }

    fn at(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    fn fault(&self, what: &'static str, name: &str, why: object_store::Error) -> ExportError {
        ExportError::Place { what, file: self.shown(name), why }
    }

    /// Reads a whole file; none where there is no such file.
    pub(crate) async fn read(&self, name: &str) -> Result<Option<Bytes>, ExportError> {
        let read = async { self.store.get(&self.at(name)).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.fault("read", name, error)),
        }
    }

    pub(crate) async fn write(&self, name: &str, bytes: Bytes) -> Result<(), ExportError> {
        let put = self.store.put(&self.at(name), bytes.into()).await;
        put.map(drop).map_err(|error| self.fault("write", name, error))
    }

    /// Begins a file that is not there before it is complete.
    pub(crate) async fn begin(&self, name: &str) -> Result<Box<dyn MultipartUpload>, ExportError> {
        let begun = self.store.put_multipart(&self.at(name)).await;
        begun.map_err(|error| self.fault("write", name, error))
    }

    /// The names of the files that lie here.
    pub(crate) async fn names(&self) -> Result<Vec<String>, ExportError> {
        match self.store.list_with_delimiter(Some(&self.prefix)).await {
            Ok(listed) => {
                let names = listed.objects.iter().filter_map(|it| it.location.filename());
                Ok(names.map(str::to_owned).collect())
            }
            Err(object_store::Error::NotFound { .. }) => Ok(vec![]),
            Err(error) => Err(self.fault("list", "", error)),
        }
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), ExportError> {
        match self.store.delete(&self.at(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.fault("delete", name, error)),
        }
    }

    /// Deletes what files that were never completed have left in a folder:
    /// `works-00000.parquet#1`. In a bucket they are not seen, and end by its rules.
    pub(crate) async fn sweep(&self, is_ours: fn(&str) -> bool) -> Result<(), ExportError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let Ok(mut entries) = tokio::fs::read_dir(folder).await else { return Ok(()) };
        while let Ok(Some(entry)) = entries.next_entry().await {
            let name = entry.file_name();
            let half = name.to_str().and_then(|name| name.rsplit_once('#'));
            if half.is_some_and(|(name, number)| is_ours(name) && number.parse::<u32>().is_ok()) {
                tokio::fs::remove_file(entry.path()).await.map_err(|error| {
                    ExportError::write(&entry.path().display().to_string(), &error)
                })?;
            }
        }
        Ok(())
    }

    /// The folders that lie where this one lies, it among them.
    pub(crate) async fn beside(&self) -> Result<Vec<Self>, ExportError> {
        let parts: Vec<_> = self.prefix.parts().collect();
        let Some((_, parent)) = parts.split_last() else { return Ok(vec![self.clone()]) };
        let parent: Path = parent.iter().cloned().collect();
        let listed = self.store.list_with_delimiter(Some(&parent)).await;
        let listed = listed.map_err(|error| self.fault("list", "..", error))?;
        let place = |prefix: Path| Self {
            shown: format!("{}/../{}", self.shown, prefix.filename().unwrap_or_default()),
            root: self.root.clone(),
            folder: None,
            store: Arc::clone(&self.store),
            prefix,
        };
        Ok(listed.common_prefixes.into_iter().map(place).collect())
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.prefix == other.prefix && self.root == other.root
    }
}

/// The full path of a folder, which need not be there, without `..`: each takes back the
/// folder that it follows, or what that is a link to.
fn whole(folder: &std::path::Path) -> io::Result<PathBuf> {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(folder)?.components() {
        if part == Component::ParentDir {
            whole = whole.canonicalize().unwrap_or(whole);
            whole.pop();
        } else {
            whole.push(part);
        }
    }
    Ok(whole)
}

/// Whether a plain address is of this machine.
fn is_loopback(url: &str) -> bool {
    ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"]
        .iter()
        .any(|start| url.starts_with(start))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(folder: &std::path::Path, is: &std::path::Path) {
        assert_eq!(whole(folder).unwrap(), is, "{}", folder.display());
    }

    #[test]
    fn a_path_may_lead_upwards_whether_it_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("deep/here")).unwrap();
        std::os::unix::fs::symlink("deep/here", root.join("link")).unwrap();
        check(&root.join("deep/../x"), &root.join("x"));
        check(&root.join("none/../x/./y"), &root.join("x/y"));
        // As the system reads it.
        check(&root.join("link/../x"), &root.join("deep/x"));
        check("/../..".as_ref(), "/".as_ref());
        assert!(Place::open("../../x", &[]).is_ok());
    }
}
