//! Rows made from records are written.

use std::collections::{BTreeMap, HashSet};

use domain::catalogue::{Card, Person, Rating, Work};
use domain::score::{self, Score};
use domain::{Key, Kind, Timestamp};
use tokio_postgres::types::Type;

use super::tables::{
    AGGREGATES, AggregateRow, CardRow, FACETS, FacetsRow, MetaRow, PEOPLE, PERSON_NAMES, PeopleRow,
    PersonNamesRow, RATING_SOURCES, RatingRow, SIMILAR_WORKS, SimilarRow, THING_NAMES, THINGS,
    TextsRow, ThingNamesRow, ThingsRow, WORK_CARDS, WORK_NAMES, WORK_TEXTS, WORKS, WORKS_META,
    WorkNamesRow, WorksRow,
};
use super::{external, ratings};
use crate::postgres::batch::{Table, json};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{key_at, signed};
use crate::projection::names::thing_id;
use crate::projection::{self, External, Found, Rows, work_id, work_key};

/// The rows of many keys, in the order in which they are locked.
#[derive(Default)]
pub(super) struct Batch {
    works: BTreeMap<i64, Title>,
    people: BTreeMap<u64, (Box<Person>, Vec<External>)>,
    things: BTreeMap<Key, Thing>,
}

pub(super) struct Title {
    pub(super) work: Box<Work>,
    card: Card,
    schema_version: u32,
    found: Found,
}

struct Thing {
    name: Option<String>,
    external: Vec<External>,
    fetched_at: Timestamp,
}

impl Batch {
    /// Of several records of a key the newest counts, and of equally new ones the last.
    pub(super) fn of(rows: impl IntoIterator<Item = Rows>) -> Self {
        let mut batch = Self::default();
        rows.into_iter().for_each(|rows| batch.add(rows));
        batch
    }

    fn add(&mut self, rows: Rows) {
        match rows {
            Rows::Work { key, work, card, schema_version, found } => {
                let Some(id) = work_id(&key) else { return };
                let title = Title { work, card, schema_version, found };
                put_newest(&mut self.works, id, title, |it| it.work.row.last_refreshed_at);
            }
            Rows::Person { person, external } => {
                let (id, one) = (person.tmdb_id, (person, external));
                put_newest(&mut self.people, id, one, |it| it.0.last_refreshed_at);
            }
            Rows::Thing { key, name, external, fetched_at } => {
                let thing = Thing { name, external, fetched_at };
                put_newest(&mut self.things, key, thing, |it| it.fetched_at);
            }
        }
    }
}

fn put_newest<K: Ord, V>(
    all: &mut BTreeMap<K, V>,
    key: K,
    value: V,
    fetched_at: impl Fn(&V) -> Timestamp,
) {
    let is_late = all.get(&key).is_some_and(|known| fetched_at(&value) < fetched_at(known));
    if !is_late {
        all.insert(key, value);
    }
}

/// A record that was fetched before the one whose rows there are is late, as in the archive.
pub(super) async fn put(tx: &Transaction<'_>, batch: &Batch) -> Result<(), Fault> {
    put_works(tx, &batch.works).await?;
    put_people(tx, &batch.people).await?;
    put_things(tx, &batch.things).await
}

async fn put_people(
    tx: &Transaction<'_>,
    people: &BTreeMap<u64, (Box<Person>, Vec<External>)>,
) -> Result<(), Fault> {
    if people.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = people.values().map(|(person, _)| PeopleRow::new(person)).collect();
    let sql = format!("{} RETURNING person_id", newest(&PEOPLE));
    let written = tx.rows(&sql, &[(&json(&rows)?, Type::TEXT)]).await?;
    let written: Vec<i64> = written.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let ids: HashSet<i64> = written.iter().copied().collect();
    let people = people.values().filter(|(person, _)| ids.contains(&signed(person.tmdb_id)));
    let people: Vec<_> = people.collect();
    let names: Vec<_> = people.iter().map(|(person, _)| PersonNamesRow::new(person)).collect();
    let owners = people.iter().filter_map(|(person, external)| {
        Some((Key::new(Kind::Person, person.tmdb_id, None, None).ok()?, &external[..]))
    });
    let owners: Vec<_> = owners.collect();
    tokio::try_join!(PERSON_NAMES.replace(tx, &written, &names), external::put(tx, &owners))?;
    Ok(())
}

