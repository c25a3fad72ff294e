//! A catalogue that is made up while it is read: as large as one likes, in no memory.

use async_trait::async_trait;
use domain::catalogue::{
    Alike, Card, CastMember, CountryProviders, CrewMember, ListEntry, ListName, ListPage, Person,
    Rating, Rescored, SimilarWork, Trailer, Work, WorkPage, WorkQuery, WorkRow,
};
use domain::facets::{ExternalSource, Facets, NamePage, NameQuery};
use domain::outline::Outline;
use domain::rating::{ImportedRating, ImportedSource, RatingSource};
use domain::{Catalog, Key, Kind, Record, StoreError, Timestamp};

/// Movies and people of the ids from 1 to a last one, as far as there are any.
pub(crate) struct Made {
    pub(crate) movies: (u64, Box<dyn Fn(u64) -> Option<Work> + Send + Sync>),
    pub(crate) people: (u64, Box<dyn Fn(u64) -> Option<Person> + Send + Sync>),
    pub(crate) entries: Vec<(ListName, ListEntry)>,
}

/// Implements the port: what exports read, and an error for all else.
macro_rules! made {
    ($($name:ident($($type:ty),*) -> $result:ty;)*) => {
        #[async_trait]
        impl Catalog for Made {
            $(async fn $name(&self, $(_: $type),*) -> Result<$result, StoreError> {
                Err(StoreError::Corrupt(concat!(stringify!($name), " is not made up").to_owned()))
            })*

            async fn works_after(
                &self,
                after: Option<Key>,
                limit: usize,
            ) -> Result<Vec<Work>, StoreError> {
                let (last, make) = &self.movies;
                let first = match after {
                    Some(key) if key.kind() != Kind::Movie => return Ok(vec![]),
                    after => after.map_or(1, |key| key.id().saturating_add(1)),
                };
                Ok((first..=*last).filter_map(make).take(limit).collect())
            }

            async fn people_after(
                &self,
                after: Option<u64>,
                limit: usize,
            ) -> Result<Vec<Person>, StoreError> {
                let (last, make) = &self.people;
                let first = after.map_or(1, |id| id + 1);
                Ok((first..=*last).filter_map(make).take(limit).collect())
            }

            async fn entries_after(
                &self,
                after: Option<(ListName, u32)>,
                limit: usize,
            ) -> Result<Vec<(ListName, ListEntry)>, StoreError> {
                let is_read = |entry: &&(ListName, ListEntry)| {
                    Some((entry.0.clone(), entry.1.rank)) != after
                };
                let read = self.entries.iter().take_while(is_read).count();
                let skipped = if after.is_some() { read + 1 } else { 0 };
                Ok(self.entries.iter().skip(skipped).take(limit).cloned().collect())
            }
        }
    };
}

made! {
    put(&[Record]) -> ();
    remove(&[Key]) -> ();
    move_popularity(Kind, &[(u64, f32)]) -> ();
    alike(Key, &Outline) -> Vec<Alike>;
    forget_lists(Timestamp) -> u64;
    wanted_similar(&[String], usize) -> Vec<Key>;
    import_ratings(&RatingSource, &[ImportedRating], Timestamp) -> u64;
    imported() -> Vec<ImportedSource>;
    forget_ratings(&RatingSource) -> u64;
    rescore(Option<Key>, usize) -> Rescored;
    clear() -> ();
    work(Key) -> Option<Work>;
    card(Key) -> Option<Card>;
    person(u64) -> Option<Person>;
    query(&WorkQuery) -> WorkPage;
    put_list_page(&ListPage) -> ();
    list(&ListName, usize) -> Vec<ListEntry>;
    readings(&str) -> Vec<ListName>;
    facets_after(Option<Key>, usize) -> Vec<Facets>;
    facets_since(Timestamp, Option<Key>, usize) -> Vec<Facets>;
    search(&NameQuery) -> NamePage;
    by_external_id(ExternalSource, &str) -> Vec<Key>;
    counts() -> Vec<(Kind, u64)>;
}

/// A number that is as good as random, the same each time.
fn mixed(id: u64, salt: u64) -> u64 {
    let mut x = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 29)
}

