//! The connections that one process may have open.

use super::Grant;

/// Counts the requests under way against this process's share of the cap.
#[derive(Debug)]
pub struct Connections {
    /// All are free where there is none.
    share: Option<u32>,
    in_use: u32,
}

impl Connections {
    /// May open none; the first renewal brings some.
    pub fn none() -> Self {
        Self { share: Some(0), in_use: 0 }
    }

    /// For a TMDB of one's own.
    pub fn unlimited() -> Self {
        Self { share: None, in_use: 0 }
    }

    /// Whether a request may start.
    pub fn is_free(&self) -> bool {
        self.share.is_none_or(|share| self.in_use < share)
    }

    /// A request starts.
    pub fn begin(&mut self) {
        self.in_use += 1;
    }

    /// A request is over.
    pub fn end(&mut self) {
        self.in_use = self.in_use.saturating_sub(1);
    }

    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    /// How many may be open until the next renewal: the share, and what is under way
    /// where that is more.
    pub fn open(&self) -> u32 {
        self.share.unwrap_or(0).max(self.in_use)
    }

    /// Starts no further request.
    pub fn give_up(&mut self) {
        self.share = self.share.map(|_| 0);
    }

    /// Takes the share of a grant. What is above it ends by itself.
    pub fn apply(&mut self, grant: &Grant) {
        self.share = self.share.map(|_| grant.connections);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn grant(connections: u32) -> Grant {
        Grant { lanes: vec![], connections, until: Timestamp::default(), nobody_before: None }
    }

    #[test]
    fn no_request_starts_above_the_share() {
        let mut connections = Connections::none();
        assert!(!connections.is_free());
        connections.apply(&grant(2));
        connections.begin();
        assert!(connections.is_free());
        connections.begin();
        assert!(!connections.is_free());
        connections.end();
        assert!(connections.is_free());
    }

    #[test]
    fn what_is_under_way_counts_though_the_share_shrinks() {
        let mut connections = Connections::none();
        connections.apply(&grant(3));
        assert_eq!(connections.open(), 3);
        connections.begin();
        connections.begin();
        connections.apply(&grant(1));
        assert_eq!(connections.open(), 2);
        connections.end();
        assert!(!connections.is_free());
        connections.give_up();
        assert_eq!((connections.open(), connections.in_use()), (1, 1));
    }

    #[test]
    fn without_a_limit_all_are_free() {
        let mut connections = Connections::unlimited();
        for _ in 0..1_000 {
            connections.begin();
        }
        connections.apply(&grant(1));
        connections.give_up();
        assert!(connections.is_free());
    }
}
