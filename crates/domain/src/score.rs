//! One score for a title from all its ratings, and how sure it is.
//!
//! A Bayesian estimate with normal distributions, on a scale of 0 to 100. Before any vote a
//! title's score is [`PRIOR_MEAN`], give or take [`PRIOR_SPREAD`]. A source's rating says as much
//! as its votes, which wear out: `n` votes count as `n·C/(C + n)` with `C` = [`SOURCE_CAP`],
//! because every source has a leaning of its own that no number of its votes removes. The prior
//! counts as [`PRIOR_VOTES`]. The score is the mean of prior and ratings weighted by these counts,
//! and with `w` the sum of all of them its standard deviation is
//! `PRIOR_SPREAD · √(PRIOR_VOTES/w)`; the interval holds 95 % of it.
//!
//! So few votes give a wide interval near the prior, many a narrow one near the ratings, and two
//! sources a narrower one than either. Why so: `docs/decisions/0008`.

use serde::{Deserialize, Serialize};

use crate::catalogue::Rating;
use crate::time::Timestamp;

/// Grows with every change of the rule; stored scores of another method are computed again.
pub const METHOD_VERSION: u32 = 1;

/// What titles with votes have on the average.
pub const PRIOR_MEAN: f64 = 62.0;

/// The standard deviation between titles, wider than measured since titles with few votes differ
/// more.
pub const PRIOR_SPREAD: f64 = 14.0;

/// So many votes say as much as the prior. Early votes are of people who sought the title out.
pub const PRIOR_VOTES: f64 = 50.0;

/// What the votes of one source count for at most.
pub const SOURCE_CAP: f64 = 1_000.0;

/// Standard deviations on either side that hold 95 % of a normal distribution.
const SIDE: f64 = 1.96;

/// How good a title is held to be, from 0 to 100.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    pub value: f64,
    /// Where 95 of 100 such titles would be found with endless votes of many sources: from here
    pub low: f64,
    /// to here.
    pub high: f64,
    pub method_version: u32,
    /// What it was made of, by name.
    pub sources: Vec<SourceScore>,
    /// When the newest rating in it was seen.
    pub computed_at: Timestamp,
}

/// What one source contributes to a score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceScore {
    pub source: String,
    pub value_0_100: f64,
    pub votes: u64,
    /// Of the whole, 0 to 1; what is left to 1 is the prior's.
    pub share: f64,
}

/// Scores a title by its ratings, in any order. None without a vote.
pub fn score(ratings: &[Rating]) -> Option<Score> {
    let is_vote = |rating: &&Rating| rating.votes > 0 && rating.value_0_100.is_finite();
    let mut ratings: Vec<&Rating> = ratings.iter().filter(is_vote).collect();
    let computed_at = ratings.iter().map(|rating| rating.last_seen_at).max()?;
    // Sums of floats depend on their order.
    ratings.sort_by(|a, b| {
        let by_value = a.value_0_100.total_cmp(&b.value_0_100);
        a.source.cmp(&b.source).then(by_value).then(a.votes.cmp(&b.votes))
    });
    let (mut sum, mut weight) = (PRIOR_VOTES * PRIOR_MEAN, PRIOR_VOTES);
    for rating in &ratings {
        sum += counted(rating.votes) * bounded(rating.value_0_100);
        weight += counted(rating.votes);
    }
    let value = bounded(sum / weight);
    let side = SIDE * PRIOR_SPREAD * (PRIOR_VOTES / weight).sqrt();
    let sources = ratings.iter().map(|rating| SourceScore {
        source: rating.source.clone(),
        value_0_100: bounded(rating.value_0_100),
        votes: rating.votes,
        share: counted(rating.votes) / weight,
    });
    Some(Score {
        value,
        low: bounded(value - side),
        high: bounded(value + side),
        method_version: METHOD_VERSION,
        sources: sources.collect(),
        computed_at,
    })
}

fn counted(votes: u64) -> f64 {
    let votes = votes as f64;
    votes * SOURCE_CAP / (SOURCE_CAP + votes)
}

fn bounded(score: f64) -> f64 {
    score.clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests;
