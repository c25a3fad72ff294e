//! The data-set universe on the real corpus, where this machine has it.

use std::sync::OnceLock;

use domain::sighting::{Export, List};
use domain::{Key, Kind, Reference};
use serde_json::Value;

use super::{detail, page, part};
use crate::dataset::Dataset;
use crate::recorded::tests::corpus;
use crate::recorded::tests::parse;
use crate::universe::{Query, Universe};

/// The corpus, read once for all tests.
fn real() -> Option<&'static Dataset> {
    static REAL: OnceLock<Option<Dataset>> = OnceLock::new();
    let dataset =
        REAL.get_or_init(|| Some(Dataset::open(&corpus::folder()?.join("datasets")).unwrap()));
    dataset.as_ref()
}

#[test]
fn the_corpus_has_all_movies_and_titanic_its_cast() {
    let Some(data) = real() else { return };
    assert_eq!((data.movies(), data.shows()), (4803, 298));
    assert_eq!(detail(data, Key::movie(597), 0)["title"], "Titanic");
    let credits = part(data, Key::movie(597), "credits");
    let names: Vec<&str> =
        credits["cast"].as_array().unwrap().iter().filter_map(|c| c["name"].as_str()).collect();
    for name in ["Kate Winslet", "Leonardo DiCaprio", "Billy Zane", "Kathy Bates"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    let jobs = credits["crew"].as_array().unwrap();
    assert!(jobs.iter().any(|c| c["name"] == "James Cameron" && c["job"] == "Director"));
    let found = page(data, "search/movie", &[("query", "titanic")]).rows;
    assert_eq!(parse(&found[0])["id"], 597);
}

#[test]
fn every_title_and_season_of_the_corpus_answers_with_its_parts() {
    let Some(data) = real() else { return };
    let mut seasons = 0;
    for key in data.keys() {
        let is_sampled = key.id() % 499 == 0;
        if matches!(key.kind(), Kind::Movie | Kind::Tv) || is_sampled {
            assert!(detail(data, key, 0)["id"].is_u64(), "{key}");
        }
        if key.kind() == Kind::Season {
            seasons += 1;
            let season = data.detail(key, &Query::new(), 0).unwrap();
            let season = serde_json::from_slice::<Value>(&season);
            assert!(season.is_ok_and(|season| season["episodes"].is_array()), "{key}");
        }
        let parts = if is_sampled { crate::compose::parts(key.kind()) } else { &[] };
        for name in parts.iter().filter(|name| !(key.kind() == Kind::Keyword && **name == "movies"))
        {
            assert!(part(data, key, name).is_object(), "{key}/{name}");
        }
    }
    assert_eq!(seasons, 1208);
}

#[test]
fn every_list_reference_and_export_of_the_corpus_is_full() {
    let Some(data) = real() else { return };
    for list in List::all() {
        assert_eq!(page(data, &list.path(), &[]).rows.len(), 20, "{}", list.path());
    }
    for reference in Reference::ALL {
        assert!(
            data.reference(reference).is_some_and(|body| body.len() > 50),
            "{}",
            reference.path()
        );
    }
    let count = |export| data.export(export, 1).filter(|line| parse(line)["id"].is_u64()).count();
    assert_eq!(page(data, "trending/person/day", &[]).total_pages, 500);
    assert_eq!(count(Export::Movie), 4803);
    assert_eq!(count(Export::Tv), 298);
    assert!(count(Export::Person) > 104_000);
    assert!(count(Export::Keyword) > 9_000 && count(Export::Company) > 5_000);
    assert!(data.list("movie/top_rated", 3, &Query::new(), 0).unwrap().rows.len() == 20);
}
