//! What a plan costs, by the real command.

use serde_json::Value;

use crate::mirror::{Mirror, stderr};

/// Calls a day for one reason.
fn calls(estimate: &Value, what: &str) -> f64 {
    let lines = estimate["calls"].as_array().unwrap();
    let line = lines.iter().find(|line| line["what"] == what);
    line.map_or(0.0, |line| line["a_day"].as_f64().unwrap())
}

#[test]
fn an_estimate_asks_tmdb_nothing_and_says_what_it_rests_on() {
    let mirror = Mirror::generated(20);
    let all = ["estimate", "--preset", "quick=8,exports", "--kinds", "movie", "--aws"];
    let estimate =
        mirror.json(&[&all[..], &["--languages", "en-US,de-DE", "--rate", "40"]].concat());
    // Two pages in two languages, eight times a day.
    assert!((calls(&estimate, "movie.popular") - 32.0).abs() < 1e-6, "{estimate}");
    assert!(calls(&estimate, "tv.popular") == 0.0, "{estimate}");
    assert_eq!(estimate["first_crawl"]["titles"], 1_240_000.0, "{estimate}");
    assert!(estimate["aws"]["dollars"].as_f64().unwrap() > 0.0, "{estimate}");
    let figures = estimate["figures"].as_array().unwrap();
    assert!(figures.iter().any(|figure| figure["origin"] == "assumed"), "{estimate}");
    assert_eq!(mirror.fake.stats().total, 0);
    let text = mirror.run(&["-q", "estimate"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("First crawl: ") && text.contains("This rests on:"), "{text}");
}

#[test]
fn a_plan_that_makes_no_sense_is_refused() {
    let mirror = Mirror::generated(20);
    for (arguments, says) in [
        (["estimate", "--preset", "quick=often"], "how often a day"),
        (["estimate", "--preset", "hourly"], "unknown job `hourly`"),
        (["estimate", "--preset", "purge"], "asks TMDB's API nothing"),
        (["estimate", "--source", "movie.populer"], "unknown source `movie.populer`"),
    ] {
        let output = mirror.run(&arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}
