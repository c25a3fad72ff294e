//! Titles and people that seem to be the one outlined.

use domain::catalogue::Alike;
use domain::deletion::Likeness;
use domain::outline::Outline;
use domain::{Key, Kind};
use rusqlite::{Connection, Params, Row};

use super::{Fault, work_id};
use crate::sqlite::columns::{signed, unsigned};

pub(super) fn find(db: &Connection, key: Key, outline: &Outline) -> Result<Vec<Alike>, Fault> {
    let mut found = Found { own: key, all: vec![] };
    match key.kind() {
        Kind::Movie | Kind::Tv => works(db, outline, &mut found)?,
        Kind::Person => people(db, outline, &mut found)?,
        _ => (),
    }
    Ok(found.likeliest_first())
}

struct Found {
    own: Key,
    all: Vec<(Alike, f64)>,
}

impl Found {
    /// `id` is TMDB's.
    fn add(&mut self, id: u64, popularity: f64, reason: Likeness) -> Result<(), Fault> {
        let key = Key::new(self.own.kind(), id, None, None);
        let key = key.map_err(|error| Fault::corrupt(error.to_string()))?;
        self.all.push((Alike { key, reason }, popularity));
        Ok(())
    }

    /// Each key once, for its best reason; of equally likely ones the more popular.
    fn likeliest_first(mut self) -> Vec<Alike> {
        self.all.sort_by(|(a, a_popularity), (b, b_popularity)| {
            let likelier = b.reason.confidence().total_cmp(&a.reason.confidence());
            likelier.then(b_popularity.total_cmp(a_popularity)).then(a.key.cmp(&b.key))
        });
        let mut alike: Vec<Alike> = vec![];
        for (one, _) in self.all {
            if alike.iter().all(|other| other.key != one.key) {
                alike.push(one);
            }
        }
        alike
    }
}

fn works(db: &Connection, outline: &Outline, found: &mut Found) -> Result<(), Fault> {
    let (kind, own) = (found.own.kind().as_str(), work_id(&found.own));
    if let Some(imdb_id) = &outline.imdb_id {
        each(
            db,
            "SELECT tmdb_id, popularity FROM works
             WHERE imdb_id = ?1 AND +kind = ?2 AND work_id IS NOT ?3",
            (imdb_id, kind, own),
            |row| found.add(unsigned(row.get(0)?), row.get(1)?, Likeness::ImdbId),
        )?;
    }
    let (Some(name), Some(released)) = (&outline.name, outline.released) else { return Ok(()) };
    let (name, year, released) = (folded(name), released.year(), released.to_string());
    // All titles of a year, some ten thousand, are read: SQLite folds no case but ASCII's.
    // The plus keeps it from the index by kind, which is half the table.
    each(
        db,
        "SELECT tmdb_id, popularity, title, release_date FROM works
         WHERE release_date >= ?1 AND release_date <= ?2 AND +kind = ?3 AND work_id IS NOT ?4",
        (format!("{year:04}-01-01"), format!("{year:04}-12-31"), kind, own),
        |row| {
            if folded(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?) != name {
                return Ok(());
            }
            let is_same_day = row.get::<_, String>(3)? == released;
            let reason = if is_same_day { Likeness::TitleAndDate } else { Likeness::TitleAndYear };
            found.add(unsigned(row.get(0)?), row.get(1)?, reason)
        },
    )
}

fn people(db: &Connection, outline: &Outline, found: &mut Found) -> Result<(), Fault> {
    let own = signed(found.own.id());
    if let Some(imdb_id) = &outline.imdb_id {
        each(
            db,
            "SELECT person_id, popularity FROM people WHERE imdb_id = ?1 AND person_id <> ?2",
            (imdb_id, own),
            |row| found.add(unsigned(row.get(0)?), row.get(1)?, Likeness::ImdbId),
        )?;
    }
    let (Some(name), Some(born)) = (&outline.name, outline.born) else { return Ok(()) };
    let name = folded(name);
    each(
        db,
        "SELECT person_id, popularity, name FROM people WHERE birthday = ?1 AND person_id <> ?2",
        (born.to_string(), own),
        |row| {
            if folded(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?) != name {
                return Ok(());
            }
            found.add(unsigned(row.get(0)?), row.get(1)?, Likeness::TitleAndDate)
        },
    )
}

fn each(
    db: &Connection,
    sql: &str,
    values: impl Params,
    mut see: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(values)?;
    while let Some(row) = rows.next()? {
        see(row)?;
    }
    Ok(())
}

/// In lower case, with one space between words.
fn folded(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn case_and_spaces_tell_no_two_names_apart() {
        assert_eq!(folded(" ÉCOLE\u{a0} des   Femmes"), "école des femmes");
        assert_eq!(folded(""), "");
    }
}
