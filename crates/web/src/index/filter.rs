//! Which titles are wanted.

use super::packed::{Packed, Section};
use super::table::{Row, Table, UNDATED, signature};

/// What TMDB's discover filters by; what is not given does not filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// Whether adult titles are wanted too, and those that are no films.
    pub(crate) adult: bool,
    pub(crate) video: bool,
    pub(crate) released: Span<i32>,
    /// Whether titles without a date pass that.
    pub(crate) undated: bool,
    pub(crate) vote_average: Span<f32>,
    pub(crate) vote_count: Span<u32>,
    pub(crate) runtime: Span<u16>,
    /// Codes, of which one is enough.
    pub(crate) languages: Vec<u16>,
    pub(crate) countries: Groups,
    pub(crate) genres: Groups,
    pub(crate) without_genres: Vec<u32>,
    pub(crate) keywords: Groups,
    pub(crate) without_keywords: Vec<u32>,
    pub(crate) companies: Groups,
    pub(crate) without_companies: Vec<u32>,
    pub(crate) networks: Groups,
    pub(crate) cast: Groups,
    pub(crate) crew: Groups,
    /// In cast or crew.
    pub(crate) people: Groups,
    pub(crate) status: Groups,
    pub(crate) sort: Groups,
    pub(crate) theatrical: Option<bool>,
    pub(crate) releases: Option<Releases>,
    /// Of a country: certifications of which one is enough.
    pub(crate) certifications: Option<(u16, Vec<String>)>,
    pub(crate) offers: Option<Offers>,
    pub(crate) aired: Span<i32>,
}

/// Of each group one is enough; without groups all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups(pub(crate) Vec<Vec<u32>>);

/// Bounds that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span<T> {
    pub(crate) from: Option<T>,
    pub(crate) to: Option<T>,
}

/// A release that a movie must have had.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Releases {
    /// 0 for any country.
    pub(crate) country: u16,
    pub(crate) sorts: Groups,
    pub(crate) days: Span<i32>,
}

/// Where a title can be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Offers {
    pub(crate) country: u16,
    pub(crate) providers: Groups,
    pub(crate) without: Vec<u32>,
    /// Bits of ways: of each group one is enough.
    pub(crate) ways: Vec<u8>,
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self { from: None, to: None }
    }
}

impl<T: PartialOrd + Copy> Span<T> {
    pub(crate) fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    pub(crate) fn holds(&self, value: T) -> bool {
        self.from.is_none_or(|from| value >= from) && self.to.is_none_or(|to| value <= to)
    }
}

impl Groups {
    pub(crate) fn one_of(ids: Vec<u32>) -> Self {
        Self(vec![ids])
    }

    fn is_met_by(&self, has: impl Fn(u32) -> bool) -> bool {
        self.0.iter().all(|group| group.iter().any(|id| has(*id)))
    }
}

impl Filter {
    fn looks_behind(&self) -> bool {
        let groups = [
            &self.keywords,
            &self.companies,
            &self.networks,
            &self.cast,
            &self.crew,
            &self.people,
            &self.countries,
        ];
        groups.into_iter().any(|groups| !groups.0.is_empty())
            || !self.without_keywords.is_empty()
            || !self.without_companies.is_empty()
            || self.certifications.is_some()
            || self.releases.is_some()
            || self.offers.is_some()
            || !self.aired.is_open()
    }
}

fn is_within(signature: u128, row: &Row) -> bool {
    row.signature & signature == signature
}

/// A filter with what it needs of a table looked up.
pub(super) struct Compiled<'a> {
    filter: &'a Filter,
    /// Of each one bit is enough.
    genres: Vec<u64>,
    without_genres: u64,
    /// Of each, all bits of one are needed before it is worth looking behind the row.
    signatures: Vec<Vec<u128>>,
    certifications: Option<(u16, Vec<u32>)>,
    /// Whether the rows alone do not tell.
    looks_behind: bool,
}

impl<'a> Compiled<'a> {
    pub(super) fn new(filter: &'a Filter, table: &Table) -> Self {
        let bits = |ids: &Vec<u32>| ids.iter().fold(0, |all, id| all | table.genre_bit(*id));
        let sections = [
            &filter.keywords,
            &filter.companies,
            &filter.networks,
            &filter.cast,
            &filter.crew,
            &filter.people,
        ];
        let groups = sections.into_iter().flat_map(|groups| &groups.0);
        let signatures = groups.map(|group| group.iter().map(|id| signature(*id)).collect());
        let certifications = filter.certifications.as_ref().map(|(country, names)| {
            let numbers = names.iter().filter_map(|name| table.certification(name));
            (*country, numbers.collect())
        });
        Self {
            filter,
            genres: filter.genres.0.iter().map(bits).collect(),
            without_genres: bits(&filter.without_genres),
            signatures: signatures.collect(),
            certifications,
            looks_behind: filter.looks_behind(),
        }
    }