const WORDS: [&str; 24] = [
    "river", "stranger", "midnight", "letter", "garden", "sheriff", "flood", "violin", "mirror",
    "castle", "winter", "machine", "secret", "island", "captain", "orchard", "thunder", "witness",
    "summer", "lantern", "harbour", "silence", "mountain", "queen",
];

fn words(id: u64, salt: u64, count: u64) -> String {
    let word = |number| WORDS[(mixed(id, salt + number) % 24) as usize];
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

/// A movie with about as many parts as TMDB's have on the average.
#[expect(clippy::too_many_lines, reason = "a list of fields")]
pub(crate) fn movie(id: u64, fetched_at: Timestamp) -> Work {
    let votes = mixed(id, 1) % 5_000;
    let average = (mixed(id, 2) % 100) as f64 / 10.0;
    let (year, month, day) =
        (1900 + mixed(id, 3) % 125, 1 + mixed(id, 4) % 12, 1 + mixed(id, 5) % 28);
    let person = |place: u64| 1 + mixed(id, 100 + place) % 900_000;
    let cast = (0..12).map(|place: u32| CastMember {
        person_id: person(place.into()),
        name: words(person(place.into()), 7, 2),
        character: Some(words(id, 200 + u64::from(place), 2)),
        order: place,
        profile_path: None,
        gender: Some(1 + place % 2),
    });
    let crew = (20..26).map(|place| CrewMember {
        person_id: person(place),
        name: words(person(place), 7, 2),
        job: ["Director", "Producer", "Writer", "Editor"][(place % 4) as usize].to_owned(),
        department: Some("Production".to_owned()),
        profile_path: None,
    });
    let similar = (0..4).map(|rank| SimilarWork {
        kind: "movie".to_owned(),
        tmdb_id: 1 + mixed(id, 300 + u64::from(rank)) % 1_000_000,
        source: "recommendations".to_owned(),
        rank,
        title: Some(words(id, 400 + u64::from(rank), 2)),
    });
    Work {
        row: WorkRow {
            kind: "movie".to_owned(),
            tmdb_id: id,
            imdb_id: id.is_multiple_of(2).then(|| format!("tt{:07}", id + 1_000_000)),
            title: words(id, 10, 3),
            original_title: Some(words(id, 10, 3)),
            original_language: Some(
                ["en", "de", "ja", "fr"][(mixed(id, 6) % 4) as usize].to_owned(),
            ),
            year: i32::try_from(year).ok(),
            release_date: Some(format!("{year}-{month:02}-{day:02}")),
            runtime_minutes: Some(60 + (mixed(id, 8) % 100) as u32),
            genres: vec!["Drama".to_owned(), WORDS[(id % 24) as usize].to_owned()],
            vote_average: Some(average),
            vote_count: votes,
            popularity: (mixed(id, 9) % 100_000) as f64 / 1_000.0,
            score_0_100: None,
            adult: false,
            last_refreshed_at: fetched_at,
        },
        tagline: id.is_multiple_of(3).then(|| words(id, 30, 6)),
        overview: Some(words(id, 50, 45)),
        status: Some("Released".to_owned()),
        cast: cast.collect(),
        crew: crew.collect(),
        trailers: vec![Trailer {
            name: "Trailer".to_owned(),
            site: "YouTube".to_owned(),
            key: format!("{:011x}", mixed(id, 11) >> 20),
            kind: "Trailer".to_owned(),
            official: true,
            language: Some("en".to_owned()),
        }],
        providers: vec![CountryProviders {
            country: "US".to_owned(),
            flatrate: vec!["Netflix".to_owned()],
            buy: vec!["Apple TV".to_owned(), "Amazon Video".to_owned()],
            ..CountryProviders::default()
        }],
        keywords: vec![words(id, 12, 1), words(id, 13, 2)],
        countries: vec!["US".to_owned()],
        ratings: vec![Rating {
            source: "TMDB".to_owned(),
            value: average,
            scale: 10.0,
            value_0_100: average * 10.0,
            votes,
            last_seen_at: fetched_at,
        }],
        similar: similar.collect(),
        ..Work::default()
    }
}
