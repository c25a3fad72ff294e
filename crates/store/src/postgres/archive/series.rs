//! The figures of keys through time, in blocks of neighbours: see
//! [`crate::archive::series`].
//!
//! Blocks are locked in the order of the primary key: day, kind, number.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::outline::{Figures, SeriesPoint};
use domain::{Key, Kind, Timestamp};
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::archive::days;
use crate::archive::series::{self, Block, Draft, Move, Place, Points};
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{kind_at, limit, signed, unsigned};

type Days = BTreeMap<(i64, Block), Points>;

/// Points that a block has on the average, when it is guessed how many to read.
const USUAL: usize = 16;

/// Blocks as columns: day, kind, block, points.
#[derive(Default)]
struct Rows {
    days: Vec<Date>,
    kinds: Vec<i16>,
    numbers: Vec<i64>,
    points: Vec<Vec<u8>>,
}

impl Rows {
    fn of<'a>(
        blocks: impl IntoIterator<Item = (&'a (i64, Block), &'a Points)>,
    ) -> Result<Self, Fault> {
        let mut rows = Self::default();
        for ((day, block), points) in blocks {
            rows.days.push(days::from_number(*day)?);
            rows.kinds.push(i16::from(block.kind.number()));
            rows.numbers.push(block.number);
            rows.points.push(series::encode(points));
        }
        Ok(rows)
    }

    fn places(&self) -> [Value<'_>; 3] {
        [
            (&self.days, Type::DATE_ARRAY),
            (&self.kinds, Type::INT2_ARRAY),
            (&self.numbers, Type::INT8_ARRAY),
        ]
    }

    fn values(&self) -> Vec<Value<'_>> {
        let points: Value<'_> = (&self.points, Type::BYTEA_ARRAY);
        self.places().into_iter().chain([points]).collect()
    }
}

/// Merges new points into their blocks.
pub(super) async fn write(tx: &Transaction<'_>, new: Draft) -> Result<(), Fault> {
    let mut new: Days = new.into_iter().collect();
    // A block that was there and has been dropped before it was locked is made again.
    while !new.is_empty() {
        for place in insert(tx, &new).await? {
            new.remove(&place);
        }
        let mut merged = hold(tx, &new).await?;
        for (place, points) in &mut merged {
            if let Some(new) = new.remove(place) {
                series::merge(points, new);
            }
        }
        update(tx, &merged).await?;
    }
    Ok(())
}

/// Adds blocks that are not there yet; returns which.
async fn insert(tx: &Transaction<'_>, blocks: &Days) -> Result<Vec<(i64, Block)>, Fault> {
    let rows = tx
        .rows(
            "INSERT INTO series (day, kind, block, points)
             SELECT day, kind, block, points FROM UNNEST($1, $2, $3, $4)
                 AS n (day, kind, block, points)
             ORDER BY day, kind, block
             ON CONFLICT DO NOTHING RETURNING day, kind, block",
            &Rows::of(blocks)?.values(),
        )
        .await?;
    rows.iter().map(place_at).collect()
}

/// Locks blocks, as far as they are there.
async fn hold(tx: &Transaction<'_>, blocks: &Days) -> Result<Days, Fault> {
    if blocks.is_empty() {
        return Ok(Days::new());
    }
    let rows = tx
        .rows(
            "SELECT s.day, s.kind, s.block, s.points
             FROM series s JOIN UNNEST($1, $2, $3) AS n (day, kind, block)
                 USING (day, kind, block)
             ORDER BY s.day, s.kind, s.block FOR UPDATE OF s",
            &Rows::of(blocks)?.places(),
        )
        .await?;
    rows.iter().map(block_at).collect()
}

/// Replaces blocks that are held.
async fn update(tx: &Transaction<'_>, blocks: &Days) -> Result<(), Fault> {
    if blocks.is_empty() {
        return Ok(());
    }
    tx.run(
        "UPDATE series s SET points = n.points
         FROM UNNEST($1, $2, $3, $4) AS n (day, kind, block, points)
         WHERE s.day = n.day AND s.kind = n.kind AND s.block = n.block",
        &Rows::of(blocks)?.values(),
    )
    .await?;
    Ok(())
}

