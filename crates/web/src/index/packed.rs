//! The facets that few filters ask for, packed behind a title's row: sections in a fixed
//! order, each with its length before it, so that those not asked for are skipped.

use std::collections::HashMap;

use domain::facets::{Facets, Offered, Released};

/// In the order in which they lie: first what no signature tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Releases,
    Offers,
    AirDays,
    Countries,
    Revenue,
    Title,
    OriginalTitle,
    Keywords,
    Companies,
    Networks,
    Cast,
    Crew,
}

/// Certifications as numbers: there are some hundreds in all.
#[derive(Debug, Default)]
pub(super) struct Certifications {
    numbers: HashMap<Box<str>, u32>,
}

impl Certifications {
    /// From 1; 0 stands for none.
    pub(super) fn number(&self, certification: &str) -> Option<u32> {
        self.numbers.get(certification).copied()
    }

    fn intern(&mut self, certification: &str) -> u32 {
        if certification.is_empty() {
            return 0;
        }
        if let Some(number) = self.number(certification) {
            return number;
        }
        let number = u32::try_from(self.numbers.len() + 1).unwrap_or(u32::MAX);
        self.numbers.insert(certification.into(), number);
        number
    }
}

/// A code of two letters; 0 for what is none.
pub(crate) fn code(text: &str) -> u16 {
    match *text.as_bytes() {
        [first, second] => u16::from_be_bytes([first, second]),
        _ => 0,
    }
}

pub(super) fn pack(facets: &Facets, certifications: &mut Certifications, to: &mut Vec<u8>) {
    let traits = &facets.traits;
    let own = if facets.original_title == facets.title { "" } else { &facets.original_title };
    section(to, |to| releases(to, &traits.releases, certifications));
    section(to, |to| offers(to, &traits.offers));
    section(to, |to| traits.air_days.iter().for_each(|day| number(to, zigzag(*day))));
    section(to, |to| traits.countries.iter().for_each(|one| number(to, code(one).into())));
    section(to, |to| number(to, traits.revenue));
    section(to, |to| to.extend(facets.title.as_bytes()));
    section(to, |to| to.extend(own.as_bytes()));
    for ids in [&traits.keywords, &traits.companies, &traits.networks, &traits.cast, &traits.crew] {
        section(to, |to| ascending(to, ids));
    }
}

fn section(to: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = to.len();
    write(to);
    let length = to.len() - start;
    // Most are shorter than 128 bytes: then one byte is put in before them.
    let mut header = vec![];
    number(&mut header, length as u64);
    to.splice(start..start, header);
}

fn number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    to.push(number.to_le_bytes()[0]);
}

fn zigzag(day: i32) -> u64 {
    u64::from(((day << 1) ^ (day >> 31)).cast_unsigned())
}

fn ascending(to: &mut Vec<u8>, ids: &[u32]) {
    let mut last = 0;
    for id in ids {
        number(to, u64::from(id.wrapping_sub(last)));
        last = *id;
    }
}

fn releases(to: &mut Vec<u8>, releases: &[Released], certifications: &mut Certifications) {
    for release in releases {
        number(to, code(&release.country).into());
        number(to, release.sort.into());
        number(to, release.day.map_or(0, |day| zigzag(day) + 1));
        number(to, certifications.intern(&release.certification).into());
    }
}

fn offers(to: &mut Vec<u8>, offers: &[Offered]) {
    for of_country in offers.chunk_by(|one, next| one.country == next.country) {
        number(to, code(&of_country[0].country).into());
        section(to, |to| {
            for offer in of_country {
                number(to, offer.provider.into());
                to.push(offer.ways);
            }
        });
    }
}

/// Reads what [`pack`] wrote.
#[derive(Clone, Copy)]
pub(super) struct Packed<'a>(pub(super) &'a [u8]);

/// A release, as it is packed.
pub(super) struct Release {
    pub(super) country: u16,
    pub(super) sort: u32,
    pub(super) day: Option<i32>,
    /// 0 for none.
    pub(super) certification: u32,
}

impl<'a> Packed<'a> {
    /// The bytes of a section.
    pub(super) fn section(self, wanted: Section) -> &'a [u8] {
        let mut reader = Reader(self.0);
        for _ in 0..wanted as usize {
            reader.section();
        }
        reader.section()
    }

    pub(super) fn title(self) -> &'a [u8] {
        self.section(Section::Title)
    }

    pub(super) fn original_title(self) -> &'a [u8] {
        let own = self.section(Section::OriginalTitle);
        if own.is_empty() { self.title() } else { own }
    }

    pub(super) fn revenue(self) -> u64 {
        Reader(self.section(Section::Revenue)).number()
    }

    pub(super) fn countries(self) -> impl Iterator<Item = u16> {
        let mut reader = Reader(self.section(Section::Countries));
        std::iter::from_fn(move || reader.next().map(short))
    }

    /// Ids of a section, ascending.
    pub(super) fn ids(self, section: Section) -> impl Iterator<Item = u32> {
        let mut reader = Reader(self.section(section));
        let mut last = 0_u32;
        std::iter::from_fn(move || {
            last = last.wrapping_add(word(reader.next()?));
            Some(last)
        })
    }

    pub(super) fn releases(self) -> impl Iterator<Item = Release> {
        let mut reader = Reader(self.section(Section::Releases));
        std::iter::from_fn(move || {
            Some(Release {
                country: short(reader.next()?),
                sort: word(reader.number()),
                day: reader.number().checked_sub(1).map(unzigzag),
                certification: word(reader.number()),
            })
        })
    }

    /// Providers in a country, and their ways as bits.
    pub(super) fn offers(self, country: u16) -> impl Iterator<Item = (u32, u8)> {
        let mut countries = Reader(self.section(Section::Offers));
        let mut found: &[u8] = &[];
        while let Some(code) = countries.next() {
            let of_country = countries.section();
            if short(code) == country {
                found = of_country;
                break;
            }
        }
        let mut reader = Reader(found);
        std::iter::from_fn(move || Some((word(reader.next()?), reader.byte())))
    }

    pub(super) fn air_days(self) -> impl Iterator<Item = i32> {
        let mut reader = Reader(self.section(Section::AirDays));
        std::iter::from_fn(move || reader.next().map(unzigzag))
    }
}

/// Numbers are read as long as they were written.
fn word(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn short(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn unzigzag(number: u64) -> i32 {
    let number = word(number);
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// What is missing reads as 0: only what [`pack`] wrote is ever read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<u64> {
        (!self.0.is_empty()).then(|| self.number())
    }

    fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some((byte, rest)) = self.0.split_first() {
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 63 {
                break;
            }
        }
        number
    }

    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    fn section(&mut self) -> &'a [u8] {
        let length = word(self.number()) as usize;
        let (section, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        section
    }
}
