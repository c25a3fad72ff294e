//! What a host of many machines takes from this one: time in which somebody wanted to run here
//! and did not. Nothing that is measured meanwhile says much.

use std::ops::{AddAssign, Sub};

/// The processors' time so far, in ticks; of a while, as a difference.
#[derive(Clone, Copy, Default)]
pub(super) struct Processors {
    all: u64,
    stolen: u64,
}

impl Processors {
    /// As `/proc/stat` counts it; nothing where there is none.
    pub(super) fn now() -> Self {
        let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        // user nice system idle iowait irq softirq steal; of guests what follows has part again.
        let line = text.lines().next().and_then(|line| line.strip_prefix("cpu "));
        let ticks = line.unwrap_or_default().split_whitespace().take(8);
        let ticks: Vec<u64> = ticks.filter_map(|tick| tick.parse().ok()).collect();
        Self { all: ticks.iter().sum(), stolen: ticks.get(7).copied().unwrap_or(0) }
    }

    /// The share that went to others, where that is counted.
    pub(super) fn stolen(self) -> Option<f64> {
        (self.all > 0).then(|| self.stolen as f64 / self.all as f64)
    }
}

impl Sub for Processors {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            all: self.all.saturating_sub(before.all),
            stolen: self.stolen.saturating_sub(before.stolen),
        }
    }
}

impl AddAssign for Processors {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.stolen += other.stolen;
    }
}