async fn put_things(tx: &Transaction<'_>, things: &BTreeMap<Key, Thing>) -> Result<(), Fault> {
    if things.is_empty() {
        return Ok(());
    }
    let rows = things
        .iter()
        .map(|(key, thing)| ThingsRow::new(key, thing.name.as_deref(), thing.fetched_at));
    let rows: Vec<_> = rows.collect();
    let sql = format!("{} RETURNING kind, id, season, episode", newest(&THINGS));
    let written = tx.rows(&sql, &[(&json(&rows)?, Type::TEXT)]).await?;
    let written = written.iter().map(|row| key_at(row, 0)).collect::<Result<HashSet<_>, _>>()?;
    let things: Vec<_> = things.iter().filter(|(key, _)| written.contains(key)).collect();
    let names = things.iter().filter_map(|(key, it)| ThingNamesRow::new(key, it.name.as_deref()));
    let names: Vec<_> = names.collect();
    let named: Vec<i64> = names.iter().map(|row| row.thing_id).collect();
    if !named.is_empty() {
        THING_NAMES.replace(tx, &named, &names).await?;
    }
    let elsewhere = things.iter().filter(|(key, _)| thing_id(key).is_none());
    let owners: Vec<_> = elsewhere.map(|(key, thing)| (**key, &thing.external[..])).collect();
    external::put(tx, &owners).await
}

fn newest(table: &Table) -> String {
    let name = table.name;
    table.upsert(&format!("{name}.last_refreshed_at <= excluded.last_refreshed_at"))
}

/// A title with all its ratings.
struct Scored<'a> {
    id: i64,
    title: &'a Title,
    ratings: Vec<Rating>,
    score: Option<Score>,
}

/// Whoever has written a title's row of `works` writes its other rows too: nobody else can
/// before this transaction ends.
async fn put_works(tx: &Transaction<'_>, works: &BTreeMap<i64, Title>) -> Result<(), Fault> {
    if works.is_empty() {
        return Ok(());
    }
    ratings::let_none_be_imported(tx).await?;
    let mut imported = ratings::imported_for(tx, works).await?;
    let scored = works.iter().map(|(id, title)| {
        let imported = imported.remove(id).unwrap_or_default();
        let ratings = projection::ratings::joined(&title.work.ratings, imported);
        let score = score::score(&ratings);
        Scored { id: *id, title, ratings, score }
    });
    let mut scored: Vec<_> = scored.collect();
    let rows = scored.iter().map(|one| WorksRow::new(one.id, &one.title.work, one.score.as_ref()));
    let rows = json(&rows.collect::<Vec<_>>())?;
    let sql = format!("{} RETURNING work_id", newest(&WORKS));
    let written = tx.rows(&sql, &[(&rows, Type::TEXT)]).await?;
    let written = written.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<i64>, _>>()?;
    scored.retain(|one| written.contains(&one.id));
    put_parts(tx, &scored).await
}