async fn delete(tx: &Transaction<'_>, blocks: &Days) -> Result<(), Fault> {
    if blocks.is_empty() {
        return Ok(());
    }
    tx.run(
        "DELETE FROM series s USING UNNEST($1, $2, $3) AS n (day, kind, block)
         WHERE s.day = n.day AND s.kind = n.kind AND s.block = n.block",
        &Rows::of(blocks)?.places(),
    )
    .await?;
    Ok(())
}

/// Reads three columns: day, kind, block.
fn place_at(row: &Row) -> Result<(i64, Block), Fault> {
    let block = Block { kind: kind_at(row, 1)?, number: row.try_get(2)? };
    Ok((days::number(row.try_get(0)?), block))
}

/// Reads four columns: day, kind, block, points.
fn block_at(row: &Row) -> Result<((i64, Block), Points), Fault> {
    let place = place_at(row)?;
    Ok((place, series::decode(row.try_get(3)?, place.0)?))
}

/// The days that have points, as a table `days`: a jump for each, whatever lies in between.
macro_rules! with_days {
    () => {
        "WITH RECURSIVE days (day) AS (
             SELECT min(day) FROM series
             UNION ALL
             SELECT (SELECT min(s.day) FROM series s WHERE s.day > days.day)
             FROM days WHERE day IS NOT NULL
         ) "
    };
}

