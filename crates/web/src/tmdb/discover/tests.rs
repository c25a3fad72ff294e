//! Each filter of discover, as it is written in a request, on titles made for it.

use domain::Kind;
use domain::facets::{Facets, Way};

use super::parse;
use crate::index::tests::{movie, offered, page, released, show, titles};
use crate::tmdb::endpoints;
use crate::tmdb::fault::Fault;
use crate::tmdb::query::Query;

fn query(kind: Kind, text: &str) -> Query {
    let path = format!("/3/discover/{kind}");
    let endpoint = endpoints::all().find(|endpoint| endpoint.path == path).unwrap();
    Query::parse(text, endpoint).unwrap()
}

#[track_caller]
fn check(kind: Kind, all: &[Facets], text: &str, wanted: &[u32]) {
    let query = query(kind, text);
    let (filter, order) = (parse::filter(kind, &query).unwrap(), parse::order(&query).unwrap());
    let (mut ids, total) = page(&titles(all), kind, filter, order, 1);
    if !text.contains("sort_by") {
        ids.sort_unstable();
    }
    assert_eq!(ids, wanted, "{text}");
    assert_eq!(total, wanted.len() as u64, "{text}");
}

#[track_caller]
fn refused(kind: Kind, text: &str) {
    let query = query(kind, text);
    let fault = parse::filter(kind, &query).err().or_else(|| parse::order(&query).err());
    assert!(matches!(fault, Some(Fault::Parameters(_) | Fault::Date)), "{text}: {fault:?}");
}

