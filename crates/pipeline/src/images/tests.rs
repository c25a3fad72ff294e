//! Syncs against a fake server, with a clock that the tests turn.

mod supply;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Record;
use domain::images::{Failed, ImageWants};
use fake_tmdb::{Generated, Options, Server};
use store::Store;
use tempfile::TempDir;
use tmdb::{Client, Config, Credential};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::clock::Clock;
use crate::watch::Unwatched;

const DAY: Duration = Duration::from_hours(24);
const START: i64 = 1_767_225_600_000;

struct Bench {
    at: TempDir,
    store: Store,
    server: Server,
    gallery: Gallery,
    now: Arc<AtomicI64>,
    options: SyncOptions,
}

impl Bench {
    /// So many movies with a poster each, the first the most popular.
    async fn new(movies: u64) -> Self {
        let universe = Generated::starting(10, 7, jiff::civil::date(2026, 1, 1));
        let server = fake_tmdb::start(Options::new(Arc::new(universe))).await.unwrap();
        let store = store::open("sqlite::memory:").await.unwrap();
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().join("images");
        let gallery = Gallery::new(Arc::clone(&store.images), folder, server.images_url());
        let options = SyncOptions {
            wants: ImageWants {
                sizes: vec![(domain::images::ImageKind::Poster, "w92".parse().unwrap())],
                stills: 0,
                min_popularity: 0.0,
            },
            terms: ImageTerms::default(),
            cap_bytes: 1 << 30,
            limit_bytes: 1 << 20,
            requests_per_second: 0,
            connections: 4,
            tries: 2,
            limit: None,
        };
        let now = Arc::new(AtomicI64::new(START));
        let bench = Self { at, store, server, gallery, now, options };
        for id in 1..=movies {
            bench.movie(id, 1_000.0 - id as f64, &format!("/poster{id}.jpg")).await;
        }
        bench
    }

    async fn movie(&self, id: u64, popularity: f64, poster: &str) {
        let json = format!(
            r#"{{"id": {id}, "title": "x", "popularity": {popularity}, "poster_path": "{poster}"}}"#
        );
        let record = records::record(Key::movie(id), json.as_bytes(), "x", self.now());
        let record: Record = record.unwrap().0;
        self.store.catalog.put(&[record]).await.unwrap();
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed))
    }

    fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    async fn try_sync(&self) -> Result<Synced, PipelineError> {
        let config = Config { images_url: self.server.images_url(), ..Config::default() };
        let client = Client::new(config, Credential::None).unwrap();
        let now = Arc::clone(&self.now);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(now.load(Ordering::Relaxed)));
        let stop = CancellationToken::new();
        sync(&self.gallery, &client, &self.options, &clock, &Unwatched, &stop).await
    }

    async fn sync(&self) -> Synced {
        self.try_sync().await.unwrap()
    }

    fn requests(&self) -> u64 {
        self.server.stats().total
    }

    /// The names of the files there are, in order.
    async fn files(&self) -> Vec<String> {
        let found = self.gallery.folder.walk().await.unwrap();
        assert_eq!(found.unfinished, Vec::<PathBuf>::new());
        let mut names: Vec<_> = found.names.iter().map(|name| name.path.to_string()).collect();
        names.sort();
        names
    }

    async fn is_sound(&self) {
        assert_eq!(verify(&self.gallery, false).await.unwrap().1, []);
    }

    async fn state(&self, path: &str) -> ImageState {
        self.store.images.states(&[name(path)]).await.unwrap()[0]
    }
}

fn name(path: &str) -> ImageName {
    ImageName::new("w92", path).unwrap()
}

#[tokio::test]
async fn a_second_sync_asks_for_nothing() {
    let bench = Bench::new(5).await;
    let first = bench.sync().await;
    assert_eq!((first.wanted, first.fetched, first.failed), (5, 5, 0));
    let stats = bench.store.images.stats().await.unwrap();
    assert_eq!((stats.images, stats.bytes), (5, first.fetched_bytes));
    bench.is_sound().await;
    let asked = bench.requests();
    bench.pass(DAY);
    let second = bench.sync().await;
    assert_eq!((second.kept, second.fetched, second.fetched_bytes), (5, 0, 0));
    assert_eq!(bench.requests(), asked);
}

#[tokio::test]
async fn a_limit_takes_the_most_popular() {
    let mut bench = Bench::new(5).await;
    bench.options.limit = Some(2);
    assert_eq!(bench.sync().await.fetched, 2);
    assert_eq!(bench.files().await, ["/poster1.jpg", "/poster2.jpg"]);
    bench.options.limit = None;
    bench.options.wants.min_popularity = 996.0;
    assert_eq!(bench.sync().await.wanted, 4);
}

