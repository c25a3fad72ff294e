//! People, collections, companies, networks and keywords, and the parts of each.

use domain::Kind;

use super::{Answers, Endpoint};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/3/collection/{collection_id}",
        answers: Answers::Details(Kind::Collection),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/collection/{collection_id}/images",
        answers: Answers::Part(Kind::Collection, "images"),
        takes: &["include_image_language", "language"],
    },
    Endpoint {
        path: "/3/collection/{collection_id}/translations",
        answers: Answers::Part(Kind::Collection, "translations"),
        takes: &[],
    },
    Endpoint {
        path: "/3/company/{company_id}",
        answers: Answers::Details(Kind::Company),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/company/{company_id}/alternative_names",
        answers: Answers::Part(Kind::Company, "alternative_names"),
        takes: &[],
    },
    Endpoint {
        path: "/3/company/{company_id}/images",
        answers: Answers::Part(Kind::Company, "images"),
        takes: &["include_image_language"],
    },
    Endpoint {
        path: "/3/keyword/{keyword_id}",
        answers: Answers::Details(Kind::Keyword),
        takes: &[],
    },
    Endpoint {
        path: "/3/network/{network_id}",
        answers: Answers::Details(Kind::Network),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/network/{network_id}/alternative_names",
        answers: Answers::Part(Kind::Network, "alternative_names"),
        takes: &[],
    },
    Endpoint {
        path: "/3/network/{network_id}/images",
        answers: Answers::Part(Kind::Network, "images"),
        takes: &["include_image_language"],
    },
    Endpoint {
        path: "/3/person/{person_id}",
        answers: Answers::Details(Kind::Person),
        takes: &[
            "append_to_response",
            "language",
            "include_image_language",
            "include_video_language",
        ],
    },
    Endpoint {
        path: "/3/person/{person_id}/combined_credits",
        answers: Answers::Part(Kind::Person, "combined_credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/person/{person_id}/external_ids",
        answers: Answers::Part(Kind::Person, "external_ids"),
        takes: &[],
    },
    Endpoint {
        path: "/3/person/{person_id}/images",
        answers: Answers::Part(Kind::Person, "images"),
        takes: &[],
    },
    Endpoint {
        path: "/3/person/{person_id}/movie_credits",
        answers: Answers::Part(Kind::Person, "movie_credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/person/{person_id}/tv_credits",
        answers: Answers::Part(Kind::Person, "tv_credits"),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/person/{person_id}/tagged_images",
        answers: Answers::Part(Kind::Person, "tagged_images"),
        takes: &["page"],
    },
    Endpoint {
        path: "/3/person/{person_id}/translations",
        answers: Answers::Part(Kind::Person, "translations"),
        takes: &[],
    },
    Endpoint {
        path: "/3/company/{company_id}/movies",
        answers: Answers::CompanyMovies,
        takes: &["language", "page"],
    },
];
