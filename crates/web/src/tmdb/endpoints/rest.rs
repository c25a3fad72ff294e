//! Reference data, and what no mirror can answer.

use domain::Reference;

use super::{Answers, Endpoint};

const ACCOUNTS: &str = "accounts, sessions and ratings live at TMDB, not in a mirror.";
const USER_LISTS: &str = "lists of TMDB's users are not mirrored.";
const ITEM_CHANGES: &str =
    "changes within a title are not mirrored; its versions are: see the control API.";
const CREDITS: &str =
    "credits are not mirrored by their own ids; ask for those of a title or a person.";
const REVIEWS: &str = "reviews are not mirrored by their own ids; ask for those of a title.";
const EPISODE_GROUPS: &str =
    "groups of episodes are not mirrored by their own ids; ask for those of a show.";

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { path: "/3/authentication", answers: Answers::Validation, takes: &[] },
    Endpoint { path: "/3/account/{account_id}", answers: Answers::Beyond(ACCOUNTS), takes: &[] },
    Endpoint {
        path: "/3/account/{account_id}/favorite/movies",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/account/{account_id}/favorite/tv",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/account/{account_id}/lists",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["page"],
    },
    Endpoint {
        path: "/3/account/{account_id}/rated/movies",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/account/{account_id}/rated/tv",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/account/{account_id}/rated/tv/episodes",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/account/{account_id}/watchlist/movies",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/account/{account_id}/watchlist/tv",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/authentication/guest_session/new",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &[],
    },
    Endpoint {
        path: "/3/authentication/token/new",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &[],
    },
    Endpoint {
        path: "/3/certification/movie/list",
        answers: Answers::Reference(Reference::CertificationsMovie),
        takes: &[],
    },
    Endpoint {
        path: "/3/certification/tv/list",
        answers: Answers::Reference(Reference::CertificationsTv),
        takes: &[],
    },
    Endpoint {
        path: "/3/configuration",
        answers: Answers::Reference(Reference::Configuration),
        takes: &[],
    },
    Endpoint {
        path: "/3/configuration/countries",
        answers: Answers::Reference(Reference::Countries),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/configuration/jobs",
        answers: Answers::Reference(Reference::Jobs),
        takes: &[],
    },
    Endpoint {
        path: "/3/configuration/languages",
        answers: Answers::Reference(Reference::Languages),
        takes: &[],
    },
    Endpoint {
        path: "/3/configuration/primary_translations",
        answers: Answers::Reference(Reference::PrimaryTranslations),
        takes: &[],
    },
    Endpoint {
        path: "/3/configuration/timezones",
        answers: Answers::Reference(Reference::Timezones),
        takes: &[],
    },
    Endpoint {
        path: "/3/credit/{credit_id}",
        answers: Answers::Beyond(CREDITS),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/genre/movie/list",
        answers: Answers::Reference(Reference::GenresMovie),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/genre/tv/list",
        answers: Answers::Reference(Reference::GenresTv),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/guest_session/{guest_session_id}/rated/movies",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/guest_session/{guest_session_id}/rated/tv",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/guest_session/{guest_session_id}/rated/tv/episodes",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &["language", "page", "sort_by"],
    },
    Endpoint {
        path: "/3/list/{list_id}/item_status",
        answers: Answers::Beyond(USER_LISTS),
        takes: &["language", "movie_id"],
    },
    Endpoint {
        path: "/3/list/{list_id}",
        answers: Answers::Beyond(USER_LISTS),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/account_states",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &[],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/changes",
        answers: Answers::Beyond(ITEM_CHANGES),
        takes: &["end_date", "page", "start_date"],
    },
    Endpoint {
        path: "/3/movie/{movie_id}/lists",
        answers: Answers::Beyond(USER_LISTS),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/person/{person_id}/changes",
        answers: Answers::Beyond(ITEM_CHANGES),
        takes: &["end_date", "page", "start_date"],
    },
    Endpoint { path: "/3/review/{review_id}", answers: Answers::Beyond(REVIEWS), takes: &[] },
    Endpoint {
        path: "/3/tv/{series_id}/account_states",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/{series_id}/changes",
        answers: Answers::Beyond(ITEM_CHANGES),
        takes: &["end_date", "page", "start_date"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/lists",
        answers: Answers::Beyond(USER_LISTS),
        takes: &["language", "page"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/account_states",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/season/{season_id}/changes",
        answers: Answers::Beyond(ITEM_CHANGES),
        takes: &["end_date", "page", "start_date"],
    },
    Endpoint {
        path: "/3/tv/{series_id}/season/{season_number}/episode/{episode_number}/account_states",
        answers: Answers::Beyond(ACCOUNTS),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/episode/{episode_id}/changes",
        answers: Answers::Beyond(ITEM_CHANGES),
        takes: &[],
    },
    Endpoint {
        path: "/3/tv/episode_group/{tv_episode_group_id}",
        answers: Answers::Beyond(EPISODE_GROUPS),
        takes: &[],
    },
    Endpoint {
        path: "/3/watch/providers/regions",
        answers: Answers::Reference(Reference::ProviderRegions),
        takes: &["language"],
    },
    Endpoint {
        path: "/3/watch/providers/movie",
        answers: Answers::Reference(Reference::ProvidersMovie),
        takes: &["language", "watch_region"],
    },
    Endpoint {
        path: "/3/watch/providers/tv",
        answers: Answers::Reference(Reference::ProvidersTv),
        takes: &["language", "watch_region"],
    },
    Endpoint {
        path: "/3/timezones/list",
        answers: Answers::Reference(Reference::Timezones),
        takes: &[],
    },
    Endpoint { path: "/3/job/list", answers: Answers::Reference(Reference::Jobs), takes: &[] },
];
