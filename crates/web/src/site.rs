//! What every handler has at hand.

use std::sync::Arc;

use domain::Timestamp;
use pipeline::images::Gallery;
use pipeline::{Clock, Stores};

use crate::index::Titles;
use crate::options::Options;

/// The mirror as it is served. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    stores: Stores,
    gallery: Gallery,
    clock: Clock,
    options: Options,
    titles: Titles,
}

impl Site {
    pub fn new(stores: Stores, gallery: Gallery, clock: Clock, options: Options) -> Self {
        let titles = Titles::new();
        Self(Arc::new(Parts { stores, gallery, clock, options, titles }))
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

    /// What titles are found by.
    pub(crate) fn titles(&self) -> &Titles {
        &self.0.titles
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
