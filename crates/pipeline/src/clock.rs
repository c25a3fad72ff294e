//! Time and chance, which every use case takes as arguments.

use std::sync::Arc;

use domain::Timestamp;

/// Reads the time. The composition root passes the machine's clock, tests their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Draws a number, uniform in 0..1.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;
