//! The port to the catalogue: SQL rows made from records, and what is asked of them.

mod list;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::deletion::Likeness;
use crate::facets::{ExternalSource, Facets, NamePage, NameQuery};
use crate::failure::StoreError;
use crate::key::{Key, Kind};
use crate::outline::Outline;
use crate::rating::{ImportedRating, ImportedSource, RatingSource};
use crate::record::Record;
use crate::score::Score;
use crate::time::Timestamp;

pub use list::{ListEntry, ListName, ListPage};

/// Rows made from records; `cinemirror rebuild` makes them again.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Rewrites the rows of each record's key. The same record twice gives the same
    /// rows; one fetched before that of the rows is late, and changes none.
    async fn put(&self, records: &[Record]) -> Result<(), StoreError>;

    /// Drops the rows of keys whose records were purged. Lists and what other
    /// titles name as similar stay: other readings and records say so.
    async fn remove(&self, keys: &[Key]) -> Result<(), StoreError>;

    /// Moves the popularity of titles and people as a source says it is. Keys
    /// without a row are left out.
    ///
    /// It moves until the next [`Catalog::put`] of the key, and a rebuild: then
    /// it is the record's again.
    async fn move_popularity(&self, kind: Kind, moved: &[(u64, f32)]) -> Result<(), StoreError>;

    /// Finds other titles or people of the kind that seem to be the one
    /// outlined, the likeliest first.
    async fn alike(&self, key: Key, outline: &Outline) -> Result<Vec<Alike>, StoreError>;

    /// Drops the entries of lists that were last read before an instant.
    /// Returns how many.
    async fn forget_lists(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Lists keys that are similar to titles of these lists and have no
    /// record, those that most name first. Left out are those that TMDB
    /// answered 404 for, and dead letters.
    async fn wanted_similar(&self, lists: &[String], limit: usize) -> Result<Vec<Key>, StoreError>;

    /// Keeps ratings of a source, each in place of the source's earlier one, and
    /// scores the titles that they are of again. Titles whose records come later
    /// get theirs then. Returns how many titles of the catalogue they are of.
    async fn import_ratings(
        &self,
        source: &RatingSource,
        ratings: &[ImportedRating],
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Lists the sources of imported ratings.
    async fn imported(&self) -> Result<Vec<ImportedSource>, StoreError>;

    /// Drops all ratings of a source, and scores the titles that had one again.
    /// Returns how many ratings.
    async fn forget_ratings(&self, source: &RatingSource) -> Result<u64, StoreError>;

    /// Scores titles that have no score of today's method, so many at most, in
    /// an order of its own.
    async fn rescore(&self, after: Option<Key>, limit: usize) -> Result<Rescored, StoreError>;

    /// Drops every row that [`Catalog::put`] makes, before a rebuild. What was
    /// imported stays.
    async fn clear(&self) -> Result<(), StoreError>;

    /// Returns a title with everything the catalogue has of it.
    async fn work(&self, key: Key) -> Result<Option<Work>, StoreError>;

    /// Returns the ready-made card of a title.
    async fn card(&self, key: Key) -> Result<Option<Card>, StoreError>;

    async fn person(&self, id: u64) -> Result<Option<Person>, StoreError>;

    /// Finds titles.
    async fn query(&self, query: &WorkQuery) -> Result<WorkPage, StoreError>;

    /// Replaces one page of a list as TMDB ranks it.
    async fn put_list_page(&self, page: &ListPage) -> Result<(), StoreError>;

    /// Returns a list's keys in rank order.
    async fn list(&self, list: &ListName, limit: usize) -> Result<Vec<ListEntry>, StoreError>;

    /// Reads titles with everything the catalogue has of them, in the order of
    /// their keys, after a key. Fewer than `limit` means the end.
    async fn works_after(&self, after: Option<Key>, limit: usize) -> Result<Vec<Work>, StoreError>;

    /// Reads people in the order of their ids, after an id. Fewer than `limit`
    /// means the end.
    async fn people_after(
        &self,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Person>, StoreError>;

    /// Reads the entries of all lists, in the order of lists, regions, languages
    /// and ranks, after an entry. Fewer than `limit` means the end.
    async fn entries_after(
        &self,
        after: Option<(ListName, u32)>,
        limit: usize,
    ) -> Result<Vec<(ListName, ListEntry)>, StoreError>;

    /// Names the readings of a list: each region and language it was read in.
    async fn readings(&self, list: &str) -> Result<Vec<ListName>, StoreError>;

    /// Reads the facets of titles in the order of their keys, after a key. Fewer
    /// than `limit` means the end.
    async fn facets_after(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Facets>, StoreError>;

    /// Reads the facets of titles fetched at or after an instant, in the order of
    /// fetching, after a key of that instant. Fewer than `limit` means the end.
    async fn facets_since(
        &self,
        since: Timestamp,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Facets>, StoreError>;

    /// Finds titles, people and what else has a name.
    async fn search(&self, query: &NameQuery) -> Result<NamePage, StoreError>;

    /// Finds what has an id at another place, in the order of keys.
    async fn by_external_id(
        &self,
        source: ExternalSource,
        id: &str,
    ) -> Result<Vec<Key>, StoreError>;

    /// Counts the rows of every kind.
    async fn counts(&self) -> Result<Vec<(Kind, u64)>, StoreError>;
}

/// What one step of [`Catalog::rescore`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescored {
    pub titles: u64,
    /// Where the next step goes on; none at the end.
    pub last: Option<Key>,
}

/// A title or a person that seems to be another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alike {
    pub key: Key,
    pub reason: Likeness,
}

/// A movie or a show as one row of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WorkRow {
    /// `movie` or `tv`.
    pub kind: String,
    pub tmdb_id: u64,
    pub imdb_id: Option<String>,
    pub title: String,
    pub original_title: Option<String>,
    pub original_language: Option<String>,
    pub year: Option<i32>,
    /// `YYYY-MM-DD`; a show's first air date.
    pub release_date: Option<String>,
    pub runtime_minutes: Option<u32>,
    pub genres: Vec<String>,
    /// 0 to 10, TMDB's users'.
    pub vote_average: Option<f64>,
    pub vote_count: u64,
    pub popularity: f64,
    /// Of all sources; [`Work::score`] tells how sure it is.
    pub score_0_100: Option<f64>,
    pub adult: bool,
    pub last_refreshed_at: Timestamp,
}

/// A title with everything the catalogue has of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Work {
    #[serde(flatten)]
    pub row: WorkRow,
    pub tagline: Option<String>,
    pub overview: Option<String>,
    /// The overview cut at a word, 200 characters at most.
    pub overview_short: Option<String>,
    pub status: Option<String>,
    /// `2h 19m`.
    pub runtime_display: Option<String>,
    /// The country's rating of the home region, the United States by default.
    pub certification: Option<String>,
    /// Addresses on TMDB's image server, by size.
    pub images: WorkImages,
    pub cast: Vec<CastMember>,
    pub crew: Vec<CrewMember>,
    pub trailers: Vec<Trailer>,
    /// YouTube's key of the best trailer.
    pub trailer_key: Option<String>,
    /// Watch providers, by country code. From JustWatch.
    pub providers: Vec<CountryProviders>,
    pub keywords: Vec<String>,
    pub companies: Vec<String>,
    /// ISO 3166-1 codes.
    pub countries: Vec<String>,
    /// US dollars.
    pub budget: Option<i64>,
    pub revenue: Option<i64>,
    /// Shows only.
    pub seasons: Option<u32>,
    pub episodes: Option<u32>,
    pub last_air_date: Option<String>,
    pub next_air_date: Option<String>,
    pub networks: Vec<String>,
    pub created_by: Vec<String>,
    pub collection: Option<String>,
    pub ratings: Vec<Rating>,
    pub score: Option<Score>,
    pub similar: Vec<SimilarWork>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WorkImages {
    /// 185 pixels wide.
    pub poster_small: Option<String>,
    /// 342 pixels wide.
    pub poster_medium: Option<String>,
    /// 500 pixels wide.
    pub poster_large: Option<String>,
    pub poster_original: Option<String>,
    /// 1280 pixels wide.
    pub backdrop: Option<String>,
    /// 780 pixels wide.
    pub backdrop_mobile: Option<String>,
    /// Further backdrops, 780 pixels wide.
    pub stills: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastMember {
    pub person_id: u64,
    pub name: String,
    pub character: Option<String>,
    pub order: u32,
    /// TMDB's path of the photo, as `/abc.jpg`.
    pub profile_path: Option<String>,
    pub gender: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrewMember {
    pub person_id: u64,
    pub name: String,
    pub job: String,
    pub department: Option<String>,
    pub profile_path: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailer {
    pub name: String,
    /// `YouTube`, `Vimeo`.
    pub site: String,
    pub key: String,
    /// `Trailer`, `Teaser`, `Clip` …
    pub kind: String,
    pub official: bool,
    pub language: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryProviders {
    /// ISO 3166-1.
    pub country: String,
    pub flatrate: Vec<String>,
    pub rent: Vec<String>,
    pub buy: Vec<String>,
    pub free: Vec<String>,
    pub ads: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rating {
    /// `TMDB`, or the name of an import: `imdb` …
    pub source: String,
    /// As the source gives it.
    pub value: f64,
    /// The scale's top: 10, 100 …
    pub scale: f64,
    pub value_0_100: f64,
    pub votes: u64,
    pub last_seen_at: Timestamp,
}

/// A title that TMDB calls similar or recommends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimilarWork {
    pub kind: String,
    pub tmdb_id: u64,
    /// `similar` or `recommendations`.
    pub source: String,
    pub rank: u32,
    pub title: Option<String>,
}

/// The small ready-made JSON of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub json: String,
    /// Of the JSON, quoted as HTTP wants it.
    pub etag: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Person {
    pub tmdb_id: u64,
    pub imdb_id: Option<String>,
    pub name: String,
    pub also_known_as: Vec<String>,
    pub biography: Option<String>,
    pub birthday: Option<String>,
    pub deathday: Option<String>,
    pub place_of_birth: Option<String>,
    pub known_for_department: Option<String>,
    pub gender: Option<u32>,
    pub popularity: f64,
    pub profile_path: Option<String>,
    pub adult: bool,
    pub credits: Vec<PersonCredit>,
    pub last_refreshed_at: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonCredit {
    pub kind: String,
    pub tmdb_id: u64,
    pub title: String,
    pub year: Option<i32>,
    /// The character for cast, the job for crew.
    pub role: Option<String>,
    pub department: Option<String>,
}

/// Which titles are wanted; what is empty does not filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkQuery {
    /// `movie` or `tv`.
    pub kind: Option<Kind>,
    /// A genre's name, in any case.
    pub genre: Option<String>,
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    pub min_votes: Option<u64>,
    /// 0 to 10.
    pub min_rating: Option<f64>,
    pub language: Option<String>,
    /// Words in title, original title, overview or tagline; all must be there.
    pub text: Option<String>,
    pub adult: bool,
    pub sort: WorkSort,
    pub limit: usize,
    pub offset: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkSort {
    #[default]
    Popularity,
    Rating,
    /// Of all sources; titles without a vote last.
    Score,
    Votes,
    /// The newest first.
    Released,
    Title,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WorkPage {
    pub works: Vec<WorkRow>,
    /// How many match in all.
    pub total: u64,
}