#[tokio::test]
async fn a_full_folder_keeps_the_most_popular_and_a_sync_ends() {
    let mut bench = Bench::new(12).await;
    let all = bench.sync().await.fetched_bytes;
    bench.options.cap_bytes = all / 2;
    bench.pass(DAY);
    let synced = bench.sync().await;
    assert!(synced.is_full && synced.evicted >= 6, "{synced:?}");
    let stats = bench.store.images.stats().await.unwrap();
    assert!(stats.bytes <= all / 2, "{} of {all}", stats.bytes);
    bench.is_sound().await;
    let kept = bench.files().await;
    assert!(kept.contains(&"/poster1.jpg".to_owned()), "{kept:?}");
    assert!(!kept.contains(&"/poster12.jpg".to_owned()), "{kept:?}");
    // What became popular takes the place of the least popular.
    bench.movie(99, 5_000.0, "/new.jpg").await;
    bench.pass(DAY);
    let synced = bench.sync().await;
    assert!(synced.fetched >= 1 && synced.evicted >= 1, "{synced:?}");
    let now = bench.files().await;
    assert!(now.contains(&"/new.jpg".to_owned()) && now.contains(&"/poster1.jpg".to_owned()));
    // What had to make room for more than itself comes back; then it rests, and
    // at most the images that did not fit are asked for.
    bench.pass(DAY);
    bench.sync().await;
    let asked = bench.requests();
    bench.pass(DAY);
    let synced = bench.sync().await;
    assert_eq!((synced.fetched, synced.evicted), (0, 0), "{synced:?}");
    assert!(bench.requests() - asked <= bench.options.connections as u64);
    bench.is_sound().await;
}

#[tokio::test]
async fn an_image_larger_than_the_cap_drops_nothing() {
    let mut bench = Bench::new(2).await;
    bench.sync().await;
    bench.options.cap_bytes = bench.store.images.stats().await.unwrap().bytes;
    bench.options.wants.sizes[0].1 = "original".parse().unwrap();
    bench.pass(DAY);
    let synced = bench.sync().await;
    assert_eq!((synced.failed, synced.evicted, synced.is_full), (2, 0, false), "{synced:?}");
    assert_eq!(bench.files().await.len(), 2);
    assert_eq!(bench.sync().await.waiting, 2);
}

#[tokio::test]
async fn files_and_rows_that_lost_each_other_heal() {
    let bench = Bench::new(3).await;
    bench.sync().await;
    let folder = bench.at.path().join("images");
    let file = |path: &str| folder.join(name(path).place());
    std::fs::remove_file(file("/poster1.jpg")).unwrap();
    std::fs::write(file("/poster2.jpg"), b"cut").unwrap();
    for stray in ["/stray.jpg", "/poster3.jpg.part"] {
        let path = format!("{}/w92/{}{stray}", folder.display(), &stray[1..3]);
        std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(path, b"x").unwrap();
    }
    let (images, faults) = verify(&bench.gallery, false).await.unwrap();
    assert_eq!((images, faults.len()), (3, 3), "{faults:?}");
    let synced = bench.sync().await;
    assert_eq!((synced.swept, synced.fetched, synced.kept), (2, 2, 1), "{synced:?}");
    bench.is_sound().await;
}

#[tokio::test]
async fn a_spoilt_file_is_found_and_repaired() {
    let bench = Bench::new(2).await;
    bench.sync().await;
    let path = bench.gallery.folder.path(&name("/poster1.jpg"));
    let length = std::fs::metadata(&path).unwrap().len();
    std::fs::write(&path, vec![0; usize::try_from(length).unwrap()]).unwrap();
    let (_, faults) = verify(&bench.gallery, true).await.unwrap();
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].image == "w92/poster1.jpg" && faults[0].what.contains("header"),
        "{faults:?}"
    );
    bench.is_sound().await;
    assert_eq!(bench.sync().await.fetched, 1);
}

#[tokio::test]
async fn an_image_is_fetched_anew_at_150_days_and_purged_at_180() {
    let bench = Bench::new(2).await;
    bench.sync().await;
    bench.pass(DAY * 149);
    assert_eq!(bench.sync().await.fetched, 0);
    bench.movie(2, 1.0, "/other.jpg").await;
    bench.pass(DAY);
    let synced = bench.sync().await;
    assert_eq!((synced.fetched, synced.kept), (2, 0), "{synced:?}");
    // Nobody wants the old poster of the second movie any more.
    bench.pass(DAY * 30);
    let before = bench.now() - DAY * 180;
    assert_eq!(bench.gallery.purge(before).await.unwrap(), 0);
    bench.pass(Duration::from_millis(1));
    let address = bench.gallery.address(&name("/poster2.jpg"), bench.now()).await.unwrap();
    assert!(matches!(address, Address::Tmdb(_)), "{address:?}");
    assert_eq!(bench.gallery.purge(bench.now() - DAY * 180).await.unwrap(), 1);
    assert_eq!(bench.files().await, ["/other.jpg", "/poster1.jpg"]);
    bench.is_sound().await;
}

