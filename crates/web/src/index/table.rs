//! The rows of titles, by kind.

use std::collections::HashMap;

use domain::Kind;
use domain::facets::Facets;

use super::packed::{self, Certifications, Packed, code};

/// Rows that are written anew together when too much behind them is no longer used.
const BLOCK: usize = 2_048;

/// More genres than TMDB has of both kinds; a bit for each.
const MAX_GENRES: usize = 64;

/// What stands for no date.
pub(super) const UNDATED: i32 = i32::MIN;

/// What most filters ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// 0 where a title was taken away.
    pub(super) id: u32,
    pub(super) popularity: f32,
    pub(super) vote_average: f32,
    pub(super) vote_count: u32,
    pub(super) released: i32,
    pub(super) genres: u64,
    /// Two bits for each id that lies behind: without them, no need to look.
    pub(super) signature: u128,
    start: u32,
    length: u32,
    pub(super) language: u16,
    pub(super) runtime: u16,
    pub(super) adult: bool,
    pub(super) video: bool,
    pub(super) theatrical: bool,
    /// 255 where it is not known, as of the next.
    pub(super) status: u8,
    pub(super) sort: u8,
}

/// The bits of a signature that an id sets.
pub(super) fn signature(id: u32) -> u128 {
    let mixed = id.wrapping_mul(0x9e37_79b1);
    1 << (mixed >> 25) | 1 << (mixed >> 18 & 0x7f)
}

#[derive(Debug, Default)]
pub(super) struct Table {
    movies: Shelf,
    shows: Shelf,
    genres: Vec<u32>,
    certifications: Certifications,
}

/// All titles of a kind.
#[derive(Debug, Default)]
struct Shelf {
    blocks: Vec<Block>,
    /// Where each id stands.
    places: HashMap<u32, u32>,
    free: Vec<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Block {
    rows: Vec<Row>,
    behind: Vec<u8>,
    /// Bytes of `behind` that no row has any more.
    waste: usize,
}

impl Table {
    /// Adds a title, or replaces it.
    pub(super) fn put(&mut self, facets: &Facets) {
        let Ok(id) = u32::try_from(facets.key.id()) else { return };
        let genres = self.genre_bits(&facets.traits.genres);
        let mut behind = vec![];
        packed::pack(facets, &mut self.certifications, &mut behind);
        let row = row(id, facets, genres);
        if let Some(shelf) = self.shelf_mut(facets.key.kind()) {
            shelf.put(row, &behind);
        }
    }

    pub(super) fn remove(&mut self, kind: Kind, id: u32) {
        if let Some(shelf) = self.shelf_mut(kind) {
            shelf.remove(id);
        }
    }

    /// The bits of genres; of those that no title has, none.
    pub(super) fn genre_bit(&self, genre: u32) -> u64 {
        self.genres.iter().position(|known| *known == genre).map_or(0, |place| 1 << place)
    }

    fn genre_bits(&mut self, genres: &[u32]) -> u64 {
        let mut bits = 0;
        for genre in genres {
            if self.genre_bit(*genre) == 0 && self.genres.len() < MAX_GENRES {
                self.genres.push(*genre);
            }
            bits |= self.genre_bit(*genre);
        }
        bits
    }

    pub(super) fn certification(&self, certification: &str) -> Option<u32> {
        self.certifications.number(certification)
    }

    fn shelf(&self, kind: Kind) -> Option<&Shelf> {
        match kind {
            Kind::Movie => Some(&self.movies),
            Kind::Tv => Some(&self.shows),
            _ => None,
        }
    }

    fn shelf_mut(&mut self, kind: Kind) -> Option<&mut Shelf> {
        match kind {
            Kind::Movie => Some(&mut self.movies),
            Kind::Tv => Some(&mut self.shows),
            _ => None,
        }
    }

    /// All titles of a kind, in blocks.
    pub(super) fn blocks(&self, kind: Kind) -> &[Block] {
        self.shelf(kind).map(|shelf| &shelf.blocks[..]).unwrap_or_default()
    }

    pub(super) fn ids(&self, kind: Kind) -> Vec<u32> {
        self.shelf(kind).map(|shelf| shelf.places.keys().copied().collect()).unwrap_or_default()
    }