#[test]
fn a_comma_means_and_and_a_bar_means_or() {
    let all = [
        movie(1, |it| it.traits.genres = vec![12, 28]),
        movie(2, |it| it.traits.genres = vec![28]),
        movie(3, |it| it.traits.genres = vec![16]),
    ];
    for (text, wanted) in [
        ("with_genres=28", &[1, 2][..]),
        ("with_genres=28,12", &[1]),
        ("with_genres=28%2C12", &[1]),
        ("with_genres=12|16", &[1, 3]),
        ("with_genres=28,12|16", &[1]),
        ("with_genres=99", &[]),
        ("without_genres=12,16", &[2]),
        ("without_genres=12|16", &[2]),
        ("with_genres=28&without_genres=12", &[2]),
        ("with_genres=", &[1, 2, 3]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn ids_of_every_sort_are_looked_up_in_their_own_list() {
    let all = [
        movie(1, |it| it.traits.keywords = vec![5, 7]),
        movie(2, |it| it.traits.companies = vec![5, 9]),
        movie(3, |it| it.traits.cast = vec![5, 11]),
        movie(4, |it| it.traits.crew = vec![5, 13]),
    ];
    for (text, wanted) in [
        ("with_keywords=5", &[1][..]),
        ("with_keywords=5,7", &[1]),
        ("with_keywords=5,9", &[]),
        ("with_companies=5", &[2]),
        ("with_cast=5", &[3]),
        ("with_crew=5", &[4]),
        ("with_people=5", &[3, 4]),
        ("with_people=11|13", &[3, 4]),
        ("with_people=11,13", &[]),
        ("without_keywords=5", &[2, 3, 4]),
        ("without_companies=9,8", &[1, 3, 4]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn bounds_belong_to_a_range() {
    let all = [
        movie(1, |it| (it.vote_average, it.vote_count, it.runtime) = (6.5, 100, Some(60))),
        movie(2, |it| (it.vote_average, it.vote_count, it.runtime) = (8.0, 200, Some(120))),
    ];
    for (text, wanted) in [
        ("vote_average.gte=6.5", &[1, 2][..]),
        ("vote_average.gte=7", &[2]),
        ("vote_average.lte=6.5", &[1]),
        ("vote_count.gte=101", &[2]),
        ("vote_count.lte=100", &[1]),
        ("with_runtime.gte=61&with_runtime.lte=120", &[2]),
        ("with_runtime.lte=59", &[]),
        ("with_runtime.gte=61&with_runtime.lte=999999", &[2]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn dates_and_years_are_of_the_primary_release() {
    let all = [
        movie(1, |it| it.released = Some(0)),
        movie(2, |it| it.released = Some(365)),
        movie(3, |it| it.released = None),
    ];
    for (text, wanted) in [
        ("primary_release_date.gte=1970-01-01", &[1, 2][..]),
        ("primary_release_date.gte=1970-01-02", &[2]),
        ("primary_release_date.lte=1970-12-31", &[1]),
        ("primary_release_year=1971", &[2]),
        ("primary_release_year=1971&primary_release_date.lte=1970-12-31", &[]),
        ("", &[1, 2, 3]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn a_release_fits_all_that_is_asked_of_it() {
    let all = [
        movie(1, |it| {
            it.traits.releases = vec![released("US", 3, 0, "R"), released("DE", 4, 400, "16")];
        }),
        movie(2, |it| it.traits.releases = vec![released("DE", 3, 10, "12")]),
        movie(3, |it| it.released = Some(20)),
    ];
    for (text, wanted) in [
        ("release_date.gte=1971-01-01", &[1][..]),
        ("release_date.lte=1970-12-31", &[1, 2, 3]),
        ("release_date.lte=1970-12-31&region=DE", &[2]),
        ("release_date.lte=1970-12-31&with_release_type=3", &[1, 2]),
        ("region=de&with_release_type=4", &[1]),
        ("region=DE&with_release_type=3,4", &[]),
        ("region=DE&with_release_type=3|4", &[1, 2]),
        ("year=1971", &[1]),
        ("year=1970&region=US", &[1]),
        // These filter nothing at TMDB.
        ("region=DE", &[1, 2, 3]),
        ("with_release_type=1", &[1, 2, 3]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn a_title_can_be_seen_in_the_ways_that_are_wanted() {
    let all = [
        movie(1, |it| it.traits.offers = vec![offered("US", 8, &[Way::Flatrate])]),
        movie(2, |it| {
            it.traits.offers =
                vec![offered("US", 8, &[Way::Buy]), offered("US", 9, &[Way::Flatrate, Way::Ads])];
        }),
        movie(3, |it| it.traits.offers = vec![offered("DE", 8, &[Way::Rent])]),
    ];
    for (text, wanted) in [
        ("watch_region=US&with_watch_providers=8", &[1, 2][..]),
        ("watch_region=us&with_watch_providers=8,9", &[2]),
        ("watch_region=DE&with_watch_providers=8|9", &[3]),
        ("watch_region=US&with_watch_monetization_types=flatrate", &[1, 2]),
        ("watch_region=US&with_watch_monetization_types=flatrate,ads", &[2]),
        ("watch_region=US&with_watch_monetization_types=ads|buy", &[2]),
        ("watch_region=US&with_watch_providers=8&with_watch_monetization_types=flatrate", &[1]),
        ("watch_region=US&without_watch_providers=9", &[1, 3]),
        // It means nothing without a region.
        ("with_watch_providers=8", &[1, 2, 3]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn adult_titles_and_videos_are_left_out_unless_they_are_asked_for() {
    let all =
        [movie(1, |_| {}), movie(2, |it| it.adult = true), movie(3, |it| it.traits.video = true)];
    check(Kind::Movie, &all, "", &[1]);
    check(Kind::Movie, &all, "include_adult=true", &[1, 2]);
    check(Kind::Movie, &all, "include_video=true&include_adult=false", &[1, 3]);
}

#[test]
fn languages_and_countries_are_those_of_the_title() {
    let all = [
        movie(1, |it| it.traits.countries = vec!["FR".to_owned(), "US".to_owned()]),
        movie(2, |it| it.original_language = Some("fr".to_owned())),
    ];
    for (text, wanted) in [
        ("with_original_language=fr", &[2][..]),
        ("with_original_language=fr|en", &[1, 2]),
        // As TMDB answers it.
        ("with_original_language=en-US", &[]),
        ("with_origin_country=US", &[1]),
        ("with_origin_country=US,FR", &[1]),
        ("with_origin_country=DE|FR", &[1]),
        ("with_origin_country=DE", &[]),
    ] {
        check(Kind::Movie, &all, text, wanted);
    }
}

#[test]
fn shows_have_filters_of_their_own() {
    let all = [
        show(1, |it| {
            (it.traits.status, it.traits.sort) = (Some(0), Some(4));
            it.traits.networks = vec![213];
            it.traits.air_days = vec![0, 400];
        }),
        show(2, |it| {
            (it.traits.status, it.traits.sort) = (Some(3), Some(2));
            it.traits.theatrical = true;
            it.released = None;
        }),
    ];
    for (text, wanted) in [
        ("with_status=0", &[1][..]),
        ("with_status=0|3", &[1, 2]),
        ("with_status=5", &[]),
        ("with_type=2", &[2]),
        ("with_networks=213", &[1]),
        ("screened_theatrically=true", &[2]),
        ("screened_theatrically=false", &[1]),
        ("air_date.gte=1971-01-01&air_date.lte=1971-12-31", &[1]),
        ("air_date.gte=1970-02-01&air_date.lte=1970-12-31", &[]),
        ("first_air_date_year=1970", &[1]),
        ("first_air_date.gte=1960-01-01", &[1]),
        ("first_air_date.gte=1960-01-01&include_null_first_air_dates=true", &[1, 2]),
        ("timezone=Europe/Berlin", &[1, 2]),
    ] {
        check(Kind::Tv, &all, text, wanted);
    }
}

#[test]
fn every_order_sorts_both_ways() {
    let all = [
        movie(1, |it| {
            (it.popularity, it.vote_average, it.vote_count) = (1.0, 9.0, 5);
            (it.released, it.traits.revenue) = (Some(-10), 7);
            (it.title, it.original_title) = ("alpha beta 2".into(), "Z".into());
        }),
        movie(2, |it| {
            (it.popularity, it.vote_average, it.vote_count) = (2.0, 8.0, 9);
            (it.released, it.traits.revenue) = (Some(10), 5_000_000_000);
            (it.title, it.original_title) = ("Alpha Beta 1".into(), "Y".into());
        }),
    ];
    for (by, ascending) in [
        ("popularity", [1, 2]),
        ("revenue", [1, 2]),
        ("primary_release_date", [1, 2]),
        ("vote_average", [2, 1]),
        ("vote_count", [1, 2]),
        ("title", [2, 1]),
        ("original_title", [2, 1]),
    ] {
        let [first, last] = ascending;
        check(Kind::Movie, &all, &format!("sort_by={by}.asc"), &[first, last]);
        check(Kind::Movie, &all, &format!("sort_by={by}.desc"), &[last, first]);
    }
    let undated = [movie(1, |it| it.released = None), movie(2, |_| {})];
    check(Kind::Movie, &undated, "sort_by=primary_release_date.asc", &[2, 1]);
    check(Kind::Movie, &undated, "sort_by=primary_release_date.desc", &[2, 1]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for text in [
        "with_genres=action",
        "with_genres=1,x",
        "sort_by=height.asc",
        "sort_by=popularity",
        "sort_by=popularity.up",
        "vote_average.gte=high",
        "vote_count.gte=-1",
        "primary_release_date.gte=tomorrow",
        "primary_release_date.gte=2020-02-30",
        "primary_release_year=20200000",
        "include_adult=maybe",
        "watch_region=USA&with_watch_providers=8",
        "watch_region=US&with_watch_monetization_types=steal",
        "with_origin_country=USA",
    ] {
        refused(Kind::Movie, text);
    }
}