    pub(super) fn passes(&self, row: &Row, behind: Packed<'_>) -> bool {
        self.passes_row(row) && (!self.looks_behind || self.passes_behind(row, behind))
    }

    fn passes_row(&self, row: &Row) -> bool {
        let filter = self.filter;
        let is_in_time = filter.released.is_open()
            || if row.released == UNDATED {
                filter.undated
            } else {
                filter.released.holds(row.released)
            };
        is_in_time
            && (filter.adult || !row.adult)
            && (filter.video || !row.video)
            && row.genres & self.without_genres == 0
            && self.genres.iter().all(|group| row.genres & group != 0)
            && self.signatures.iter().all(|group| group.iter().any(|one| is_within(*one, row)))
            && filter.vote_average.holds(row.vote_average)
            && filter.vote_count.holds(row.vote_count)
            && filter.runtime.holds(row.runtime)
            && (filter.languages.is_empty() || filter.languages.contains(&row.language))
            && filter.theatrical.is_none_or(|wanted| wanted == row.theatrical)
            && filter.status.is_met_by(|status| u32::from(row.status) == status)
            && filter.sort.is_met_by(|sort| u32::from(row.sort) == sort)
    }

    fn passes_behind(&self, row: &Row, behind: Packed<'_>) -> bool {
        let filter = self.filter;
        let lists = [
            (&filter.keywords, &filter.without_keywords, Section::Keywords),
            (&filter.companies, &filter.without_companies, Section::Companies),
            (&filter.networks, &vec![], Section::Networks),
            (&filter.cast, &vec![], Section::Cast),
            (&filter.crew, &vec![], Section::Crew),
        ];
        let has = |section, id| behind.ids(section).any(|one| one == id);
        for (with, without, section) in lists {
            let is_fitting = with.is_met_by(|id| has(section, id))
                && !without.iter().any(|id| is_within(signature(*id), row) && has(section, *id));
            if !is_fitting {
                return false;
            }
        }
        let is_there = |id| has(Section::Cast, id) || has(Section::Crew, id);
        filter.people.is_met_by(is_there)
            && filter
                .countries
                .is_met_by(|code| behind.countries().any(|country| u32::from(country) == code))
            && self.is_certified(behind)
            && filter.releases.as_ref().is_none_or(|wanted| wanted.is_met(row, behind))
            && filter.offers.as_ref().is_none_or(|wanted| wanted.is_met(behind))
            && (filter.aired.is_open() || behind.air_days().any(|day| filter.aired.holds(day)))
    }

    fn is_certified(&self, behind: Packed<'_>) -> bool {
        let Some((country, wanted)) = &self.certifications else { return true };
        behind
            .releases()
            .any(|release| release.country == *country && wanted.contains(&release.certification))
    }
}

impl Releases {
    fn is_met(&self, row: &Row, behind: Packed<'_>) -> bool {
        let is_anywhere = self.country == 0 && self.sorts.0.is_empty();
        if is_anywhere && behind.releases().next().is_none() {
            // Nothing is known but the primary date.
            return row.released != UNDATED && self.days.holds(row.released);
        }
        let fitting = || {
            behind.releases().filter(|release| {
                (self.country == 0 || release.country == self.country)
                    && (self.days.is_open() || release.day.is_some_and(|day| self.days.holds(day)))
            })
        };
        if self.sorts.0.is_empty() {
            return fitting().next().is_some();
        }
        let mut groups = self.sorts.0.iter();
        groups.all(|group| fitting().any(|release| group.contains(&release.sort)))
    }
}

impl Offers {
    fn is_met(&self, behind: Packed<'_>) -> bool {
        let is_unwanted = |provider: &u32| self.without.contains(provider);
        if !self.without.is_empty()
            && behind.offers(self.country).any(|(provider, _)| is_unwanted(&provider))
        {
            return false;
        }
        if self.providers.0.is_empty() {
            return self.ways.is_empty() || self.is_offered(behind, |_| true);
        }
        self.providers
            .0
            .iter()
            .all(|group| self.is_offered(behind, |provider| group.contains(&provider)))
    }

    /// Whether those providers show it, in all the ways wanted.
    fn is_offered(&self, behind: Packed<'_>, is_wanted: impl Fn(u32) -> bool) -> bool {
        let offers = behind.offers(self.country).filter(|(provider, _)| is_wanted(*provider));
        let ways = offers.fold(0, |all, (_, ways)| all | ways);
        ways != 0 && self.ways.iter().all(|group| ways & group != 0)
    }
}
