//! The index by itself: rows come and go, pages follow each other.

use domain::facets::{Facets, Offered, Released, Traits, Way};
use domain::{Key, Kind, Timestamp};

use super::filter::{Filter, Groups};
use super::keeper::Titles;
use super::select::{Order, Page, Sort};

const POPULAR: Order = Order { by: Sort::Popularity, descending: true };

/// A title that no filter keeps out.
pub(crate) fn title(key: Key) -> Facets {
    Facets {
        key,
        fetched_at: Timestamp::default(),
        title: format!("Title {}", key.id()),
        original_title: format!("Title {}", key.id()),
        original_language: Some("en".to_owned()),
        popularity: key.id() as f64,
        vote_average: 5.0,
        vote_count: 10,
        released: Some(0),
        runtime: Some(90),
        adult: false,
        traits: Traits::default(),
    }
}

pub(crate) fn movie(id: u64, change: impl FnOnce(&mut Facets)) -> Facets {
    let mut facets = title(Key::movie(id));
    change(&mut facets);
    facets
}

pub(crate) fn show(id: u64, change: impl FnOnce(&mut Facets)) -> Facets {
    let mut facets = title(Key::tv(id));
    change(&mut facets);
    facets
}

pub(crate) fn released(country: &str, sort: u8, day: i32, certification: &str) -> Released {
    let (country, certification) = (country.to_owned(), certification.to_owned());
    Released { country, sort, day: Some(day), certification }
}

pub(crate) fn offered(country: &str, provider: u32, ways: &[Way]) -> Offered {
    let ways = ways.iter().fold(0, |all, way| all | way.bit());
    Offered { country: country.to_owned(), provider, ways }
}

pub(crate) fn titles(all: &[Facets]) -> Titles {
    let titles = Titles::new();
    titles.with(|table| all.iter().for_each(|facets| table.put(facets)));
    titles
}

pub(crate) fn page(
    titles: &Titles,
    kind: Kind,
    filter: Filter,
    order: Order,
    page: u32,
) -> (Vec<u32>, u64) {
    let Page { ids, total } = titles.select(&(kind, filter, order, page));
    (ids, total)
}

fn popular(titles: &Titles, number: u32) -> (Vec<u32>, u64) {
    page(titles, Kind::Movie, Filter::default(), POPULAR, number)
}

#[test]
fn pages_follow_each_other_and_count_all() {
    // More than are held before the best are chosen.
    let all: Vec<_> = (1..=5_000).map(|id| movie(id * 7 % 5_003, |_| {})).collect();
    let titles = titles(&all);
    let mut ids = all.iter().map(|one| u32::try_from(one.key.id()).unwrap()).collect::<Vec<_>>();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    for number in [1, 2, 100, 250] {
        let first = (number as usize - 1) * 20;
        assert_eq!(popular(&titles, number), (ids[first..first + 20].to_vec(), 5_000));
    }
    assert_eq!(popular(&titles, 251), (vec![], 5_000));
}

#[test]
fn a_title_is_replaced_and_taken_away() {
    let titles = titles(&[movie(1, |_| {}), movie(2, |_| {}), show(1, |_| {})]);
    titles.with(|table| table.put(&movie(1, |it| it.popularity = 9.0)));
    assert_eq!(popular(&titles, 1), (vec![1, 2], 2));
    titles.with(|table| table.remove(Kind::Movie, 1));
    assert_eq!(popular(&titles, 1), (vec![2], 1));
    titles.with(|table| table.put(&movie(3, |_| {})));
    assert_eq!(popular(&titles, 1), (vec![3, 2], 2));
    assert_eq!(page(&titles, Kind::Tv, Filter::default(), POPULAR, 1), (vec![1], 1));
}

#[test]
fn what_lies_behind_rows_stays_theirs_through_many_changes() {
    let with = |id: u64, keyword: u32| {
        movie(id, |it| {
            it.traits.keywords = (keyword..keyword + 50).collect();
            it.traits.revenue = u64::from(keyword);
        })
    };
    let titles = titles(&(1..=30_u32).map(|id| with(id.into(), 100 * id)).collect::<Vec<_>>());
    for round in 1..40_u32 {
        titles.with(|table| table.put(&with(u64::from(round % 10 + 2), 1_000 * round)));
    }
    let found = |keyword: u32| {
        let filter = Filter { keywords: Groups::one_of(vec![keyword]), ..Filter::default() };
        page(&titles, Kind::Movie, filter, POPULAR, 1).0
    };
    assert_eq!(found(39_049), [11]);
    assert_eq!(found(1_000), [] as [u32; 0]);
    assert_eq!(found(120), [1]);
    let (titles, bytes) = titles.with(|table| table.size());
    assert_eq!(titles, 30);
    assert!(bytes < 200_000, "{bytes} bytes are too many for what is there");
}

#[tokio::test]
async fn the_index_follows_the_catalogue() {
    let store = store::open("sqlite::memory:").await.unwrap();
    let put = async |id, at| {
        let at = Timestamp::from_millis(at);
        let json = format!(r#"{{"id": {id}, "title": "T", "popularity": {id}}}"#);
        let record = records::record(Key::movie(id), json.as_bytes(), "x", at).unwrap().0;
        store.catalog.put(&[record]).await.unwrap();
    };
    put(1, 5).await;
    put(2, 5).await;
    let titles = Titles::new();
    titles.load(&*store.catalog).await.unwrap();
    assert_eq!(popular(&titles, 1), (vec![2, 1], 2));
    put(3, 9).await;
    titles.poll(&*store.catalog, Timestamp::from_millis(10)).await.unwrap();
    assert_eq!(popular(&titles, 1).1, 2);
    titles.poll(&*store.catalog, Timestamp::from_millis(9)).await.unwrap();
    assert_eq!(popular(&titles, 1), (vec![3, 2, 1], 3));
    store.catalog.remove(&[Key::movie(2)]).await.unwrap();
    store.catalog.move_popularity(Kind::Movie, &[(1, 7.0)]).await.unwrap();
    titles.load(&*store.catalog).await.unwrap();
    assert_eq!(popular(&titles, 1), (vec![1, 3], 2));
}
