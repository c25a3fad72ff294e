//! The reference data of a generated universe.

use bytes::Bytes;
use domain::Reference;

use super::genres;
use super::json::Json;
use super::parts::{COUNTRIES, PROVIDERS};
use super::title::{MOVIE_GENRES, TV_GENRES};
use super::words::{SPARSE, TONGUES};

const CHANGE_KEYS: [&str; 54] = [
    "adult",
    "air_date",
    "also_known_as",
    "alternative_titles",
    "biography",
    "birthday",
    "budget",
    "cast",
    "certifications",
    "character_names",
    "created_by",
    "crew",
    "deathday",
    "episode",
    "episode_number",
    "episode_run_time",
    "freebase_id",
    "freebase_mid",
    "general",
    "genres",
    "guest_stars",
    "homepage",
    "images",
    "imdb_id",
    "languages",
    "name",
    "network",
    "origin_country",
    "original_name",
    "original_title",
    "overview",
    "parts",
    "place_of_birth",
    "plot_keywords",
    "production_code",
    "production_companies",
    "production_countries",
    "releases",
    "revenue",
    "runtime",
    "season",
    "season_number",
    "season_regular",
    "softcore",
    "spoken_languages",
    "status",
    "tagline",
    "title",
    "translations",
    "tvdb_id",
    "tvrage_id",
    "type",
    "video",
    "videos",
];
const JOBS: [(&str, &[&str]); 12] = [
    ("Directing", &["Director", "First Assistant Director", "Script Supervisor"]),
    ("Writing", &["Writer", "Screenplay", "Story", "Novel"]),
    ("Production", &["Producer", "Executive Producer", "Casting"]),
    ("Camera", &["Director of Photography", "Camera Operator"]),
    ("Editing", &["Editor", "Colorist"]),
    ("Sound", &["Original Music Composer", "Sound Designer", "Foley Artist"]),
    ("Art", &["Production Design", "Art Direction", "Set Decoration"]),
    ("Costume & Make-Up", &["Costume Design", "Makeup Artist"]),
    ("Visual Effects", &["Visual Effects Supervisor", "Animation"]),
    ("Crew", &["Stunt Coordinator", "Stunts"]),
    ("Lighting", &["Gaffer", "Lighting Technician"]),
    ("Actors", &["Actor", "Voice", "Cameo", "Special Guest", "Guest Star"]),
];
const ZONES: [(&str, &str); 8] = [
    ("US", "America/New_York"),
    ("GB", "Europe/London"),
    ("FR", "Europe/Paris"),
    ("DE", "Europe/Berlin"),
    ("JP", "Asia/Tokyo"),
    ("IN", "Asia/Kolkata"),
    ("BR", "America/Sao_Paulo"),
    ("AU", "Australia/Sydney"),
];

pub(super) fn body(reference: Reference, language: &str) -> Bytes {
    let mut json = Json::with_capacity(8 * 1024);
    let json_ref = &mut json;
    match reference {
        Reference::Configuration => configuration(json_ref),
        Reference::Countries => json_ref.items(countries),
        Reference::Jobs => json_ref.items(jobs),
        Reference::Languages => json_ref.items(languages),
        Reference::PrimaryTranslations => json_ref.items(|json| {
            for tongue in &TONGUES {
                json.item_text(&format!("{}-{}", tongue.code, tongue.country));
            }
            for (code, country, ..) in SPARSE {
                json.item_text(&format!("{code}-{country}"));
            }
        }),
        Reference::Timezones => json_ref.items(zones),
        Reference::GenresMovie => genre_list(json_ref, &MOVIE_GENRES, language),
        Reference::GenresTv => genre_list(json_ref, &TV_GENRES, language),
        Reference::CertificationsMovie | Reference::CertificationsTv => certifications(json_ref),
        Reference::ProvidersMovie | Reference::ProvidersTv => providers(json_ref),
        Reference::ProviderRegions => json_ref.object(|json| json.array("results", countries)),
    }
    json.finish()
}

fn configuration(json: &mut Json) {
    let sizes = |json: &mut Json, name: &str, sizes: &[&str]| {
        json.array(name, |json| sizes.iter().for_each(|size| json.item_text(size)));
    };
    json.object(|json| {
        sizes(json, "change_keys", &CHANGE_KEYS);
        json.member("images", |json| {
            json.text("base_url", "http://image.tmdb.org/t/p/");
            json.text("secure_base_url", "https://image.tmdb.org/t/p/");
            sizes(json, "backdrop_sizes", &["w300", "w780", "w1280", "original"]);
            let logos = ["w45", "w92", "w154", "w185", "w300", "w500", "original"];
            sizes(json, "logo_sizes", &logos);
            let posters = ["w92", "w154", "w185", "w342", "w500", "w780", "original"];
            sizes(json, "poster_sizes", &posters);
            sizes(json, "profile_sizes", &["w45", "w185", "h632", "original"]);
            sizes(json, "still_sizes", &["w92", "w185", "w300", "original"]);
        });
    });
}

fn countries(json: &mut Json) {
    for (code, name, _) in COUNTRIES {
        json.object(|json| {
            json.text("iso_3166_1", code);
            json.text("english_name", name);
            json.text("native_name", name);
        });
    }
}

fn jobs(json: &mut Json) {
    for (department, jobs) in JOBS {
        json.object(|json| {
            json.text("department", department);
            json.array("jobs", |json| jobs.iter().for_each(|job| json.item_text(job)));
        });
    }
}

fn languages(json: &mut Json) {
    let spoken = TONGUES.iter().map(|tongue| (tongue.code, tongue.english, tongue.name));
    let sparse = SPARSE.iter().map(|(code, _, name, english)| (*code, *english, *name));
    for (code, english, name) in spoken.chain(sparse) {
        json.object(|json| {
            json.text("iso_639_1", code);
            json.text("english_name", english);
            json.text("name", name);
        });
    }
}

fn zones(json: &mut Json) {
    for (country, zone) in ZONES {
        json.object(|json| {
            json.text("iso_3166_1", country);
            json.array("zones", |json| json.item_text(zone));
        });
    }
}

fn genre_list(json: &mut Json, genres: &[(u64, &'static str)], language: &str) {
    json.object(|json| {
        json.objects("genres", genres, |json, (id, name)| {
            json.int("id", *id);
            json.text("name", genres::name(*id, name, language));
        });
    });
}

fn certifications(json: &mut Json) {
    let meanings = ["No rating information.", "May be unsuitable for the young."];
    let rated = COUNTRIES.iter().filter(|(.., rating)| !rating.is_empty());
    json.object(|json| {
        json.member("certifications", |json| {
            for (country, _, rating) in rated {
                let ratings = ["NR", rating].into_iter().zip(meanings).enumerate();
                json.objects(country, ratings, |json, (order, (rating, meaning))| {
                    json.text("certification", rating);
                    json.text("meaning", meaning);
                    json.int("order", order as u64);
                });
            }
        });
    });
}

fn providers(json: &mut Json) {
    json.object(|json| {
        json.objects("results", PROVIDERS.iter().enumerate(), |json, (at, (id, name))| {
            json.member("display_priorities", |json| {
                for (country, ..) in COUNTRIES.iter().skip(at % 3).step_by(2) {
                    json.int(country, at as u64);
                }
            });
            json.int("display_priority", at as u64);
            json.path("logo_path", *id, ".jpg");
            json.text("provider_name", name);
            json.int("provider_id", *id);
        });
    });
}
