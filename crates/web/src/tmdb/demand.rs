//! Reads what is asked for, and has collected what is missing.

use domain::{Key, Record};

use super::fault::Fault;
use crate::site::Site;

/// The newest record of a key.
pub(super) async fn record(site: &Site, key: Key) -> Result<Record, Fault> {
    site.stores().archive.get(key).await?.ok_or(Fault::NotFound)
}
