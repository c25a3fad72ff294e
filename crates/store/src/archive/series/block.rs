//! The points of one day, of 64 neighbouring ids: three bytes for most of them.
//!
//! A point is a byte with the id's place in its block, the numbers of a season
//! or an episode where there are any, and its figures: mostly a popularity in
//! ten-thousandths, which is how exactly TMDB writes it. The seasons and the
//! episodes of a show have a block of their own.

use std::collections::BTreeMap;

use domain::outline::Figures;
use domain::{Key, KeyError, Kind};
use prost::encoding::{decode_varint, encode_varint};

const IDS: u64 = 64;
const LOW_BITS: u8 = 0x3F;
/// Of a place's byte: season and episode follow.
const IS_NUMBERED: u8 = 0x40;
/// Of a place's byte: a byte of the flags below follows; otherwise a popularity.
const IS_MORE: u8 = 0x80;
const POPULARITY: u8 = 1;
const AVERAGE: u8 = 2;
const COUNT: u8 = 4;
/// The figure is no whole number of ten-thousandths.
const IS_RAW: u8 = 8;
const SCALE: f64 = 1e4;
/// Ten-thousandths up to here come back to the last bit.
const MAX_SCALED: f64 = 1e12;

/// Where a key's points lie.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) number: i64,
}

/// Which points of a block are a key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    low: u8,
    /// Season and episode, the latter counted from 1 and 0 for none.
    numbers: Option<(u32, u32)>,
}

pub(crate) type Points = BTreeMap<Place, Figures>;

pub(crate) fn of(key: &Key) -> (Block, Place) {
    let (number, low, numbers) = match key.season_number() {
        None => (key.id() / IDS, u8::try_from(key.id() % IDS).unwrap_or(0), None),
        Some(season) => {
            let episode = key.episode_number().map_or(0, |number| number.saturating_add(1));
            (key.id(), 0, Some((season, episode)))
        }
    };
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    (Block { kind: key.kind(), number }, Place { low, numbers })
}

/// The inverse of [`of`].
pub(crate) fn key(block: Block, place: Place) -> Result<Key, KeyError> {
    let number = u64::try_from(block.number).unwrap_or(u64::MAX);
    match place.numbers {
        None => {
            let id = number.saturating_mul(IDS).saturating_add(place.low.into());
            Key::new(block.kind, id, None, None)
        }
        Some((season, episode)) => {
            Key::new(block.kind, number, Some(season), episode.checked_sub(1))
        }
    }
}

pub(crate) fn encode(points: &Points) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * 4);
    for (place, figures) in points {
        let Figures { popularity, vote_average, vote_count } = *figures;
        let flags = [
            popularity.map_or(0, |value| POPULARITY | raw_flag(value)),
            vote_average.map_or(0, |value| AVERAGE | raw_flag(value)),
            vote_count.map_or(0, |_| COUNT),
        ];
        // Both are written raw when one has to be.
        let flags = flags.into_iter().fold(0, |all, flag| all | flag);
        let is_more = if flags == POPULARITY { 0 } else { IS_MORE };
        out.push(place.low | is_more | place.numbers.map_or(0, |_| IS_NUMBERED));
        if let Some((season, episode)) = place.numbers {
            encode_varint(season.into(), &mut out);
            encode_varint(episode.into(), &mut out);
        }
        if is_more != 0 {
            out.push(flags);
        }
        for value in [popularity, vote_average].into_iter().flatten() {
            match scaled(value) {
                Some(number) if flags & IS_RAW == 0 => encode_varint(number, &mut out),
                _ => out.extend_from_slice(&value.to_bits().to_le_bytes()),
            }
        }
        if let Some(count) = vote_count {
            encode_varint(count, &mut out);
        }
    }
    out
}

/// The inverse of [`encode`]; `None` if the bytes make no sense.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<Points> {
    let mut points = Points::new();
    let input = &mut bytes;
    while let Some(first) = take(input) {
        let numbers = if first & IS_NUMBERED == 0 {
            None
        } else {
            let mut number = || u32::try_from(decode_varint(input).ok()?).ok();
            Some((number()?, number()?))
        };
        let flags = if first & IS_MORE == 0 { POPULARITY } else { take(input)? };
        let mut figure = |flag: u8| {
            let is_there = flags & flag != 0;
            Some(if is_there { Some(value(input, flags)?) } else { None })
        };
        let (popularity, vote_average) = (figure(POPULARITY)?, figure(AVERAGE)?);
        let vote_count = if flags & COUNT == 0 { None } else { Some(decode_varint(input).ok()?) };
        let place = Place { low: first & LOW_BITS, numbers };
        points.insert(place, Figures { popularity, vote_average, vote_count });
    }
    Some(points)
}

fn take(input: &mut &[u8]) -> Option<u8> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(*first)
}

fn value(input: &mut &[u8], flags: u8) -> Option<f64> {
    if flags & IS_RAW == 0 {
        return Some(decode_varint(input).ok()? as f64 / SCALE);
    }
    let (bits, rest) = input.split_first_chunk()?;
    *input = rest;
    Some(f64::from_bits(u64::from_le_bytes(*bits)))
}

fn raw_flag(value: f64) -> u8 {
    if scaled(value).is_some() { 0 } else { IS_RAW }
}

/// A figure in ten-thousandths, if it comes back from them to the last bit.
fn scaled(value: f64) -> Option<u64> {
    let number = (value * SCALE).round();
    if !(0.0..MAX_SCALED).contains(&number) || (number / SCALE).to_bits() != value.to_bits() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
    Some(number as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(low: u8, numbers: Option<(u32, u32)>) -> Place {
        Place { low, numbers }
    }

    fn popularity(value: f64) -> Figures {
        Figures { popularity: Some(value), ..Figures::default() }
    }

    #[test]
    fn a_popularity_takes_three_bytes() {
        let point = |low: u8| (place(low, None), popularity(f64::from(60 + low) / 100.0));
        let points: Points = (0..64).map(point).collect();
        assert_eq!(encode(&points).len(), 64 * 3);
    }

    #[test]
    fn a_key_comes_back_from_its_place() {
        let keys = ["movie/1", "person/64", "tv/127", "tv/7/season/0", "tv/7/season/1/episode/0"];
        for key in keys.map(|text| text.parse::<Key>().unwrap()) {
            let (block, place) = of(&key);
            assert_eq!(super::key(block, place), Ok(key));
        }
    }

    proptest! {
        #[test]
        fn points_come_back_to_the_last_bit(
            rows: Vec<(u8, Option<(u32, u32)>, Option<f64>, Option<f64>, Option<u64>)>,
        ) {
            let points: Points = rows
                .into_iter()
                .map(|(low, numbers, popularity, vote_average, vote_count)| {
                    let is_number = |value: &f64| !value.is_nan();
                    let figures = Figures {
                        popularity: popularity.filter(is_number),
                        vote_average: vote_average.filter(is_number),
                        vote_count,
                    };
                    (place(low & LOW_BITS, numbers), figures)
                })
                .collect();
            prop_assert_eq!(decode(&encode(&points)), Some(points));
        }

        #[test]
        fn figures_as_tmdb_writes_them_are_small(thousandths in 0_u32..10_000_000) {
            let figures = popularity(f64::from(thousandths) / 1000.0);
            prop_assert!(encode(&Points::from([(place(1, None), figures)])).len() <= 6);
        }

        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            drop(decode(&bytes));
        }
    }
}
