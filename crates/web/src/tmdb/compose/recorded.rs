//! The round trip over recorded bodies: each source is crawled as TMDB would give it,
//! then every recorded request is answered from the records and compared.
//!
//! What differs must have one of the reasons in [`reasons`]; a difference that none
//! explains fails the test, and so does another number of any reason.

mod differences;
mod reasons;
mod source;

use std::collections::BTreeMap;
use std::fmt::Write;

use differences::{differences, same, without_figures};
use reasons::{EXPECTED, Reason, explain};
use source::{Exchange, Source};

#[test]
fn every_recorded_body_comes_back_or_says_why_not() {
    let Some(corpus) = source::corpus() else { return };
    let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
    let mut listed = String::new();
    let mut unexplained = String::new();
    for source in Source::all(&corpus) {
        for exchange in source.exchanges() {
            let (found, why) = judge(&source, &exchange);
            for reason in &found {
                *counts.entry(*reason).or_default() += 1;
                if *reason != Reason::Equal {
                    writeln!(listed, "{reason:?}: {} {} {why}", source.name, exchange.asked)
                        .unwrap();
                }
            }
            if found.is_empty() {
                writeln!(unexplained, "{} {}: {why}", source.name, exchange.asked).unwrap();
            }
        }
    }
    println!("{listed}\n{counts:#?}");
    assert!(unexplained.is_empty(), "nothing explains:\n{unexplained}");
    assert!(counts.get(&Reason::Equal).is_some_and(|equal| *equal > 10), "{counts:?}");
    if source::is_known(&corpus) {
        let counts: Vec<(Reason, usize)> = counts.into_iter().collect();
        assert_eq!(counts, EXPECTED, "the list has changed");
    }
}

/// Why an answer is as it is; no reason where none is known. And what differs.
fn judge(source: &Source, exchange: &Exchange) -> (Vec<Reason>, String) {
    if let Some(reason) = source.cannot(exchange) {
        return (vec![reason], String::new());
    }
    let Some(composed) = source.answer(exchange) else {
        let why = reasons::explain_absence(source, exchange);
        return (why.into_iter().collect(), "no answer".to_owned());
    };
    if same(&exchange.body, &composed) {
        return (vec![Reason::Equal], String::new());
    }
    let (recorded, composed) = (without_figures(&exchange.body), without_figures(&composed));
    let paths = differences(&recorded, &composed);
    let mut found = vec![];
    for path in &paths {
        match explain(source, exchange, path) {
            Some(reason) if !found.contains(&reason) => found.push(reason),
            Some(_) => {}
            None => return (vec![], format!("{paths:?}")),
        }
    }
    if paths.is_empty() {
        found.push(Reason::Figures);
    }
    (found, format!("{paths:?}"))
}
