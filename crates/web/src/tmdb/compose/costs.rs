//! What composing costs. Figures need optimisation and a quiet machine:
//! `cargo test --release -p web --lib composing -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::{Key, Kind, Timestamp};
use fake_tmdb::{Generated, Universe};

use super::{Asked, Held};
use crate::tmdb::endpoints::{Answers, Endpoint};
use crate::tmdb::query::Query;

const MOVIE: Endpoint = Endpoint {
    path: "/3/movie/{movie_id}",
    answers: Answers::Details(Kind::Movie),
    takes: &["append_to_response", "language", "include_image_language"],
};

const MOVIES: u64 = 200;

/// The mean time for a movie, the best of five rounds; and the mean length.
fn measure(work: impl Fn(&Held, Key) -> usize, movies: &[(Key, Held)]) -> (Duration, usize) {
    let mut best = Duration::MAX;
    let mut length = 0;
    for _ in 0..5 {
        let started = Instant::now();
        length = movies.iter().map(|(key, held)| work(held, *key)).sum();
        best = best.min(started.elapsed());
    }
    (best / u32::try_from(movies.len()).unwrap(), length / movies.len())
}

#[test]
#[ignore = "measures"]
fn composing_a_part_costs_less_than_reading_the_whole() {
    let universe = Generated::starting(MOVIES, 7, jiff::civil::date(2026, 1, 1));
    let movies: Vec<(Key, Held)> = (1..=MOVIES)
        .filter_map(|id| {
            let key = Key::movie(id);
            let question = tmdb::Question::Detail(key);
            let parts = question.parts();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let body = universe.composed(key, &parts, &fake_tmdb::Query::new(), 0)?;
            let at = Timestamp::from_millis(0);
            let mut held = Held::default();
            held.add(records::record(key, &body, "", at).unwrap().0);
            Some((key, held))
        })
        .collect();
    assert!(movies.len() > 100, "{} movies", movies.len());
    let (whole, length) = measure(
        |held, key| black_box(records::to_json(held.get(key).unwrap()).unwrap()).len(),
        &movies,
    );
    println!("whole body as text: {whole:?}, {length} bytes");
    let (tree, _) = measure(
        |held, key| {
            black_box(records::to_value(held.get(key).unwrap()).unwrap()).is_object().into()
        },
        &movies,
    );
    println!("whole body as a tree: {tree:?}");
    for query in [
        "",
        "append_to_response=credits,videos,images",
        "append_to_response=credits,keywords,release_dates",
        "language=de-DE",
        "append_to_response=credits,videos,images&language=de-DE&include_image_language=de,null",
    ] {
        let asked = Asked::of(&Query::parse(query, &MOVIE).unwrap()).unwrap();
        let compose = |held: &Held, key| {
            let body = super::details(key, held, &asked, &|_| None).unwrap().unwrap();
            black_box(body).len()
        };
        let (took, length) = measure(compose, &movies);
        println!("`{query}`: {took:?}, {length} bytes");
        assert!(took < tree, "`{query}` takes {took:?}, a whole tree {tree:?}");
    }
}
