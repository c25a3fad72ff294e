//! Genres, recipes and regions, by the real command.

use domain::catalogue::ListName;

use crate::mirror::{Mirror, stderr};

/// What was asked of TMDB, in its order.
fn asked(mirror: &Mirror) -> Vec<String> {
    let calls = mirror.json(&["api-calls", "--limit", "1000"]);
    let calls = calls.as_array().unwrap().iter();
    calls.map(|call| call["asked"].as_str().unwrap().to_owned()).collect()
}

/// How many entries of a list were kept.
fn kept(mirror: &Mirror, list: &str, region: &str) -> usize {
    let path = mirror.folder.path().join("cinemirror.db");
    let (list, region) = (list.to_owned(), region.to_owned());
    mirror.runtime.block_on(async {
        let store = store::open(&format!("sqlite:{}", path.display())).await.unwrap();
        let name = ListName { list, region, language: String::new() };
        store.catalog.list(&name, 1_000).await.unwrap().len()
    })
}

#[test]
fn a_genre_is_harvested_in_every_region_and_kept_as_a_list() {
    let mirror = Mirror::generated(400);
    let all = ["harvest", "--source", "movie.genre_18", "--pages", "2"];
    let harvested = mirror.json(&[&all[..], &["--region", "DE", "--region", "FR"]].concat());
    assert!(harvested["figures"]["queued"].as_u64().unwrap() > 10, "{harvested}");
    let asked = asked(&mirror);
    assert_eq!(asked.len(), 4, "{asked:?}");
    let wanted = "discover/movie?page=1&region=DE&sort_by=popularity.desc&with_genres=18";
    assert!(asked.iter().any(|asked| asked == wanted), "{asked:?}");
    assert!(kept(&mirror, "movie.genre_18", "DE") > 10);
    assert!(kept(&mirror, "movie.genre_18", "FR") > 10);
}

#[test]
fn a_custom_run_takes_the_categories_and_recipes_of_the_configuration() {
    let mirror = Mirror::generated(300);
    let text = "[harvest]\ngenres = [\"movie.genre_18\", \"tv.genre_35\"]\n\
                [recipes.old]\nmovie = { primary_release_date.lte = \"2000-01-01\" }\n";
    std::fs::write(mirror.folder.path().join("cinemirror.toml"), text).unwrap();
    let categories = ["run", "custom", "--categories", "genres,hidden_gems,old"];
    let more = ["--pages-per-category", "1", "--include-trending", "--no-enrich", "--incremental"];
    let ran = mirror.json(&[&categories[..], &more].concat());
    assert_eq!(ran["failed_sources"].as_array().unwrap().len(), 0, "{ran}");
    let asked = asked(&mirror);
    for part in [
        "discover/movie?page=1&sort_by=popularity.desc&with_genres=18",
        "discover/tv?page=1&sort_by=popularity.desc&with_genres=35",
        "discover/tv?page=1&sort_by=vote_average.desc&vote_average.gte=7.5",
        "discover/movie?page=1&primary_release_date.lte=2000-01-01",
        "trending/movie/week?page=1",
    ] {
        assert!(asked.iter().any(|asked| asked.starts_with(part)), "{part} not in {asked:?}");
    }
    // Two genres, two gems, one recipe for movies alone, three trending lists.
    assert_eq!(asked.len(), 8, "{asked:?}");
}

#[test]
fn an_unknown_recipe_is_refused_before_anything_is_asked() {
    let mirror = Mirror::generated(20);
    for arguments in [
        &["harvest", "--source", "movie.populer"][..],
        &["run", "custom", "--source", "movie.populer"],
        &["run", "custom", "--category", "populer"],
    ] {
        let output = mirror.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = stderr(&output);
        assert!(said.contains("populer") && said.contains("hidden_gems"), "{said}");
    }
    assert_eq!(mirror.fake.stats().total, 0);
}
