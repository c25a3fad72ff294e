//! How fast bodies are written; run by hand, since it asserts nothing.

use std::time::Instant;

use domain::Key;
use domain::sighting::Export;

use super::{Generated, MOVIE_PARTS, ids};
use crate::universe::{Query, Universe};

#[test]
#[ignore = "a measurement"]
fn bodies_are_written_this_fast() {
    let universe = Generated::new(20_000, 42);
    let ids = ids(&universe, Export::Movie, 0);
    for day in [0, 100, 300] {
        let begin = Instant::now();
        let bodies = ids
            .iter()
            .filter_map(|id| universe.composed(Key::movie(*id), &MOVIE_PARTS, &Query::new(), day));
        let (count, bytes) =
            bodies.fold((0_u32, 0), |(count, bytes), it| (count + 1, bytes + it.len()));
        let rate = f64::from(count) / begin.elapsed().as_secs_f64();
        println!(
            "day {day}: {rate:.0} bodies a second, {:.0} bytes each",
            bytes as f64 / f64::from(count)
        );
    }
}

#[test]
#[ignore = "a measurement"]
fn images_are_served_this_fast() {
    for name in ["abc.jpg", "abc.png"] {
        let begin = Instant::now();
        let bytes: usize = (0..5_000)
            .filter_map(|at| crate::images::image("w500", &format!("/{at}{name}")))
            .map(|(image, _)| image.len())
            .sum();
        let rate = 5_000.0 / begin.elapsed().as_secs_f64();
        println!("{rate:.0} images a second, {} bytes each", bytes / 5_000);
    }
}
