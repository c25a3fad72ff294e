//! What every handler has at hand.

use std::sync::Arc;

use domain::Timestamp;
use pipeline::images::Gallery;
use pipeline::{Clock, Stores};
use tokio_util::sync::CancellationToken;

use crate::access::Clients;
use crate::control::Feed;
use crate::options::Options;

/// The mirror as it is served. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    stores: Stores,
    gallery: Gallery,
    clock: Clock,
    options: Options,
    clients: Clients,
    feed: Arc<Feed>,
    closing: CancellationToken,
}

impl Site {
    pub fn new(stores: Stores, gallery: Gallery, clock: Clock, options: Options) -> Self {
        let clients = Clients::new(Arc::clone(&stores.access));
        let (feed, closing) = (Arc::default(), CancellationToken::new());
        Self(Arc::new(Parts { stores, gallery, clock, options, clients, feed, closing }))
    }

    pub(crate) fn stores(&self) -> &Stores {
        &self.0.stores
    }

    pub(crate) fn gallery(&self) -> &Gallery {
        &self.0.gallery
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// The clients that may ask, and what they used.
    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    /// What is told to those who listen.
    pub(crate) fn feed(&self) -> &Arc<Feed> {
        &self.0.feed
    }

    /// Cancelled when the server takes no more requests: what would go on for ever ends.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.clock)()
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("options", &self.0.options).finish_non_exhaustive()
    }
}