#[tokio::test]
async fn images_go_with_their_keys() {
    let bench = Bench::new(3).await;
    bench.sync().await;
    let keys = [Key::movie(2), Key::tv(1)];
    assert_eq!(bench.gallery.remove(&keys).await.unwrap(), 1);
    assert_eq!(bench.files().await, ["/poster1.jpg", "/poster3.jpg"]);
    assert_eq!(bench.state("/poster2.jpg").await, ImageState::Unknown);
    bench.is_sound().await;
}

#[tokio::test]
async fn a_missing_image_falls_back_and_is_not_asked_for_again() {
    let bench = Bench::new(1).await;
    // The fake has no picture below a folder it does not know.
    let client_url = bench.server.images_url();
    let lost = Gallery::new(
        Arc::clone(&bench.store.images),
        bench.at.path().join("images"),
        format!("{client_url}/nowhere"),
    );
    let config = Config { images_url: format!("{client_url}/nowhere"), ..Config::default() };
    let client = Client::new(config, Credential::None).unwrap();
    let now = bench.now();
    let clock: Clock = Arc::new(move || now);
    let stop = CancellationToken::new();
    let attempt =
        async || sync(&lost, &client, &bench.options, &clock, &Unwatched, &stop).await.unwrap();
    let synced = attempt().await;
    assert_eq!((synced.gone, synced.fetched), (1, 0), "{synced:?}");
    let asked = bench.requests();
    assert_eq!(attempt().await.waiting, 1);
    assert_eq!(bench.requests(), asked);
    let state = bench.state("/poster1.jpg").await;
    assert_eq!(state, ImageState::Failed(Failed { attempts: 1, retry_at: None }));
    let address = lost.address(&name("/poster1.jpg"), now).await.unwrap();
    assert_eq!(address, Address::Tmdb(format!("{client_url}/nowhere/w92/poster1.jpg")));
}

#[tokio::test]
async fn a_server_that_is_away_ends_the_sync_and_keeps_what_there_was() {
    let mut bench = Bench::new(40).await;
    bench.options.limit = Some(5);
    bench.sync().await;
    bench.options.limit = None;
    // A port that nobody listens at.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/t/p", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(Config { images_url: url, ..Config::default() }, Credential::None);
    let (now, stop) = (bench.now(), CancellationToken::new());
    let clock: Clock = Arc::new(move || now);
    let client = client.unwrap();
    let error = sync(&bench.gallery, &client, &bench.options, &clock, &Unwatched, &stop).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("24 in a row"), "{error}");
    assert_eq!(bench.files().await.len(), 5);
    // Noted failures wait an hour, the others do not.
    let synced = bench.sync().await;
    assert_eq!((synced.kept, synced.fetched, synced.waiting), (5, 11, 24), "{synced:?}");
    bench.pass(Duration::from_hours(1));
    assert_eq!(bench.sync().await.fetched, 24);
}

#[tokio::test]
async fn use_is_noted_once_a_day() {
    let bench = Bench::new(1).await;
    bench.sync().await;
    let wanted = name("/poster1.jpg");
    let used = async || match bench.state("/poster1.jpg").await {
        ImageState::Held { used_at, .. } => used_at,
        state => panic!("{state:?}"),
    };
    let first = bench.now();
    for (time, is_noted) in [(DAY / 2, false), (DAY / 2, true), (DAY / 2, false)] {
        bench.pass(time);
        let address = bench.gallery.address(&wanted, bench.now()).await.unwrap();
        assert_eq!(address, Address::Local(bench.gallery.folder.path(&wanted)));
        assert_eq!(used().await == bench.now(), is_noted);
    }
    assert!(used().await > first);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_a_clear_error() {
    let bench = Bench::new(3).await;
    std::fs::create_dir_all(bench.at.path().join("images")).unwrap();
    std::fs::write(bench.at.path().join("images/w92"), b"in the way").unwrap();
    let error = bench.try_sync().await.unwrap_err();
    assert!(matches!(&error, PipelineError::Disk { .. }), "{error}");
    assert!(error.to_string().contains("images/w92/po/poster"), "{error}");
    assert_eq!(bench.store.images.stats().await.unwrap().images, 0);
}