/// What belongs to rows of `works`. These statements are on their way together.
async fn put_parts(tx: &Transaction<'_>, titles: &[Scored<'_>]) -> Result<(), Fault> {
    let owners: Vec<i64> = titles.iter().map(|one| one.id).collect();
    let texts: Vec<_> = titles.iter().map(|it| TextsRow::new(it.id, &it.title.work)).collect();
    let metas = titles.iter().map(|it| {
        let Title { work, schema_version, .. } = it.title;
        MetaRow::new(it.id, work, *schema_version)
    });
    let metas: Vec<_> = metas.collect();
    let cards: Vec<_> = titles.iter().map(|it| CardRow::new(it.id, &it.title.card)).collect();
    let similar = titles
        .iter()
        .flat_map(|it| it.title.work.similar.iter().map(|similar| SimilarRow::new(it.id, similar)));
    let similar: Vec<_> = similar.collect();
    let rated = titles.iter().map(|it| (it.id, &it.ratings[..], it.score.as_ref()));
    let rated: Vec<_> = rated.collect();
    let facets = titles
        .iter()
        .map(|it| FacetsRow::new(it.id, &it.title.found, it.title.work.row.last_refreshed_at));
    let facets: Vec<_> = facets.collect();
    let names: Vec<_> = titles.iter().map(|it| WorkNamesRow::new(it.id, &it.title.found)).collect();
    let external =
        titles.iter().filter_map(|it| Some((work_key(it.id).ok()?, &it.title.found.external[..])));
    let external: Vec<_> = external.collect();
    tokio::try_join!(
        FACETS.replace(tx, &owners, &facets),
        WORK_NAMES.replace(tx, &owners, &names),
        external::put(tx, &external),
        WORK_TEXTS.replace(tx, &owners, &texts),
        WORKS_META.replace(tx, &owners, &metas),
        WORK_CARDS.replace(tx, &owners, &cards),
        SIMILAR_WORKS.replace(tx, &owners, &similar),
        put_ratings(tx, &owners, &rated),
        put_scores(tx, &owners, &rated),
    )?;
    Ok(())
}

/// The number of a title, its ratings and the score made of them.
pub(super) type Rated<'a> = (i64, &'a [Rating], Option<&'a Score>);

async fn put_ratings(
    tx: &Transaction<'_>,
    owners: &[i64],
    rated: &[Rated<'_>],
) -> Result<(), Fault> {
    let rows = rated
        .iter()
        .flat_map(|(id, ratings, _)| ratings.iter().map(|rating| RatingRow::new(*id, rating)));
    let rows: Vec<_> = rows.collect();
    RATING_SOURCES.replace(tx, owners, &rows).await
}

pub(super) async fn put_scores(
    tx: &Transaction<'_>,
    owners: &[i64],
    rated: &[Rated<'_>],
) -> Result<(), Fault> {
    let rows = rated.iter().filter_map(|(id, _, score)| Some(AggregateRow::new(*id, (*score)?)));
    let rows: Vec<_> = rows.collect();
    AGGREGATES.replace(tx, owners, &rows).await
}

/// Neither the card nor the words have it: one column moves.
pub(super) async fn shift(
    tx: &Transaction<'_>,
    kind: Kind,
    moved: &[(u64, f64)],
) -> Result<(), Fault> {
    let (table, column) = match kind {
        Kind::Movie | Kind::Tv => ("works", "work_id"),
        Kind::Person => ("people", "person_id"),
        _ => return Ok(()),
    };
    let id = |id: u64| if kind == Kind::Tv { -signed(id) } else { signed(id) };
    let (ids, popularity): (Vec<i64>, Vec<f64>) =
        moved.iter().map(|(number, popularity)| (id(*number), *popularity)).unzip();
    tx.run(
        &format!(
            "UPDATE {table} SET popularity = moved.popularity
             FROM (SELECT {column} AS id, m.popularity
                   FROM UNNEST($1::int8[], $2::float8[]) AS m (id, popularity)
                   JOIN {table} ON {column} = m.id
                   WHERE {table}.popularity <> m.popularity
                   ORDER BY {column} FOR UPDATE OF {table}) moved
             WHERE {column} = moved.id"
        ),
        &[(&ids, Type::INT8_ARRAY), (&popularity, Type::FLOAT8_ARRAY)],
    )
    .await?;
    Ok(())
}
