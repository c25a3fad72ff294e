//! What every handler has at hand.

use std::sync::Arc;

use domain::Timestamp;
use pipeline::demand::Demand;
use pipeline::images::{Gallery, Supply};
use pipeline::{Clock, Pipeline, Stores};
use tokio_util::sync::CancellationToken;

use crate::access::Clients;
use crate::control::Feed;
use crate::edge::cache::Answers;
use crate::edge::figures::Figures;
use crate::index::Titles;
use crate::metrics::Readings;
use crate::options::Options;
use crate::tmdb::{self, Fault};

/// The mirror as it is served. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    stores: Stores,
    gallery: Gallery,
    /// Without it clients are sent to TMDB for images.
    supply: Option<Supply>,
    demand: Demand,
    clock: Clock,
    options: Options,
    clients: Clients,
    feed: Arc<Feed>,
    closing: CancellationToken,
    titles: Titles,
    answers: Arc<Answers<Fault>>,
    figures: Arc<Figures>,
    readings: Readings,
}

/// The images that are shown, and what fetches those that are missing.
#[derive(Clone, Debug)]
pub struct SiteImages {
    pub gallery: Gallery,
    /// `None` where images are off: then TMDB's server shows them.
    pub supply: Option<Supply>,
}

impl From<Gallery> for SiteImages {
    fn from(gallery: Gallery) -> Self {
        Self { gallery, supply: None }
    }
}

impl Site {
    /// For a process that does not collect.
    pub fn new(
        stores: Stores,
        images: impl Into<SiteImages>,
        clock: Clock,
        options: Options,
    ) -> Self {
        let demand = Demand::new(stores.clone(), Arc::clone(&clock), options.demand.clone());
        Self::of(stores, images.into(), demand, clock, options)
    }

    /// For a process that collects too: what it collects is noticed at once.
    pub fn beside(pipeline: &Pipeline, images: impl Into<SiteImages>, options: Options) -> Self {
        let demand = Demand::beside(pipeline, options.demand.clone());
        let (stores, clock) = (pipeline.stores.clone(), Arc::clone(&pipeline.clock));
        Self::of(stores, images.into(), demand, clock, options)
    }

    fn of(
        stores: Stores,
        images: SiteImages,
        demand: Demand,
        clock: Clock,
        options: Options,
    ) -> Self {
        let SiteImages { gallery, supply } = images;
        Self(Arc::new(Parts {
            titles: Titles::new(),
            answers: Arc::new(Answers::new(&options.caching)),
            figures: Arc::new(Figures::new(tmdb::paths())),
            readings: Readings::default(),
            clients: Clients::new(Arc::clone(&stores.access)),
            feed: Arc::default(),
            closing: CancellationToken::new(),
            stores,
            gallery,
            supply,
            demand,
            clock,
            options,
        }))
    }

    pub(crate) fn stores(&self) -> &Stores {
        &self.0.stores
    }

    pub(crate) fn gallery(&self) -> &Gallery {
        &self.0.gallery
    }

    pub(crate) fn supply(&self) -> Option<&Supply> {
        self.0.supply.as_ref()
    }

    pub(crate) fn demand(&self) -> &Demand {
        &self.0.demand
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

    /// What titles are found by.
    pub(crate) fn titles(&self) -> &Titles {
        &self.0.titles
    }

    pub(crate) fn answers(&self) -> &Arc<Answers<Fault>> {
        &self.0.answers
    }

    pub(crate) fn figures(&self) -> &Arc<Figures> {
        &self.0.figures
    }

    pub(crate) fn readings(&self) -> &Readings {
        &self.0.readings
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
