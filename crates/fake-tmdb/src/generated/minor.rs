//! Collections, companies, networks and keywords.

use domain::Kind;

use super::json::Json;
use super::parts::{self, Picture, pictures};
use super::population::Population;
use super::words::{self, TONGUES, Tongue};
use super::world::{COLLECTION_SIZE, COLLECTION_STEP, View, World};

const COUNTRIES: [&str; 8] = ["US", "", "GB", "JP", "FR", "", "KR", "DE"];

impl World {
    /// The population of a kind that has one of its own.
    pub(super) fn population(&self, kind: Kind) -> Option<&Population> {
        match kind {
            Kind::Movie => Some(&self.movies),
            Kind::Tv | Kind::Season | Kind::Episode => Some(&self.shows),
            Kind::Person => Some(&self.people),
            Kind::Collection => Some(&self.collections),
            Kind::Company => Some(&self.companies),
            Kind::Network => Some(&self.networks),
            Kind::Keyword => Some(&self.keywords),
            Kind::Reference => None,
        }
    }

    pub(super) fn collection_name(&self, index: u64) -> String {
        let name = Tongue::english().title(self.collections.hash(index));
        format!("{name} Collection")
    }

    pub(super) fn company_name(&self, index: u64) -> String {
        let hash = self.companies.hash(index);
        let (adjective, noun) = words::english_words(hash);
        let kind = ["Pictures", "Films", "Entertainment", "Studios"][place(hash, 4)];
        format!("{adjective} {noun} {kind}")
    }

    pub(super) fn network_name(&self, index: u64) -> String {
        let (_, noun) = words::english_words(self.networks.hash(index));
        format!("{noun} TV")
    }

    pub(super) fn collection_brief(&self, index: u64, json: &mut Json) {
        let hash = self.collections.hash(index);
        json.int("id", self.collections.id(index));
        json.text("name", &self.collection_name(index));
        json.text("original_language", "en");
        json.text("original_name", &self.collection_name(index));
        Tongue::english().plot(json, "overview", hash, 1 + hash % 3);
        json.path("poster_path", hash, ".jpg");
        json.path_or_null("backdrop_path", (hash & 1 == 0).then_some(hash ^ 1));
    }

    pub(super) fn collection_members(&self, index: u64, json: &mut Json, view: View<'_>) {
        self.collection_brief(index, json);
        json.array("parts", |json| {
            for at in 0..COLLECTION_SIZE {
                let movie = (index * COLLECTION_SIZE + at) * COLLECTION_STEP;
                // Those that have gone since stay listed: no feed tells of collections.
                let is_there = movie < self.movies.count(0);
                if is_there && self.collection_of(movie) == Some(index) {
                    self.as_known(Kind::Movie, movie, view.day).row(json, view, true);
                }
            }
        });
    }

    pub(super) fn company_brief(&self, index: u64, json: &mut Json) {
        let hash = self.companies.hash(index);
        json.int("id", self.companies.id(index));
        json.path_or_null("logo_path", (hash >> 8 & 3 != 0).then_some(hash));
        json.text("name", &self.company_name(index));
        json.text("origin_country", COUNTRIES[place(hash >> 5, COUNTRIES.len())]);
    }

    pub(super) fn network_brief(&self, index: u64, json: &mut Json) {
        let hash = self.networks.hash(index);
        json.int("id", self.networks.id(index));
        json.path_or_null("logo_path", (hash >> 8 & 3 != 0).then_some(hash));
        json.text("name", &self.network_name(index));
        json.text("origin_country", COUNTRIES[place(hash >> 5, COUNTRIES.len())]);
    }

    /// The members of a collection, a company, a network or a keyword.
    pub(super) fn minor_members(&self, kind: Kind, index: u64, json: &mut Json, view: View<'_>) {
        match kind {
            Kind::Collection => self.collection_members(index, json, view),
            Kind::Company => {
                json.text("description", "");
                json.text("headquarters", "Burbank, California");
                json.text("homepage", "");
                self.company_brief(index, json);
                match self.companies.hash(index) % 16 {
                    0 => json.member("parent_company", |json| self.company_brief(index / 2, json)),
                    _ => json.null("parent_company"),
                }
            }
            Kind::Network => {
                json.text("headquarters", "New York City, New York");
                json.text("homepage", "https://www.example.com");
                self.network_brief(index, json);
            }
            _ => {
                json.int("id", self.keywords.id(index));
                json.text("name", &parts::keyword(&self.keywords, index));
            }
        }
    }

    /// Writes the members of a part of one of them; false when there is no such part.
    pub(super) fn minor_part(
        &self,
        (kind, index): (Kind, u64),
        part: &str,
        json: &mut Json,
        view: View<'_>,
    ) -> bool {
        let hash = self.population(kind).map_or(0, |all| all.hash(index));
        match (kind, part) {
            (Kind::Collection, "images") => {
                pictures(json, ("backdrops", Picture::STILL), (None, hash % 12), view, hash);
                pictures(
                    json,
                    ("posters", Picture::POSTER),
                    (Some(hash), 1 + hash % 20),
                    view,
                    hash,
                );
            }
            (Kind::Collection, "translations") => json.objects(
                "translations",
                &TONGUES[..=place(hash, TONGUES.len())],
                |json, tongue| {
                    tongue.describe(json);
                    json.member("data", |json| {
                        json.text("title", &tongue.title(hash));
                        tongue.plot(json, "overview", hash, 1);
                        json.text("homepage", "");
                    });
                },
            ),
            (_, "images") => {
                pictures(json, ("logos", Picture::LOGO), (Some(hash), 1 + hash % 3), view, hash);
            }
            (_, "alternative_names") => json.objects("results", 0..hash % 3, |json, at| {
                let (_, noun) = words::english_words(hash ^ at);
                json.text("name", noun);
                json.text("type", "");
            }),
            (_, "movies") => self.movies_of(index, json, view),
            _ => return false,
        }
        true
    }

    fn movies_of(&self, index: u64, json: &mut Json, view: View<'_>) {
        let mut dice = super::hash::Dice::new(index);
        json.int("page", 1);
        json.array("results", |json| {
            for _ in 0..20 {
                self.some_movie(&mut dice, view.day).row(json, view, false);
            }
        });
        json.int("total_pages", 1);
        json.int("total_results", 20);
    }
}

/// An index into so many choices that follows from a hash.
fn place(hash: u64, choices: usize) -> usize {
    usize::try_from(hash % choices as u64).unwrap_or(0)
}
