//! The page of titles that is wanted, of all that pass a filter.

use std::cmp::Ordering;

use domain::Kind;

use super::filter::{Compiled, Filter};
use super::packed::Packed;
use super::table::{Row, Table, UNDATED};

/// TMDB's pages.
const PER_PAGE: usize = 20;

/// How titles are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) by: Sort,
    pub(crate) descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Popularity,
    Revenue,
    Released,
    VoteAverage,
    VoteCount,
    Title,
    OriginalTitle,
}

/// Ids in their order, and how many titles there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) ids: Vec<u32>,
    pub(crate) total: u64,
}

/// A title that may be on the page.
struct Candidate<'a> {
    /// Ascending; of texts the first letters.
    key: u64,
    row: &'a Row,
    behind: Packed<'a>,
}

/// Pages count from 1.
pub(super) fn page(table: &Table, kind: Kind, filter: &Filter, order: Order, page: u32) -> Page {
    let compiled = Compiled::new(filter, table);
    let end = page as usize * PER_PAGE;
    let most = (end * 2).max(1_024);
    let compare = |one: &Candidate<'_>, other: &Candidate<'_>| compare(order, one, other);
    let mut best: Vec<Candidate<'_>> = Vec::with_capacity(most);
    let (mut total, mut worst) = (0, u64::MAX);
    for (row, behind) in table.rows(kind) {
        if !compiled.passes(row, behind) {
            continue;
        }
        total += 1;
        let key = key(order, row, behind);
        if key > worst {
            continue;
        }
        best.push(Candidate { key, row, behind });
        if best.len() == most {
            best.select_nth_unstable_by(end - 1, compare);
            best.truncate(end);
            worst = best[end - 1].key;
        }
    }
    best.sort_unstable_by(compare);
    let ids = best.iter().skip(end - PER_PAGE).take(PER_PAGE).map(|one| one.row.id);
    Page { ids: ids.collect(), total }
}

/// What sorts ascending as the titles should; what is not known comes last.
fn key(order: Order, row: &Row, behind: Packed<'_>) -> u64 {
    let key = match order.by {
        Sort::Popularity => decimal(row.popularity),
        Sort::VoteAverage => decimal(row.vote_average),
        Sort::VoteCount => row.vote_count.into(),
        Sort::Revenue => behind.revenue(),
        Sort::Released if row.released == UNDATED => return u64::MAX,
        Sort::Released => u64::from(row.released.cast_unsigned() ^ (1 << 31)),
        Sort::Title | Sort::OriginalTitle => first_letters(text(order.by, behind)),
    };
    if order.descending { !key - 1 } else { key }
}

fn decimal(number: f32) -> u64 {
    let bits = number.to_bits();
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    ordered.into()
}

fn text(by: Sort, behind: Packed<'_>) -> &[u8] {
    if by == Sort::OriginalTitle { behind.original_title() } else { behind.title() }
}

fn first_letters(text: &[u8]) -> u64 {
    let mut letters = [0; 8];
    for (letter, byte) in letters.iter_mut().zip(text) {
        *letter = byte.to_ascii_lowercase();
    }
    // One less than all bits, which stand for what is not known.
    u64::from_be_bytes(letters).min(u64::MAX - 1)
}

/// Of equals the more popular first, then by their numbers.
fn compare(order: Order, one: &Candidate<'_>, other: &Candidate<'_>) -> Ordering {
    let texts = || {
        if !matches!(order.by, Sort::Title | Sort::OriginalTitle) {
            return Ordering::Equal;
        }
        let lower =
            |candidate: &Candidate<'_>| text(order.by, candidate.behind).to_ascii_lowercase();
        let texts = lower(one).cmp(&lower(other));
        if order.descending { texts.reverse() } else { texts }
    };
    let popular = || other.row.popularity.total_cmp(&one.row.popularity);
    let ids = || one.row.id.cmp(&other.row.id);
    one.key.cmp(&other.key).then_with(texts).then_with(popular).then_with(ids)
}