pub(super) async fn read(tx: &Transaction<'_>, key: Key) -> Result<Vec<SeriesPoint>, Fault> {
    let (block, place) = series::of(&key);
    let select = concat!(
        with_days!(),
        "SELECT day, kind, block, points FROM days JOIN series USING (day)
         WHERE kind = $1 AND block = $2 ORDER BY day"
    );
    let values: [Value<'_>; 2] =
        [(&i16::from(block.kind.number()), Type::INT2), (&block.number, Type::INT8)];
    let mut points = vec![];
    for row in &tx.rows(select, &values).await? {
        let ((day, _), block) = block_at(row)?;
        if let Some(figures) = block.get(&place) {
            points.push(SeriesPoint { day: days::from_number(day)?, figures: *figures });
        }
    }
    Ok(points)
}

/// The points of all keys after a day's key; blocks are read whole.
pub(super) async fn after(
    tx: &Transaction<'_>,
    after: Option<(Date, Key)>,
    most: usize,
) -> Result<Vec<(Key, SeriesPoint)>, Fault> {
    let mut found = vec![];
    let mut next = after.map(|(day, key)| (days::number(day), series::of(&key).0));
    while found.len() < most {
        let blocks = (most - found.len()).div_ceil(USUAL);
        let rows = blocks_from(tx, next, blocks).await?;
        for row in &rows {
            let ((day, block), points) = block_at(row)?;
            let points = series::by_key(day, block, &points)?;
            found.extend(points.into_iter().filter(|(key, point)| Some((point.day, *key)) > after));
            next = Some((day, Block { number: block.number.saturating_add(1), ..block }));
        }
        if rows.len() < blocks {
            break;
        }
    }
    Ok(found)
}

async fn blocks_from(
    tx: &Transaction<'_>,
    first: Option<(i64, Block)>,
    most: usize,
) -> Result<Vec<Row>, Fault> {
    let most = limit(most);
    let Some((day, block)) = first else {
        let select =
            "SELECT day, kind, block, points FROM series ORDER BY day, kind, block LIMIT $1";
        return tx.rows(select, &[(&most, Type::INT8)]).await;
    };
    tx.rows(
        "SELECT day, kind, block, points FROM series WHERE (day, kind, block) >= ($1, $2, $3)
         ORDER BY day, kind, block LIMIT $4",
        &[
            (&days::from_number(day)?, Type::DATE),
            (&i16::from(block.kind.number()), Type::INT2),
            (&block.number, Type::INT8),
            (&most, Type::INT8),
        ],
    )
    .await
}

pub(super) async fn move_popularity(
    tx: &Transaction<'_>,
    kind: Kind,
    moved: &[(u64, f32)],
    now: Timestamp,
) -> Result<(), Fault> {
    let ids: Vec<i64> = moved.iter().map(|(id, _)| signed(*id)).collect();
    let rows = tx
        .rows(
            "SELECT id, popularity FROM heads
             WHERE kind = $1 AND id = ANY($2) AND season = -1 AND episode = -1
             ORDER BY id FOR UPDATE",
            &[(&i16::from(kind.number()), Type::INT2), (&ids, Type::INT8_ARRAY)],
        )
        .await?;
    let mut known: HashMap<u64, Option<f64>> = HashMap::with_capacity(rows.len());
    for row in &rows {
        known.insert(unsigned(row.try_get(0)?), row.try_get(1)?);
    }
    let (mut points, mut popularity) = (Draft::default(), BTreeMap::new());
    for (id, said) in moved {
        // What is no key at all has no record either.
        let Ok(key) = Key::new(kind, *id, None, None) else { continue };
        let Some(known) = known.get_mut(id) else { continue };
        let Some(moved) = Move::of(*id, *known, *said, now) else { continue };
        *known = Some(moved.popularity);
        if moved.is_charted {
            points.add(&key, now, &Figures::default(), &moved.figures());
        }
        popularity.insert(signed(*id), moved.popularity);
    }
    let (ids, popularity): (Vec<_>, Vec<_>) = popularity.into_iter().unzip();
    tx.run(
        "UPDATE heads h SET popularity = n.popularity
         FROM UNNEST($2, $3) AS n (id, popularity)
         WHERE h.kind = $1 AND h.id = n.id AND h.season = -1 AND h.episode = -1",
        &[
            (&i16::from(kind.number()), Type::INT2),
            (&ids, Type::INT8_ARRAY),
            (&popularity, Type::FLOAT8_ARRAY),
        ],
    )
    .await?;
    write(tx, points).await
}

/// Drops every point of keys.
pub(super) async fn forget<'a>(
    tx: &Transaction<'_>,
    keys: impl IntoIterator<Item = &'a Key>,
) -> Result<u64, Fault> {
    let mut places: HashMap<Block, HashSet<Place>> = HashMap::new();
    for key in keys {
        let (block, place) = series::of(key);
        places.entry(block).or_default().insert(place);
    }
    if places.is_empty() {
        return Ok(0);
    }
    let kinds: Vec<i16> = places.keys().map(|block| block.kind.number().into()).collect();
    let numbers: Vec<i64> = places.keys().map(|block| block.number).collect();
    let select = concat!(
        with_days!(),
        "SELECT s.day, s.kind, s.block, s.points
         FROM days CROSS JOIN UNNEST($1, $2) AS k (kind, block)
             JOIN series s USING (day, kind, block)
         ORDER BY s.day, s.kind, s.block FOR UPDATE OF s"
    );
    let values: [Value<'_>; 2] = [(&kinds, Type::INT2_ARRAY), (&numbers, Type::INT8_ARRAY)];
    let (mut dropped, mut left, mut emptied) = (0, Days::new(), Days::new());
    for row in &tx.rows(select, &values).await? {
        let ((day, block), mut points) = block_at(row)?;
        let before = points.len();
        if let Some(places) = places.get(&block) {
            points.retain(|place, _| !places.contains(place));
        }
        dropped += before - points.len();
        match points.len() {
            0 => _ = emptied.insert((day, block), points),
            now if now < before => _ = left.insert((day, block), points),
            _ => (),
        }
    }
    update(tx, &left).await?;
    delete(tx, &emptied).await?;
    Ok(u64::try_from(dropped).unwrap_or(u64::MAX))
}

/// What [`forget_before`] did.
pub(super) struct Forgotten {
    pub(super) points: u64,
    pub(super) is_end: bool,
}

/// Drops the points of days that began before an instant, of so many blocks.
pub(super) async fn forget_before(
    tx: &Transaction<'_>,
    before: Timestamp,
    most: usize,
) -> Result<Forgotten, Fault> {
    let last = days::from_number(series::last_day_before(before))?;
    let rows = tx
        .rows(
            "DELETE FROM series
             WHERE (day, kind, block) IN (
                 SELECT day, kind, block FROM series WHERE day <= $1
                 ORDER BY day, kind, block LIMIT $2 FOR UPDATE)
             RETURNING day, kind, block, points",
            &[(&last, Type::DATE), (&limit(most), Type::INT8)],
        )
        .await?;
    let mut points = 0;
    for row in &rows {
        points += block_at(row)?.1.len();
    }
    let points = u64::try_from(points).unwrap_or(u64::MAX);
    Ok(Forgotten { points, is_end: rows.len() < most })
}
