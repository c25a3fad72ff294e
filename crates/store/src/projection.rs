//! What the catalogue shows of a record: rows as values, the same on every database.
//!
//! A record that lacks something, or holds it in an unexpected form, gives rows
//! that lack it too; none is refused.

mod card;
pub(crate) mod facets;
mod ids;
mod images;
mod movie;
pub(crate) mod names;
mod parts;
mod person;
pub(crate) mod popularity;
pub(crate) mod ratings;
mod text;
mod tv;
pub(crate) mod words;

#[cfg(test)]
mod tests;

use domain::catalogue::{Card, Person, Work};
use domain::{Key, Kind, Record, Timestamp};
use prost::Message;
use records::proto;

pub(crate) use ids::{Stretch, stretches_after, work_id, work_key, work_name};
pub(crate) use names::External;
pub(crate) use text::{genre_word, genre_words, text_hash, texts};

/// The rows of one key.
#[derive(Debug)]
pub(crate) enum Rows {
    Work { key: Key, work: Box<Work>, card: Card, schema_version: u32, found: Found },
    Person { person: Box<Person>, external: Vec<External> },
    Thing { key: Key, name: Option<String>, external: Vec<External>, fetched_at: Timestamp },
}

/// What a title is found by.
#[derive(Debug)]
pub(crate) struct Found {
    /// A line each.
    pub(crate) names: String,
    /// As [`facets::pack`] makes them.
    pub(crate) traits: Vec<u8>,
    pub(crate) external: Vec<External>,
}

pub(crate) fn project(record: &Record) -> Rows {
    match record.key.kind() {
        Kind::Movie => {
            let movie: proto::Movie = read(record);
            let found = Found {
                names: names::of_movie(&movie),
                traits: facets::pack(&facets::of_movie(&movie)),
                external: names::external(movie.external_ids.as_ref(), movie.imdb_id.as_ref()),
            };
            work(record, movie::project(record.key.id(), &movie, record), found)
        }
        Kind::Tv => {
            let show: proto::Tv = read(record);
            let found = Found {
                names: names::of_show(&show),
                traits: facets::pack(&facets::of_show(&show)),
                external: names::external(show.external_ids.as_ref(), None),
            };
            work(record, tv::project(record.key.id(), &show, record), found)
        }
        Kind::Person => {
            let person: proto::Person = read(record);
            let external = names::external(person.external_ids.as_ref(), person.imdb_id.as_ref());
            Rows::Person { person: Box::new(person::project(&person, record)), external }
        }
        Kind::Season => {
            let season: proto::Season = read(record);
            thing(record, season.name, names::external(season.external_ids.as_ref(), None))
        }
        Kind::Episode => {
            let episode: proto::Episode = read(record);
            thing(record, episode.name, names::external(episode.external_ids.as_ref(), None))
        }
        Kind::Collection => thing(record, read::<proto::Collection>(record).name, vec![]),
        Kind::Company => thing(record, read::<proto::Company>(record).name, vec![]),
        Kind::Network => thing(record, read::<proto::Network>(record).name, vec![]),
        Kind::Keyword => thing(record, read::<proto::Keyword>(record).name, vec![]),
        Kind::Reference => {
            let name = record.key.to_string();
            thing(record, name.strip_prefix("reference/").map(str::to_owned), vec![])
        }
    }
}

/// An empty message for a body that cannot be read.
fn read<M: Message + Default>(record: &Record) -> M {
    M::decode(record.body.clone()).unwrap_or_default()
}

fn work(record: &Record, work: Work, found: Found) -> Rows {
    let card = card::of(&work);
    Rows::Work {
        key: record.key,
        work: Box::new(work),
        card,
        schema_version: record.schema_version,
        found,
    }
}

fn thing(record: &Record, name: Option<String>, external: Vec<External>) -> Rows {
    let (key, name, fetched_at) = (record.key, text::said(name), record.fetched_at);
    Rows::Thing { key, name, external, fetched_at }
}
