//! Titles and people that seem to be the one outlined.

use domain::catalogue::Alike;
use domain::deletion::Likeness;
use domain::outline::Outline;
use domain::{Key, Kind};
use tokio_postgres::types::Type;

use crate::likeness::{Found, Release, folded};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{signed, unsigned};
use crate::projection::work_id;

pub(super) async fn find(
    tx: &Transaction<'_>,
    key: Key,
    outline: &Outline,
) -> Result<Vec<Alike>, Fault> {
    let mut found = Found::new(key);
    match key.kind() {
        Kind::Movie | Kind::Tv => works(tx, key, outline, &mut found).await?,
        Kind::Person => people(tx, key, outline, &mut found).await?,
        _ => (),
    }
    Ok(found.likeliest_first())
}

async fn works(
    tx: &Transaction<'_>,
    key: Key,
    outline: &Outline,
    found: &mut Found,
) -> Result<(), Fault> {
    let (kind, own) = (key.kind().as_str(), work_id(&key));
    if let Some(imdb_id) = &outline.imdb_id {
        let rows = tx
            .rows(
                "SELECT tmdb_id, popularity FROM works
                 WHERE imdb_id = $1 AND kind = $2 AND work_id IS DISTINCT FROM $3",
                &[(imdb_id, Type::TEXT), (&kind, Type::TEXT), (&own, Type::INT8)],
            )
            .await?;
        for row in rows {
            found.add(unsigned(row.try_get(0)?), row.try_get(1)?, Likeness::ImdbId)?;
        }
    }
    let (Some(name), Some(released)) = (&outline.name, outline.released) else { return Ok(()) };
    let release = Release::new(name, released);
    let [first, last] = release.year();
    // All titles of a year, some ten thousand, are read: folding is the same on every database.
    let rows = tx
        .rows(
            "SELECT tmdb_id, popularity, title, release_date FROM works
             WHERE release_date >= $1 AND release_date <= $2 AND kind = $3
               AND work_id IS DISTINCT FROM $4",
            &[(&first, Type::TEXT), (&last, Type::TEXT), (&kind, Type::TEXT), (&own, Type::INT8)],
        )
        .await?;
    for row in rows {
        if let Some(reason) = release.likeness(row.try_get(2)?, row.try_get(3)?) {
            found.add(unsigned(row.try_get(0)?), row.try_get(1)?, reason)?;
        }
    }
    Ok(())
}

async fn people(
    tx: &Transaction<'_>,
    key: Key,
    outline: &Outline,
    found: &mut Found,
) -> Result<(), Fault> {
    let own = signed(key.id());
    if let Some(imdb_id) = &outline.imdb_id {
        let rows = tx
            .rows(
                "SELECT person_id, popularity FROM people
                 WHERE imdb_id = $1 AND person_id <> $2",
                &[(imdb_id, Type::TEXT), (&own, Type::INT8)],
            )
            .await?;
        for row in rows {
            found.add(unsigned(row.try_get(0)?), row.try_get(1)?, Likeness::ImdbId)?;
        }
    }
    let (Some(name), Some(born)) = (&outline.name, outline.born) else { return Ok(()) };
    let name = folded(name);
    let rows = tx
        .rows(
            "SELECT person_id, popularity, name FROM people
             WHERE birthday = $1 AND person_id <> $2",
            &[(&born.to_string(), Type::TEXT), (&own, Type::INT8)],
        )
        .await?;
    for row in rows {
        if folded(row.try_get(2)?) == name {
            found.add(unsigned(row.try_get(0)?), row.try_get(1)?, Likeness::TitleAndDate)?;
        }
    }
    Ok(())
}
