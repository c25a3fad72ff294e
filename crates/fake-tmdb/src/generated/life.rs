//! How lively a generated universe is.

/// What happens in a generated universe as its days go by.
///
/// All are shares from 0 to 1. The defaults are TMDB's own figures
/// (`FACTS.md` sections 7, 9 and 12). What happens to whom on which day is a
/// function of the seed; nothing is kept for each title.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// New ones each day, of those there were on day 0.
    pub births: f64,
    /// Movies and shows whose content is edited on a day.
    pub edits: f64,
    /// People whose content is edited on a day.
    pub people_edits: f64,
    /// Changes that the feed never tells of.
    pub silent: f64,
    /// Those that go for good on a day.
    pub deaths: f64,
    /// Deaths of movies and shows whose title and IMDb id another one carries on.
    pub merges: f64,
    /// Those that answer 404 on a day although they are there.
    pub absences: f64,
    /// Those that a day's export leaves out although they are there.
    pub gaps: f64,
    /// Keys that are listed and exported but were never there.
    pub phantoms: f64,
    /// Shows that air an episode a week, each of which changes the show.
    pub airing: f64,
}

impl Life {
    /// Nothing comes, goes or is edited; what was announced is still released.
    pub const STILL: Self = Self {
        births: 0.0,
        edits: 0.0,
        people_edits: 0.0,
        silent: 0.0,
        deaths: 0.0,
        merges: 0.0,
        absences: 0.0,
        gaps: 0.0,
        phantoms: 0.0,
        airing: 0.0,
    };
}

impl Default for Life {
    fn default() -> Self {
        Self {
            births: 1.0 / 3000.0,
            edits: 0.006,
            people_edits: 0.001_6,
            silent: 0.15,
            deaths: 0.000_2,
            merges: 0.5,
            absences: 0.000_1,
            gaps: 0.000_1,
            phantoms: 0.001,
            airing: 0.06,
        }
    }
}
