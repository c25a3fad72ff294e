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
#[derive(Clone, Copy)]
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
    let mut best = Best { order, end, found: vec![], worst: None };
    let mut total = 0;
    for block in table.blocks(kind) {
        for (row, behind) in block.titles() {
            if compiled.passes(row, behind) {
                total += 1;
                best.add(Candidate { key: key(order, row, behind), row, behind });
            }
        }
    }
    let ids = best.sorted().into_iter().skip(end - PER_PAGE).map(|one| one.row.id);
    Page { ids: ids.collect(), total }
}

/// The first titles of all that were seen, up to the end of the page.
struct Best<'a> {
    order: Order,
    end: usize,
    found: Vec<Candidate<'a>>,
    /// The last one that would be on the page; what comes after it need not be kept.
    worst: Option<Candidate<'a>>,
}

impl<'a> Best<'a> {
    fn add(&mut self, candidate: Candidate<'a>) {
        let is_behind = |worst: &Candidate<'_>| compare(self.order, &candidate, worst).is_ge();
        if self.worst.as_ref().is_some_and(is_behind) {
            return;
        }
        self.found.push(candidate);
        if self.found.len() >= (self.end * 2).max(1_024) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let order = self.order;
        if self.found.len() > self.end {
            let compare = |one: &_, other: &_| compare(order, one, other);
            self.found.select_nth_unstable_by(self.end - 1, compare);
            self.found.truncate(self.end);
            self.worst = self.found.last().copied();
        }
    }

    fn sorted(mut self) -> Vec<Candidate<'a>> {
        self.shrink();
        self.found.sort_unstable_by(|one, other| compare(self.order, one, other));
        self.found
    }
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
        let [one, other] = [one, other].map(|it| text(order.by, it.behind).iter());
        let texts = one.map(u8::to_ascii_lowercase).cmp(other.map(u8::to_ascii_lowercase));
        if order.descending { texts.reverse() } else { texts }
    };
    let popular = || other.row.popularity.total_cmp(&one.row.popularity);
    let ids = || one.row.id.cmp(&other.row.id);
    one.key.cmp(&other.key).then_with(texts).then_with(popular).then_with(ids)
}
