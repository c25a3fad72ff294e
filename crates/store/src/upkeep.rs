//! What can be done for bodies, whichever database and place they lie in.

use std::sync::Arc;

use domain::Timestamp;

use crate::archive::{
    self, Archive, Check, End, Index, Moved, Repaired, Restored, Seen, UpkeepError, Verified,
};
use crate::objects::{Bodies, Objects};
use crate::{OpenError, Store};

/// The archive, and where its bodies are said to lie.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) archive: Arc<Archive>,
    configured: Bodies,
}

impl Kept {
    pub(crate) fn open(index: Arc<dyn Index>, bodies: &Bodies) -> Result<Self, OpenError> {
        let archive = Archive::new(index, archive::Bodies::open(bodies)?);
        Ok(Self { archive: Arc::new(archive), configured: bodies.clone() })
    }
}

impl Store {
    /// Reads every version of every record. Objects that were written before an
    /// instant must have a row; later ones may be about to get theirs.
    pub async fn verify_bodies(
        &self,
        written_before: Timestamp,
        check: Check,
        seen: Seen<'_>,
    ) -> Result<Verified, UpkeepError> {
        self.kept.archive.verify(written_before, check, seen).await
    }

    /// Queues what is lost and drops its rows; deletes objects that no row names and
    /// that were written before an instant. Refuses to where most bodies are missing, or
    /// no object is named: then it looks in the wrong place, unless one insists.
    pub async fn repair_bodies(
        &self,
        written_before: Timestamp,
        now: Timestamp,
        forced: bool,
        seen: Seen<'_>,
    ) -> Result<Repaired, UpkeepError> {
        self.kept.archive.repair(&*self.queue, (written_before, now), forced, seen).await
    }

    /// Makes versions and heads again from objects, in `url` or where bodies lie. The
    /// catalogue is made from them afterwards.
    pub async fn restore_from_objects(
        &self,
        url: Option<&str>,
        seen: Seen<'_>,
    ) -> Result<Restored, UpkeepError> {
        let url = url.unwrap_or(&self.kept.configured.url);
        if url == Bodies::IN_DATABASE {
            let why = "bodies lie in the database, so that there are no objects to restore it \
                       from; name where they are, as file:///DIR or s3://BUCKET/PREFIX";
            return Err(UpkeepError::Misplaced(why.to_owned()));
        }
        let objects = Objects::open(url, &self.kept.configured.aws)?;
        if objects.is_absent() {
            let why = format!("there are no objects in {}: name where they are", objects.told());
            return Err(UpkeepError::Misplaced(why));
        }
        self.kept.archive.restore(&objects, seen).await
    }

    /// Moves all bodies to where they are written by now, from where they lay before.
    pub async fn move_bodies(
        &self,
        from: &str,
        to: &str,
        seen: Seen<'_>,
    ) -> Result<Moved, UpkeepError> {
        let configured = &self.kept.configured;
        let is_read =
            from == Bodies::IN_DATABASE || configured.earlier_url.as_deref() == Some(from);
        if configured.url != to || from == to || !is_read {
            return Err(UpkeepError::Misplaced(format!(
                "bodies are written to {} now; first set archive.url to {to} and \
                 archive.earlier_url to {from}, and start all workers anew",
                configured.url
            )));
        }
        let (from, to) = (self.end(from)?, self.end(to)?);
        self.kept.archive.move_bodies(&from, &to, seen).await
    }

    fn end(&self, url: &str) -> Result<End, OpenError> {
        if url == Bodies::IN_DATABASE {
            return Ok(End::Database);
        }
        Ok(End::Objects(Objects::open(url, &self.kept.configured.aws)?))
    }
}
