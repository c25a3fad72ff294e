//! Files of ratings, whole and broken, into a store.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use domain::Key;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::watch::Unwatched;

const IMDB: &str =
    "tconst\taverageRating\tnumVotes\ntt0000001\t5.7\t2250\ntt0137523\t8.8\t2600000\n";

/// [`IMDB`] with so many titles more.
fn long(more: usize) -> String {
    let lines: Vec<_> =
        (0..more).map(|id| format!("tt9{id:07}\t{}.{}\t{id}\n", id % 10, id % 7)).collect();
    IMDB.to_owned() + &lines.concat()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(vec![], Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// A store with the movie 550, which IMDb calls tt0137523.
async fn stores() -> Stores {
    let store = store::open("sqlite::memory:").await.unwrap();
    let json = br#"{"title": "Fight Club", "imdb_id": "tt0137523"}"#;
    let at = Timestamp::from_millis(1);
    let record = records::record(Key::movie(550), json, "", at).unwrap().0;
    store.catalog.put(&[record]).await.unwrap();
    Stores {
        queue: Arc::clone(&store.queue),
        archive: Arc::clone(&store.archive),
        catalog: Arc::clone(&store.catalog),
        ledger: Arc::clone(&store.ledger),
        budget: Arc::clone(&store.budget),
        schedule: Arc::clone(&store.schedule),
        workers: Arc::clone(&store.workers),
        requests: Arc::clone(&store.requests),
        access: Arc::clone(&store.access),
        replies: Arc::clone(&store.replies),
    }
}

async fn import_into(stores: &Stores, content: &[u8]) -> Result<Imported, PipelineError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ratings");
    std::fs::write(&path, content).unwrap();
    let (source, now) = ("imdb".parse().unwrap(), Timestamp::from_millis(9));
    import(stores, path, &source, now, &Unwatched, &CancellationToken::new()).await
}

/// Imports a good file, and compares the ratings of the movie as `(value, scale, votes)`.
async fn check(content: &[u8], wanted: Imported, rating: Option<(f64, f64, u64)>) {
    let stores = stores().await;
    assert_eq!(import_into(&stores, content).await.unwrap(), wanted);
    let work = stores.catalog.work(Key::movie(550)).await.unwrap().unwrap();
    let ratings: Vec<_> =
        work.ratings.iter().map(|one| (one.value, one.scale, one.votes)).collect();
    assert_eq!(ratings, rating.into_iter().collect::<Vec<_>>());
}

/// Imports a file that must be refused with all these words, and leave no rating.
async fn check_refused(content: &[u8], says: &[&str]) {
    let stores = stores().await;
    let error = import_into(&stores, content).await.unwrap_err().to_string();
    for words in says {
        assert!(error.contains(words), "`{words}` is not in: {error}");
    }
    assert!(stores.catalog.imported().await.unwrap().is_empty());
}

fn all(ratings: u64, titles: u64) -> Imported {
    Imported { ratings, titles, ..Imported::default() }
}

#[tokio::test]
async fn imdbs_file_is_read_plain_and_compressed() {
    let rating = Some((8.8, 10.0, 2_600_000));
    check(IMDB.as_bytes(), all(2, 1), rating).await;
    check(&gzip(IMDB), all(2, 1), rating).await;
    // In several members, as some tools compress.
    let (first, second) = IMDB.split_at(60);
    check(&[gzip(first), gzip(second)].concat(), all(2, 1), rating).await;
    check(IMDB.replace('\n', "\r\n").as_bytes(), all(2, 1), rating).await;
}

#[tokio::test]
async fn a_csv_file_names_titles_by_imdb_id_or_key() {
    let by_imdb = "votes,imdb_id,value\n12,tt0137523,7.5\n";
    check(by_imdb.as_bytes(), all(1, 1), Some((7.5, 10.0, 12))).await;
    let by_key = "Kind,TMDB_ID,title,value,scale,votes\nmovie,550,\"Fight, Club\",75,100,12\n";
    check(by_key.as_bytes(), all(1, 1), Some((75.0, 100.0, 12))).await;
    let either = "imdb_id,kind,tmdb_id,value,votes,scale\n,movie,550,4,9,5\ntt9,,,1,1,\n";
    check(either.as_bytes(), all(2, 1), Some((4.0, 5.0, 9))).await;
    let marked = "\u{feff}imdb_id,value,votes\ntt0137523,7.5,12\n";
    check(marked.as_bytes(), all(1, 1), Some((7.5, 10.0, 12))).await;
}

#[tokio::test]
async fn bad_lines_are_counted_and_the_first_is_named() {
    let text = "imdb_id,value,votes\ntt1,8,9\ntt2,11,9\n\nnm3,8,9\ntt4,8\ntt5,8,-1\ntt6,x,1\n\
                tt7,NaN,1\ntt0137523,8,9\n";
    let bad = Imported {
        bad_lines: 6,
        first_bad: Some("line 3: 11 is not on the scale of 0 to 10".to_owned()),
        ..all(2, 1)
    };
    check(text.as_bytes(), bad, Some((8.0, 10.0, 9))).await;
}

#[tokio::test]
async fn a_file_that_is_not_of_ratings_is_refused() {
    for heading in ["", "a,b,c", "imdb_id,value", "value,votes", "tmdb_id,value,votes"] {
        let text = format!("{heading}\ntt0137523,8.8,9\n");
        check_refused(text.as_bytes(), &["heading", "imdb_id", "averageRating"]).await;
    }
    check_refused(b"", &["heading"]).await;
    check_refused(&[0x89, b'P', b'N', b'G', 0, 1], &["heading"]).await;
    check_refused(b"imdb_id,value,votes\n", &["no ratings"]).await;
    check_refused(
        b"imdb_id,value,votes\nx,8,9\nx,8,9\n",
        &["none of its 2 lines", "line 2", "`x`"],
    )
    .await;
}

#[tokio::test]
async fn a_cut_or_spoilt_file_changes_nothing() {
    let whole = gzip(&long(40_000));
    for length in [whole.len() / 2, whole.len() - 4] {
        check_refused(&whole[..length], &["cannot be read"]).await;
    }
    let mut spoilt = whole.clone();
    let place = whole.len() - 5;
    spoilt[place] ^= 0x55;
    check_refused(&spoilt, &["cannot be read"]).await;
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let stores = stores().await;
    let (source, path) = ("imdb".parse().unwrap(), Path::new("/no/such/ratings.tsv"));
    let now = Timestamp::from_millis(9);
    let stop = CancellationToken::new();
    let failed = import(&stores, path.to_owned(), &source, now, &Unwatched, &stop).await;
    let error = failed.unwrap_err().to_string();
    assert!(error.contains("/no/such/ratings.tsv: cannot be opened"), "{error}");
}

#[tokio::test]
async fn a_stopped_import_says_so_and_can_be_done_again() {
    let stores = stores().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ratings");
    // More than fits between the reader and the store.
    std::fs::write(&path, long(6 * file::BATCH)).unwrap();
    let (source, now) = ("imdb".parse().unwrap(), Timestamp::from_millis(9));
    let stop = CancellationToken::new();
    stop.cancel();
    let stopped = import(&stores, path, &source, now, &Unwatched, &stop).await;
    assert!(matches!(stopped, Err(PipelineError::Stopped)));
    assert_eq!(import_into(&stores, IMDB.as_bytes()).await.unwrap(), all(2, 1));
    assert_eq!(import_into(&stores, IMDB.as_bytes()).await.unwrap(), all(2, 1));
    assert_eq!(stores.catalog.imported().await.unwrap()[0].ratings, 2);
}

#[tokio::test]
async fn more_than_a_batch_is_imported_to_the_last_line() {
    let more = 2 * file::BATCH + 1;
    check(long(more).as_bytes(), all(2 + more as u64, 1), Some((8.8, 10.0, 2_600_000))).await;
}