    /// Titles, and about how many bytes they take.
    pub(super) fn size(&self) -> (usize, usize) {
        let shelves = [&self.movies, &self.shows];
        let titles = shelves.iter().map(|shelf| shelf.places.len()).sum();
        let bytes = shelves.iter().map(|shelf| {
            let blocks = shelf.blocks.iter();
            let blocks: usize =
                blocks.map(|it| it.rows.capacity() * size_of::<Row>() + it.behind.capacity()).sum();
            blocks + shelf.places.capacity() * 9
        });
        (titles, bytes.sum())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "figures are known to a few places")]
fn row(id: u32, facets: &Facets, genres: u64) -> Row {
    let traits = &facets.traits;
    let lists = [&traits.keywords, &traits.companies, &traits.networks, &traits.cast, &traits.crew];
    let signature = lists.into_iter().flatten().fold(0, |all, id| all | signature(*id));
    Row {
        id,
        popularity: facets.popularity as f32,
        vote_average: facets.vote_average as f32,
        vote_count: u32::try_from(facets.vote_count).unwrap_or(u32::MAX),
        released: facets.released.unwrap_or(UNDATED),
        genres,
        signature,
        start: 0,
        length: 0,
        language: facets.original_language.as_deref().map_or(0, code),
        runtime: facets.runtime.map_or(0, |minutes| u16::try_from(minutes).unwrap_or(u16::MAX)),
        adult: facets.adult,
        video: traits.video,
        theatrical: traits.theatrical,
        status: traits.status.unwrap_or(u8::MAX),
        sort: traits.sort.unwrap_or(u8::MAX),
    }
}

impl Shelf {
    fn put(&mut self, row: Row, behind: &[u8]) {
        if let Some(place) = self.places.get(&row.id) {
            let (block, at) = split(*place);
            self.blocks[block].replace(at, row, behind);
            return;
        }
        let place = match self.free.pop() {
            Some(place) => {
                let (block, at) = split(place);
                self.blocks[block].replace(at, row, behind);
                place
            }
            None => self.push(row, behind),
        };
        self.places.insert(row.id, place);
    }

    fn push(&mut self, row: Row, behind: &[u8]) -> u32 {
        if self.blocks.last().is_none_or(|last| last.rows.len() == BLOCK) {
            if let Some(full) = self.blocks.last_mut() {
                full.behind.shrink_to_fit();
            }
            self.blocks.push(Block::default());
        }
        let number = self.blocks.len() - 1;
        let block = &mut self.blocks[number];
        let at = block.rows.len();
        block.rows.push(Row { length: 0, ..row });
        block.replace(at, row, behind);
        u32::try_from(number * BLOCK + at).unwrap_or(u32::MAX)
    }

    fn remove(&mut self, id: u32) {
        let Some(place) = self.places.remove(&id) else { return };
        let (block, at) = split(place);
        let block = &mut self.blocks[block];
        block.waste += block.rows[at].length as usize;
        block.rows[at].id = 0;
        block.rows[at].length = 0;
        self.free.push(place);
    }
}

fn split(place: u32) -> (usize, usize) {
    (place as usize / BLOCK, place as usize % BLOCK)
}

impl Block {
    /// Rows, with what lies behind them.
    pub(super) fn titles(&self) -> impl Iterator<Item = (&Row, Packed<'_>)> {
        let rows = self.rows.iter().filter(|row| row.id != 0);
        rows.map(|row| (row, Packed(self.behind(row))))
    }

    fn behind(&self, row: &Row) -> &[u8] {
        let start = row.start as usize;
        &self.behind[start..start + row.length as usize]
    }

    fn replace(&mut self, at: usize, row: Row, behind: &[u8]) {
        let known = self.rows[at];
        if known.length > 0 && self.behind(&known) == behind {
            self.rows[at] = Row { start: known.start, length: known.length, ..row };
            return;
        }
        self.waste += known.length as usize;
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.rows[at] = Row { start: place(self.behind.len()), length: place(behind.len()), ..row };
        self.behind.extend(behind);
        if self.waste > self.behind.len() / 3 {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let used = self.behind.len() - self.waste;
        let mut behind = Vec::with_capacity(used + used / 16);
        for at in 0..self.rows.len() {
            let row = self.rows[at];
            let start = u32::try_from(behind.len()).unwrap_or(u32::MAX);
            behind.extend(self.behind(&row));
            self.rows[at].start = start;
        }
        (self.behind, self.waste) = (behind, 0);
    }
}
