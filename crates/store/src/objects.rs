//! Bodies as objects, in a folder or in S3.
//!
//! An object is written once, under a name that nobody used before, and never
//! changed: two collectors never overwrite each other's version. It describes
//! itself ([`frame`]), so that the index can be made again from objects alone, and
//! it is checked whenever it is read.

mod fault;
mod frame;
mod names;
mod place;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use domain::record::ContentHash;
use domain::{Key, Kind, StoreError, Timestamp};
use futures_util::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode};

use fault::{Redaction, Tries};
pub(crate) use names::{Name, spreads};
use place::Place;

use crate::OpenError;

/// Other suffixes to try when a name is taken. One of 64 bits never is.
const SUFFIXES: u32 = 3;

/// Requests of one process at a time.
const AT_A_TIME: usize = 64;

/// What an object store takes from the environment: values by their names, all of
/// which start with `AWS_`. Never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Aws(BTreeMap<String, String>);

impl Aws {
    /// Takes what is an object store's out of an environment.
    pub fn from_environment<'a>(all: impl IntoIterator<Item = (&'a String, &'a String)>) -> Self {
        let ours = all.into_iter().filter(|(name, _)| name.starts_with("AWS_"));
        Self(ours.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Names and values, for others that open a bucket.
    pub fn options(&self) -> Vec<(String, String)> {
        self.0.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where bodies lie.
#[derive(Clone, Debug)]
pub struct Bodies {
    /// Where they are written: [`Bodies::IN_DATABASE`], `file:///DIR` or
    /// `s3://BUCKET/PREFIX`.
    pub url: String,
    /// Where they lay before, while they are being moved: looked for there too.
    pub earlier_url: Option<String>,
    pub aws: Aws,
}

impl Bodies {
    /// In the rows of the database themselves.
    pub const IN_DATABASE: &str = "database";

    /// Says what is wrong with a URL that names no place.
    pub fn check(url: &str) -> Result<(), String> {
        if url == Self::IN_DATABASE {
            return Ok(());
        }
        match Place::parse(url) {
            Ok(_) => Ok(()),
            Err(OpenError::Bodies { why, .. }) => Err(why),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Default for Bodies {
    fn default() -> Self {
        let url = Self::IN_DATABASE.to_owned();
        Self { url, earlier_url: None, aws: Aws::default() }
    }
}

/// A place for objects. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Its URL, for errors.
    shown: Arc<str>,
    redaction: Arc<Redaction>,
    suffix: fn() -> u64,
    /// Where objects lay before, if they are being moved.
    earlier: Option<Arc<Objects>>,
}

/// What an object tells of the body that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectHeader {
    pub(crate) key: Key,
    pub(crate) version: u32,
    pub(crate) valid_from: Timestamp,
    /// As it was when the object was written; the row's moves on.
    pub(crate) fetched_at: Timestamp,
    pub(crate) asked: String,
    pub(crate) hash: ContentHash,
    pub(crate) schema_version: u32,
    /// Of its protobuf, not packed.
    pub(crate) body_bytes: usize,
    pub(crate) dictionary: Option<i64>,
    pub(crate) is_patch: bool,
}

/// An object that a listing shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Below the prefix.
    pub(crate) name: String,
    pub(crate) written_at: Timestamp,
}

impl Objects {
    /// Opens `file:///DIR` or `s3://BUCKET/PREFIX`.
    pub(crate) fn open(url: &str, aws: &Aws) -> Result<Self, OpenError> {
        let store = Place::parse(url)?.open(aws)?;
        Ok(Self {
            store,
            shown: url.into(),
            redaction: Arc::new(Redaction::new(aws)),
            suffix: || fastrand::u64(..),
            earlier: None,
        })
    }

    /// The same, where objects lay elsewhere before.
    pub(crate) fn after(self, earlier: Option<Self>) -> Self {
        Self { earlier: earlier.map(Arc::new), ..self }
    }

    /// Where it is, for a person.
    pub(crate) fn told(&self) -> String {
        let earlier = self.earlier.as_ref();
        let earlier = earlier.map(|earlier| format!(", nor in {}", earlier.told()));
        let absent = if self.is_absent() { " (there is no such folder)" } else { "" };
        format!("{}{absent}{}", self.shown, earlier.unwrap_or_default())
    }

    /// Whether it is a folder that is not there.
    pub(crate) fn is_absent(&self) -> bool {
        let folder = self.shown.strip_prefix("file://");
        folder.is_some_and(|folder| !std::path::Path::new(folder).is_dir())
    }

    /// Writes a body under a name that nobody used before; returns what tells it
    /// from others of its version.
    pub(crate) async fn put(
        &self,
        header: &ObjectHeader,
        stored: Bytes,
    ) -> Result<String, StoreError> {
        let bytes = frame::seal(header, &stored);
        for _ in 0..SUFFIXES {
            let suffix = format!("{:016x}", (self.suffix)());
            let name = self.name(&header.key, header.version, &suffix);
            if self.create(&name, &bytes).await? {
                return Ok(suffix);
            }
        }
        Err(StoreError::Corrupt(format!(
            "{SUFFIXES} random names for version {} of {} were taken in {}",
            header.version, header.key, self.shown
        )))
    }

    /// Reads a body, and checks that it is the one that was written.
    pub(crate) async fn get(
        &self,
        key: &Key,
        version: u32,
        object: &str,
    ) -> Result<Bytes, StoreError> {
        let name = self.name(key, version, object);
        let missing =
            || StoreError::Corrupt(format!("the object {name} is not in {}", self.told()));
        let (header, stored) = self.open_named(&name).await?.ok_or_else(missing)?;
        if (header.key, header.version) != (*key, version) {
            let found = format!("version {} of {}", header.version, header.key);
            return Err(self.corrupt(&name, &format!("it is {found}")));
        }
        Ok(stored)
    }

    /// Reads an object by its full name, with what it tells of itself. None where
    /// there is none.
    pub(crate) async fn open_named(
        &self,
        name: &str,
    ) -> Result<Option<(ObjectHeader, Bytes)>, StoreError> {
        let Some(bytes) = self.find(name).await? else { return Ok(None) };
        let opened = frame::open(&bytes).map_err(|why| self.corrupt(name, &why))?;
        Ok(Some(opened))
    }

    /// Deletes objects by their full names, where they lay before too. Those that are
    /// not there are as good as deleted.
    pub(crate) async fn delete(&self, names: &[String]) -> Result<(), StoreError> {
        self.delete_here(names).await?;
        match &self.earlier {
            Some(earlier) => earlier.delete_here(names).await,
            None => Ok(()),
        }
    }

    async fn delete_here(&self, names: &[String]) -> Result<(), StoreError> {
        let paths: Vec<Path> = names.iter().map(|name| Path::from(name.as_str())).collect();
        let mut tries = Tries::default();
        loop {
            // Those that an earlier try has deleted are asked for again; that does no harm.
            let asked = stream::iter(paths.clone().into_iter().map(Ok)).boxed();
            let answers: Vec<_> = self.store.delete_stream(asked).collect().await;
            let mut failed = answers.into_iter().filter_map(Result::err);
            match failed.find(|error| !is_missing(error)) {
                Some(error) => self.again(&mut tries, "delete objects", error).await?,
                None => return Ok(()),
            }
        }
    }

    /// The full name of an object, below the prefix.
    #[expect(clippy::unused_self, reason = "how objects are named is the place's business")]
    pub(crate) fn name(&self, key: &Key, version: u32, object: &str) -> String {
        Name { key: *key, version, object: object.to_owned() }.to_string()
    }

    /// Keeps a dictionary as an object, where it is not there. Returns its full name.
    ///
    /// It is named by its content, so that the numbers of another database need
    /// not be the same: what is packed with it says so itself.
    pub(crate) async fn put_dictionary(
        &self,
        kind: Kind,
        dictionary: &Bytes,
    ) -> Result<String, StoreError> {
        let name = names::dictionary(kind, dictionary);
        let sealed = frame::seal_dictionary(dictionary);
        if self.create(&name, &sealed).await? {
            return Ok(name);
        }
        Err(self.corrupt(&name, "another dictionary has its name"))
    }

    /// All dictionaries, with their names and when they were written, oldest first.
    pub(crate) async fn dictionaries(&self) -> Result<Vec<(Listed, Kind, Bytes)>, StoreError> {
        let mut listed = self.list(names::DICTIONARIES);
        let mut found = vec![];
        while let Some(object) = listed.next().await {
            let object = object?;
            let Some(kind) = names::kind_of_dictionary(&object.name) else { continue };
            let Some(bytes) = self.read(&Path::from(object.name.as_str())).await? else { continue };
            let dictionary = frame::open_dictionary(&bytes);
            let dictionary = dictionary.map_err(|why| self.corrupt(&object.name, &why))?;
            found.push((object, kind, dictionary));
        }
        found.sort_by(|(a, ..), (b, ..)| (a.written_at, &a.name).cmp(&(b.written_at, &b.name)));
        Ok(found)
    }

    /// Lists objects whose names are below one, such as a kind.
    pub(crate) fn list(&self, below: &str) -> BoxStream<'static, Result<Listed, StoreError>> {
        let objects = self.clone();
        self.store
            .list(Some(&Path::from(below)))
            .map(move |listed| match listed {
                Ok(object) => Ok(Listed {
                    name: object.location.to_string(),
                    written_at: Timestamp::from_millis(object.last_modified.timestamp_millis()),
                }),
                Err(error) => Err(objects.failed("list objects", &error)),
            })
            .boxed()
    }

    /// Copies an object as it is from another place, where it is not there yet.
    /// Returns how many bytes were copied; none where the other place lacks it.
    pub(crate) async fn copy_from(
        &self,
        other: &Self,
        name: &str,
    ) -> Result<Option<u64>, StoreError> {
        let path = Path::from(name);
        let Some(bytes) = other.read(&path).await? else { return Ok(None) };
        if names::kind_of_dictionary(name).is_some() {
            frame::open_dictionary(&bytes).map_err(|why| other.corrupt(name, &why))?;
        } else {
            frame::open(&bytes).map_err(|why| other.corrupt(name, &why))?;
        }
        if self.create(name, &bytes).await? {
            return Ok(Some(bytes.len() as u64));
        }
        Err(self.corrupt(name, "another object has its name"))
    }

    /// Writes an object that is not there. Returns whether it is there now; not
    /// where something else has its name.
    async fn create(&self, name: &str, bytes: &Bytes) -> Result<bool, StoreError> {
        let path = Path::from(name);
        let mut tries = Tries::default();
        loop {
            let payload = bytes.clone().into();
            match self.store.put_opts(&path, payload, PutMode::Create.into()).await {
                Ok(_) => return Ok(true),
                // An earlier try whose answer was lost may have written it.
                Err(error @ object_store::Error::AlreadyExists { .. }) => {
                    match self.read(&path).await? {
                        Some(found) => return Ok(found == *bytes),
                        // S3 says so too while somebody else writes it.
                        None => self.again(&mut tries, "write an object", error).await?,
                    }
                }
                Err(error) => self.again(&mut tries, "write an object", error).await?,
            }
        }
    }

    /// Reads an object, where it lay before too.
    async fn find(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        let path = Path::from(name);
        match (self.read(&path).await?, &self.earlier) {
            (None, Some(earlier)) => earlier.read(&path).await,
            (found, _) => Ok(found),
        }
    }

    async fn read(&self, path: &Path) -> Result<Option<Bytes>, StoreError> {
        let mut tries = Tries::default();
        loop {
            let read = async { self.store.get(path).await?.bytes().await };
            match read.await {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => self.again(&mut tries, "read an object", error).await?,
            }
        }
    }

    /// Waits until a request may be made again.
    async fn again(
        &self,
        tries: &mut Tries,
        what: &str,
        error: object_store::Error,
    ) -> Result<(), StoreError> {
        tries.after(error).await.map_err(|error| self.failed(what, &error))
    }

    fn failed(&self, what: &str, error: &object_store::Error) -> StoreError {
        self.redaction.told(what, &self.shown, error)
    }

    fn corrupt(&self, name: &str, why: &str) -> StoreError {
        StoreError::Corrupt(format!("the object {name} in {}: {why}", self.shown))
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Objects").field(&self.shown).finish()
    }
}

fn is_missing(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
}

#[cfg(test)]
mod tests;
