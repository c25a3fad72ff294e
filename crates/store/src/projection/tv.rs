//! A show's rows.

use domain::catalogue::{CastMember, CrewMember, SimilarWork, Work, WorkRow};
use domain::{Kind, Record};
use records::proto;

use super::parts::{self, Similar, known, number, path};
use super::text::{all_said, said, shortened};
use super::{images, text};

pub(super) fn project(id: u64, tv: &proto::Tv, record: &Record) -> Work {
    let row = row(id, tv, record);
    let videos = tv.videos.as_ref();
    let overview = said(tv.overview.clone());
    let next = tv.next_episode_to_air.as_ref();
    Work {
        tagline: said(tv.tagline.clone()),
        overview_short: overview.as_deref().map(shortened),
        overview,
        status: said(tv.status.clone()),
        runtime_display: row.runtime_minutes.map(text::runtime),
        certification: certification(tv),
        images: images::of(
            path(tv.poster_path.as_ref()).as_deref(),
            path(tv.backdrop_path.as_ref()).as_deref(),
            tv.images.as_ref(),
        ),
        cast: cast(tv),
        crew: crew(tv),
        trailers: parts::trailers(videos),
        trailer_key: parts::trailer_key(videos, row.original_language.as_deref()),
        providers: parts::providers(tv.watch_providers.as_ref()),
        keywords: parts::keywords(tv.keywords.as_ref()),
        companies: parts::companies(&tv.production_companies),
        countries: parts::countries(&tv.production_countries, &tv.origin_country),
        seasons: number(tv.number_of_seasons),
        episodes: number(tv.number_of_episodes),
        last_air_date: proto::date(tv.last_air_date),
        next_air_date: next.and_then(|episode| proto::date(episode.air_date)),
        networks: parts::companies(&tv.networks),
        created_by: all_said(tv.created_by.iter().map(|creator| creator.name.clone())),
        ratings: parts::rating(row.vote_average, row.vote_count, record.fetched_at),
        similar: similar(tv),
        row,
        ..Work::default()
    }
}

fn row(id: u64, tv: &proto::Tv, record: &Record) -> WorkRow {
    let original_title = said(tv.original_name.clone());
    let release_date = proto::date(tv.first_air_date);
    let last_runtime = tv.last_episode_to_air.as_ref().and_then(|episode| episode.runtime);
    let runtime = tv.episode_run_time.first().copied();
    WorkRow {
        kind: Kind::Tv.as_str().to_owned(),
        tmdb_id: id,
        imdb_id: tv.external_ids.as_ref().and_then(|ids| said(ids.imdb_id.clone())),
        title: said(tv.name.clone()).or_else(|| original_title.clone()).unwrap_or_default(),
        original_title,
        original_language: said(tv.original_language.clone()),
        year: text::year(release_date.as_deref()),
        release_date,
        runtime_minutes: known(number(runtime)).or_else(|| known(number(last_runtime))),
        genres: parts::genres(&tv.genres),
        vote_average: parts::decimal(tv.vote_average),
        vote_count: tv.vote_count.unwrap_or_default(),
        popularity: parts::decimal(tv.popularity).unwrap_or_default(),
        score_0_100: None,
        adult: tv.adult.unwrap_or(false),
        last_refreshed_at: record.fetched_at,
    }
}

fn certification(tv: &proto::Tv) -> Option<String> {
    let ratings = tv.content_ratings.iter().flat_map(|ratings| &ratings.results);
    let rated = ratings
        .filter_map(|rating| Some((rating.iso_3166_1.clone()?, said(rating.rating.clone())?)));
    parts::certification(&rated.collect::<Vec<_>>(), &tv.origin_country)
}

/// Over all episodes where that is known, else the latest season's.
fn cast(tv: &proto::Tv) -> Vec<CastMember> {
    let aggregate = tv.aggregate_credits.as_ref().filter(|credits| !credits.cast.is_empty());
    let Some(credits) = aggregate else { return parts::cast(tv.credits.as_ref()) };
    let members = credits.cast.iter().zip(0..).map(|(credit, place)| CastMember {
        person_id: credit.id.unwrap_or_default(),
        name: credit.name.clone().unwrap_or_default(),
        character: credit.roles.iter().find_map(|role| said(role.character.clone())),
        order: number(credit.order).unwrap_or(place),
        profile_path: path(credit.profile_path.as_ref()),
        gender: number(credit.gender),
    });
    members.collect()
}

fn crew(tv: &proto::Tv) -> Vec<CrewMember> {
    let aggregate = tv.aggregate_credits.as_ref().filter(|credits| !credits.crew.is_empty());
    let Some(credits) = aggregate else { return parts::crew(tv.credits.as_ref()) };
    let members = credits.crew.iter().map(|credit| CrewMember {
        person_id: credit.id.unwrap_or_default(),
        name: credit.name.clone().unwrap_or_default(),
        job: credit.jobs.iter().find_map(|job| said(job.job.clone())).unwrap_or_default(),
        department: said(credit.department.clone()),
        profile_path: path(credit.profile_path.as_ref()),
    });
    members.collect()
}

fn similar(tv: &proto::Tv) -> Vec<SimilarWork> {
    let pages =
        [("recommendations", tv.recommendations.as_ref()), ("similar", tv.similar.as_ref())];
    let lists = pages.into_iter().flat_map(|(source, page)| {
        let rows = page.into_iter().flat_map(|page| &page.results).map(|item| Similar {
            media_type: item.media_type.as_deref(),
            id: item.id,
            title: item.name.as_ref().or(item.title.as_ref()),
        });
        parts::similar(source, Kind::Tv, rows)
    });
    lists.collect()
}
