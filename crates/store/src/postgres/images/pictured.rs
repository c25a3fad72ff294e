//! Titles and people with pictures, as the catalogue has them.

use domain::images::{Pictured, PicturedScan};
use tokio_postgres::types::Type;

use crate::pictured::{Start, merged, person, title};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{limit, unsigned};
use crate::projection;

/// Each table is read along its index.
pub(super) async fn page(
    tx: &Transaction<'_>,
    scan: &PicturedScan,
) -> Result<Vec<Pictured>, Fault> {
    let start = Start::of(scan);
    let (titles, people) = tokio::try_join!(titles(tx, scan, &start), people(tx, scan, &start))?;
    Ok(merged(titles, people, scan.limit))
}

async fn titles(
    tx: &Transaction<'_>,
    scan: &PicturedScan,
    start: &Start,
) -> Result<Vec<Pictured>, Fault> {
    let rows = tx
        .rows(
            "SELECT works.work_id, popularity, poster_url_original, backdrop_url, still_images
             FROM works JOIN works_meta USING (work_id)
             WHERE (popularity, works.work_id) < ($1, $2) AND popularity >= $3
               AND (poster_url_original IS NOT NULL OR backdrop_url IS NOT NULL
                    OR still_images <> '{}')
             ORDER BY popularity DESC, works.work_id DESC LIMIT $4",
            &[
                (&start.popularity, Type::FLOAT8),
                (&start.work_id, Type::INT8),
                (&scan.min_popularity, Type::FLOAT8),
                (&limit(scan.limit), Type::INT8),
            ],
        )
        .await?;
    let titles = rows.iter().map(|row| {
        let key = projection::work_key(row.try_get(0)?)?;
        let stills: Vec<String> = row.try_get(4)?;
        Ok(title(key, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, &stills))
    });
    titles.collect()
}

async fn people(
    tx: &Transaction<'_>,
    scan: &PicturedScan,
    start: &Start,
) -> Result<Vec<Pictured>, Fault> {
    let rows = tx
        .rows(
            "SELECT person_id, popularity, profile_path FROM people
             WHERE (popularity, person_id) < ($1, $2) AND popularity >= $3
               AND profile_path IS NOT NULL
             ORDER BY popularity DESC, person_id DESC LIMIT $4",
            &[
                (&start.popularity, Type::FLOAT8),
                (&start.person_id, Type::INT8),
                (&scan.min_popularity, Type::FLOAT8),
                (&limit(scan.limit), Type::INT8),
            ],
        )
        .await?;
    let people = rows
        .iter()
        .map(|row| Ok(person(unsigned(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?)));
    people.collect()
}
