//! What the catalogue shows of a record: rows as values, the same on every database.
//!
//! A record that lacks something, or holds it in an unexpected form, gives rows
//! that lack it too; none is refused.

mod card;
mod ids;
mod images;
mod movie;
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
pub(crate) use text::{genre_word, genre_words, text_hash, texts};

/// The rows of one key.
#[derive(Debug)]
pub(crate) enum Rows {
    Work { key: Key, work: Box<Work>, card: Card, schema_version: u32 },
    Person(Box<Person>),
    Thing { key: Key, name: Option<String>, fetched_at: Timestamp },
}

pub(crate) fn project(record: &Record) -> Rows {
    match record.key.kind() {
        Kind::Movie => work(record, movie::project(record.key.id(), &read(record), record)),
        Kind::Tv => work(record, tv::project(record.key.id(), &read(record), record)),
        Kind::Person => Rows::Person(Box::new(person::project(&read(record), record))),
        Kind::Season => thing(record, read::<proto::Season>(record).name),
        Kind::Episode => thing(record, read::<proto::Episode>(record).name),
        Kind::Collection => thing(record, read::<proto::Collection>(record).name),
        Kind::Company => thing(record, read::<proto::Company>(record).name),
        Kind::Network => thing(record, read::<proto::Network>(record).name),
        Kind::Keyword => thing(record, read::<proto::Keyword>(record).name),
        Kind::Reference => {
            let name = record.key.to_string();
            thing(record, name.strip_prefix("reference/").map(str::to_owned))
        }
    }
}

/// An empty message for a body that cannot be read.
fn read<M: Message + Default>(record: &Record) -> M {
    M::decode(record.body.clone()).unwrap_or_default()
}

fn work(record: &Record, work: Work) -> Rows {
    let card = card::of(&work);
    Rows::Work {
        key: record.key,
        work: Box::new(work),
        card,
        schema_version: record.schema_version,
    }
}

fn thing(record: &Record, name: Option<String>) -> Rows {
    Rows::Thing { key: record.key, name: text::said(name), fetched_at: record.fetched_at }
}
