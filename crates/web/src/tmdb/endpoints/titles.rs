//! Movies, shows, seasons and episodes, and the parts of each.

use domain::Kind;

use super::{Answers, Endpoint};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/3/movie/{movie_id}",
        answers: Answers::Details(Kind::Movie),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/alternative_titles",
        answers: Answers::Part(Kind::Movie, "alternative_titles"),
        takes: &["country"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/credits",
        answers: Answers::Part(Kind::Movie, "credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/external_ids",
        answers: Answers::Part(Kind::Movie, "external_ids"),
        takes: &[],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/images",
        answers: Answers::Part(Kind::Movie, "images"),
        takes: &["include_image_language", "language"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/keywords",
        answers: Answers::Part(Kind::Movie, "keywords"),
        takes: &[],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/recommendations",
        answers: Answers::Part(Kind::Movie, "recommendations"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/release_dates",
        answers: Answers::Part(Kind::Movie, "release_dates"),
        takes: &[],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/reviews",
        answers: Answers::Part(Kind::Movie, "reviews"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/similar",
        answers: Answers::Part(Kind::Movie, "similar"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/translations",
        answers: Answers::Part(Kind::Movie, "translations"),
        takes: &[],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/videos",
        answers: Answers::Part(Kind::Movie, "videos"),
        takes: &["language", "include_video_language"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/watch/providers",
        answers: Answers::Part(Kind::Movie, "watch/providers"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}",
        answers: Answers::Details(Kind::Tv),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/tv/{series_id}/aggregate_credits",
        answers: Answers::Part(Kind::Tv, "aggregate_credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/alternative_titles",
        answers: Answers::Part(Kind::Tv, "alternative_titles"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/content_ratings",
        answers: Answers::Part(Kind::Tv, "content_ratings"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/credits",
        answers: Answers::Part(Kind::Tv, "credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/episode_groups",
        answers: Answers::Part(Kind::Tv, "episode_groups"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/external_ids",
        answers: Answers::Part(Kind::Tv, "external_ids"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/images",
        answers: Answers::Part(Kind::Tv, "images"),
        takes: &["include_image_language", "language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/keywords",
        answers: Answers::Part(Kind::Tv, "keywords"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/recommendations",
        answers: Answers::Part(Kind::Tv, "recommendations"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/reviews",
        answers: Answers::Part(Kind::Tv, "reviews"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/screened_theatrically",
        answers: Answers::Part(Kind::Tv, "screened_theatrically"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/similar",
        answers: Answers::Part(Kind::Tv, "similar"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/translations",
        answers: Answers::Part(Kind::Tv, "translations"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/videos",
        answers: Answers::Part(Kind::Tv, "videos"),
        takes: &["include_video_language", "language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/watch/providers",
        answers: Answers::Part(Kind::Tv, "watch/providers"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}",
        answers: Answers::Details(Kind::Season),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/aggregate_credits",
        answers: Answers::Part(Kind::Season, "aggregate_credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/credits",
        answers: Answers::Part(Kind::Season, "credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/external_ids",
        answers: Answers::Part(Kind::Season, "external_ids"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/images",
        answers: Answers::Part(Kind::Season, "images"),
        takes: &["include_image_language", "language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/translations",
        answers: Answers::Part(Kind::Season, "translations"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/videos",
        answers: Answers::Part(Kind::Season, "videos"),
        takes: &["include_video_language", "language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/watch/providers",
        answers: Answers::Part(Kind::Season, "watch/providers"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}",
        answers: Answers::Details(Kind::Episode),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}/credits",
        answers: Answers::Part(Kind::Episode, "credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}/external_ids",
        answers: Answers::Part(Kind::Episode, "external_ids"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}/images",
        answers: Answers::Part(Kind::Episode, "images"),
        takes: &["include_image_language", "language"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}/translations",
        answers: Answers::Part(Kind::Episode, "translations"),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}/videos",
        answers: Answers::Part(Kind::Episode, "videos"),
        takes: &["include_video_language", "language"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/similar_movies",
        answers: Answers::Part(Kind::Movie, "similar"),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/releases",
        answers: Answers::Part(Kind::Movie, "releases"),
        takes: &[],
    },
];
