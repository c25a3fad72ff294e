//! Titles alike: what shares the most keywords and genres.

use std::cmp::{Ordering, Reverse};

use domain::Kind;

use super::titles::{Title, Titles};

const MOST: usize = 20;

/// The titles most like one, the best first; recommended ones weigh votes too.
pub(super) fn find<'t>(
    titles: &'t Titles,
    kind: Kind,
    title: &Title,
    recommended: bool,
) -> Vec<&'t Title> {
    let others = titles.of(kind).into_iter().filter(|other| other.id != title.id);
    let mut scored: Vec<(usize, &Title)> = others
        .filter_map(|other| {
            let score = score(title, other, recommended);
            (score > 0).then_some((score, other))
        })
        .collect();
    let order = |(a_score, a): &(usize, &Title), (b_score, b): &(usize, &Title)| {
        let by_popularity = b.popularity.total_cmp(&a.popularity);
        Reverse(*a_score).cmp(&Reverse(*b_score)).then(by_popularity).then(a.id.cmp(&b.id))
    };
    if scored.len() > MOST {
        scored.select_nth_unstable_by(MOST - 1, order);
        scored.truncate(MOST);
    }
    scored.sort_by(order);
    scored.into_iter().map(|(_, title)| title).collect()
}

fn score(title: &Title, other: &Title, recommended: bool) -> usize {
    let genres = title.genres.iter().filter(|genre| other.genres.contains(genre)).count();
    let alike = 3 * shared(&title.keywords, &other.keywords) + genres;
    // What few people have voted on is not recommended.
    if recommended && other.vote_count < 50 { alike / 2 } else { alike }
}

/// How many members two sorted lists have in common.
fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut at, mut behind, mut count) = (0, 0, 0);
    while let (Some(one), Some(other)) = (a.get(at), b.get(behind)) {
        match one.cmp(other) {
            Ordering::Less => at += 1,
            Ordering::Greater => behind += 1,
            Ordering::Equal => (at, behind, count) = (at + 1, behind + 1, count + 1),
        }
    }
    count
}
