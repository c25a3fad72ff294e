//! A movie's rows.

use domain::catalogue::{SimilarWork, Work, WorkRow};
use domain::{Kind, Record};
use records::proto;

use super::parts::{self, Similar, known, number, path};
use super::text::{said, shortened};
use super::{images, text};

pub(super) fn project(id: u64, movie: &proto::Movie, record: &Record) -> Work {
    let row = row(id, movie, record);
    let videos = movie.videos.as_ref();
    let credits = movie.credits.as_ref().or(movie.casts.as_ref());
    let overview = said(movie.overview.clone());
    let origin = &movie.origin_country;
    let countries = parts::countries(&movie.production_countries, origin);
    Work {
        tagline: said(movie.tagline.clone()),
        overview_short: overview.as_deref().map(shortened),
        overview,
        status: said(movie.status.clone()),
        runtime_display: row.runtime_minutes.map(text::runtime),
        certification: certification(movie, if origin.is_empty() { &countries } else { origin }),
        images: images::of(
            path(movie.poster_path.as_ref()).as_deref(),
            path(movie.backdrop_path.as_ref()).as_deref(),
            movie.images.as_ref(),
        ),
        cast: parts::cast(credits),
        crew: parts::crew(credits),
        trailers: parts::trailers(videos),
        trailer_key: parts::trailer_key(videos, row.original_language.as_deref()),
        providers: parts::providers(movie.watch_providers.as_ref()),
        keywords: parts::keywords(movie.keywords.as_ref()),
        companies: parts::companies(&movie.production_companies),
        countries,
        budget: known(movie.budget),
        revenue: known(movie.revenue),
        collection: movie.belongs_to_collection.as_ref().and_then(|own| said(own.name.clone())),
        ratings: parts::rating(row.vote_average, row.vote_count, record.fetched_at),
        similar: similar(movie),
        row,
        ..Work::default()
    }
}

fn row(id: u64, movie: &proto::Movie, record: &Record) -> WorkRow {
    let original_title = said(movie.original_title.clone());
    let release_date = proto::date(movie.release_date);
    let elsewhere = movie.external_ids.as_ref().and_then(|ids| ids.imdb_id.clone());
    WorkRow {
        kind: Kind::Movie.as_str().to_owned(),
        tmdb_id: id,
        imdb_id: said(movie.imdb_id.clone()).or_else(|| said(elsewhere)),
        title: said(movie.title.clone()).or_else(|| original_title.clone()).unwrap_or_default(),
        original_title,
        original_language: said(movie.original_language.clone()),
        year: text::year(release_date.as_deref()),
        release_date,
        runtime_minutes: known(number(movie.runtime)),
        genres: parts::genres(&movie.genres),
        vote_average: parts::decimal(movie.vote_average),
        vote_count: movie.vote_count.unwrap_or_default(),
        popularity: parts::decimal(movie.popularity).unwrap_or_default(),
        score_0_100: None,
        adult: movie.adult.unwrap_or(false),
        last_refreshed_at: record.fetched_at,
    }
}

fn certification(movie: &proto::Movie, origin: &[String]) -> Option<String> {
    let countries = movie.release_dates.iter().flat_map(|dates| &dates.results);
    let rated = countries.filter_map(|country| {
        let rating = rated(&country.release_dates)?;
        Some((country.iso_3166_1.clone()?, rating))
    });
    parts::certification(&rated.collect::<Vec<_>>(), origin)
}

/// A cinema release's rating before others'.
fn rated(releases: &[proto::Release]) -> Option<String> {
    const IN_CINEMAS: u64 = 3;
    let rated =
        |release: &&proto::Release| release.certification.as_ref().is_some_and(|it| !it.is_empty());
    let in_cinemas = releases.iter().filter(|release| release.r#type == Some(IN_CINEMAS));
    in_cinemas.chain(releases).find(rated).and_then(|release| release.certification.clone())
}

fn similar(movie: &proto::Movie) -> Vec<SimilarWork> {
    let pages = [
        ("recommendations", movie.recommendations.as_ref()),
        ("similar", movie.similar.as_ref().or(movie.similar_movies.as_ref())),
    ];
    let lists = pages.into_iter().flat_map(|(source, page)| {
        let rows = page.into_iter().flat_map(|page| &page.results).map(|item| Similar {
            media_type: item.media_type.as_deref(),
            id: item.id,
            title: item.title.as_ref().or(item.name.as_ref()),
        });
        parts::similar(source, Kind::Movie, rows)
    });
    lists.collect()
}
