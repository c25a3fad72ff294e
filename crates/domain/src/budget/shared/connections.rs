//! How the deployment's connections are shared out.
//!
//! What all processes may have open never adds up to more than the cap. A share
//! that shrinks does so at once, but its process learns of it only with the answer,
//! which may be lost, and what is under way goes on. So it counts with all that it
//! may have open until it says that this is less; then another's share grows.

use super::{Holder, Renewal, Shared};
use crate::time::Timestamp;

impl Shared {
    /// Writes down who renews, and returns its share.
    pub(super) fn connect(&mut self, renewal: &Renewal, until: Timestamp) -> u32 {
        self.connections = renewal.connections.max(1);
        if !renewal.wants && renewal.open == 0 {
            return 0;
        }
        let others: u32 =
            self.holders.iter().fold(0, |sum, holder| sum.saturating_add(holder.open));
        self.holders.push(Holder {
            name: renewal.holder.clone(),
            seen_until: until,
            wants: renewal.wants,
            share: 0,
            open: renewal.open,
        });
        self.holders.sort_by(|a, b| a.name.cmp(&b.name));
        let fair = self.fair_share(&renewal.holder, self.connections as usize);
        let left = self.connections.saturating_sub(others);
        let share = u32::try_from(fair).unwrap_or(u32::MAX).min(left);
        for holder in self.holders.iter_mut().filter(|holder| holder.name == renewal.holder) {
            holder.share = share;
            holder.open = share.max(renewal.open);
        }
        share
    }
}

#[cfg(test)]
mod tests;
