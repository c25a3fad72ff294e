//! What every handler has at hand.

use std::sync::Arc;

use domain::Timestamp;
use pipeline::demand::Demand;
use pipeline::images::Gallery;
use pipeline::{Clock, Pipeline, Stores};

use crate::options::Options;

/// The mirror as it is served. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    stores: Stores,
    gallery: Gallery,
    demand: Demand,
    clock: Clock,
    options: Options,
}

impl Site {
    /// For a process that does not collect.
    pub fn new(stores: Stores, gallery: Gallery, clock: Clock, options: Options) -> Self {
        let demand = Demand::new(stores.clone(), Arc::clone(&clock), options.demand.clone());
        Self(Arc::new(Parts { stores, gallery, demand, clock, options }))
    }

    /// For a process that collects too: what it collects is noticed at once.
    pub fn beside(pipeline: &Pipeline, gallery: Gallery, options: Options) -> Self {
        let demand = Demand::beside(pipeline, options.demand.clone());
        let (stores, clock) = (pipeline.stores.clone(), Arc::clone(&pipeline.clock));
        Self(Arc::new(Parts { stores, gallery, demand, clock, options }))
    }

    pub(crate) fn stores(&self) -> &Stores {
        &self.0.stores
    }

    pub(crate) fn gallery(&self) -> &Gallery {
        &self.0.gallery
    }

    pub(crate) fn demand(&self) -> &Demand {
        &self.0.demand
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
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
