//! What every catalogue keeps to when everything is read, page by page.

use domain::catalogue::{ListEntry, ListName, ListPage, Person, Work};
use domain::{Key, Record};

use super::{at, put, record};
use crate::Store;

fn title(key: Key) -> Record {
    let json = format!(
        r#"{{"id": {}, "title": "{key}", "name": "{key}", "vote_average": 7.5, "vote_count": 9,
             "credits": {{"cast": [{{"id": 3, "name": "Ann"}}]}},
             "similar": {{"results": [{{"id": 4, "title": "Other"}}]}}}}"#,
        key.id()
    );
    record(key, &json, 1)
}

async fn works(store: &Store, limit: usize) -> Vec<Work> {
    let mut works: Vec<Work> = vec![];
    loop {
        let last = works.last().map(|work| {
            let kind = work.row.kind.parse().unwrap();
            Key::new(kind, work.row.tmdb_id, None, None).unwrap()
        });
        let page = store.catalog.works_after(last, limit).await.unwrap();
        let is_end = page.len() < limit;
        works.extend(page);
        if is_end {
            return works;
        }
    }
}

pub(super) async fn works_come_whole_in_the_order_of_their_keys(store: &Store) {
    assert!(works(store, 1).await.is_empty());
    let keys =
        [Key::movie(2), Key::movie(10), Key::movie(550), Key::tv(1), Key::tv(2), Key::tv(10)];
    let mut records = keys.map(title);
    records.reverse();
    put(store, &records).await;
    let mut wanted = vec![];
    for key in keys {
        wanted.push(store.catalog.work(key).await.unwrap().unwrap());
    }
    assert_eq!((wanted[0].cast.len(), wanted[0].similar.len(), wanted[0].ratings.len()), (1, 1, 1));
    assert!(wanted[0].score.is_some());
    for limit in 1..8 {
        assert_eq!(works(store, limit).await, wanted, "{limit}");
    }
    assert!(store.catalog.works_after(Some(Key::person(1)), 9).await.unwrap().is_empty());
    assert!(store.catalog.works_after(None, 0).await.unwrap().is_empty());
}

pub(super) async fn people_come_whole_in_the_order_of_their_ids(store: &Store) {
    put(store, &[287, 7, 31].map(|id| title(Key::person(id)))).await;
    let ids = |people: &[Person]| people.iter().map(|one| one.tmdb_id).collect::<Vec<_>>();
    let after = async |id, limit| store.catalog.people_after(id, limit).await.unwrap();
    let all = after(None, 9).await;
    assert_eq!(ids(&all), [7, 31, 287]);
    assert_eq!(all[2], store.catalog.person(287).await.unwrap().unwrap());
    assert_eq!(ids(&after(None, 2).await), [7, 31]);
    assert_eq!(ids(&after(Some(31), 2).await), [287]);
    assert!(after(Some(287), 2).await.is_empty());
}

pub(super) async fn entries_come_list_by_list(store: &Store) {
    let name = |list: &str, region: &str, language: &str| ListName {
        list: list.to_owned(),
        region: region.to_owned(),
        language: language.to_owned(),
    };
    let names = [
        name("a", "", ""),
        name("a", "", "de"),
        name("a", "DE", ""),
        name("a.b", "", ""),
        name("é", "", ""),
    ];
    let mut wanted = vec![];
    for name in &names {
        // Listed twice: what is read here is what was written.
        let keys = vec![Key::movie(5), Key::tv(6), Key::movie(5)];
        let entry = |(key, rank): (&Key, u32)| ListEntry { key: *key, rank, seen_at: at(1) };
        wanted.extend(keys.iter().zip(3..).map(|it| (name.clone(), entry(it))));
        let page = ListPage {
            name: name.clone(),
            page: 2,
            first_rank: 3,
            keys,
            seen_at: at(1),
            is_last: true,
        };
        store.catalog.put_list_page(&page).await.unwrap();
    }
    for limit in 1..17 {
        let mut entries: Vec<(ListName, ListEntry)> = vec![];
        loop {
            let last = entries.last().map(|(name, entry)| (name.clone(), entry.rank));
            let page = store.catalog.entries_after(last, limit).await.unwrap();
            let is_end = page.len() < limit;
            entries.extend(page);
            if is_end {
                break;
            }
        }
        assert_eq!(entries, wanted, "{limit}");
    }
}
