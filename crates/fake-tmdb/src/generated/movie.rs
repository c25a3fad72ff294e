//! The detail of a movie.

use super::genres;
use super::hash::Dice;
use super::json::Json;
use super::parts;
use super::title::{Title, write_date};
use super::words::Tongue;
use super::world::{COLLECTION_SIZE, COLLECTION_STEP, View, World};

impl World {
    /// The collection that a movie belongs to.
    pub(super) fn collection_of(&self, movie: u64) -> Option<u64> {
        let collection = movie / COLLECTION_STEP / COLLECTION_SIZE;
        let belongs =
            movie.is_multiple_of(COLLECTION_STEP) && collection < self.collections.count(0);
        belongs.then_some(collection)
    }

    pub(super) fn movie_members(&self, movie: &Title, json: &mut Json, view: View<'_>) {
        let mut dice = movie.dice(20);
        let language = view.language();
        json.bool("adult", movie.is_adult);
        json.path_or_null("backdrop_path", movie.backdrop);
        match self.collection_of(movie.index) {
            Some(index) => json.member("belongs_to_collection", |json| {
                json.int("id", self.collections.id(index));
                json.text("name", &self.collection_name(index));
                let hash = self.collections.hash(index);
                json.path("poster_path", hash, ".jpg");
                json.path_or_null("backdrop_path", (hash & 1 == 0).then_some(hash ^ 1));
            }),
            None => json.null("belongs_to_collection"),
        }
        let (budget, revenue) = money(movie, &mut dice);
        json.int("budget", budget);
        genres(movie, json, language);
        homepage(movie, json);
        json.int("id", movie.id);
        parts::imdb_id(movie, json);
        json.array("origin_country", |json| json.item_text(movie.tongue.country));
        json.text("original_language", movie.tongue.code);
        json.text("original_title", &movie.original_name());
        movie.overview(json, language);
        json.ten_thousandths("popularity", movie.popularity);
        json.path_or_null("poster_path", movie.poster);
        self.producers(movie, json);
        write_date(json, "release_date", movie.date);
        json.int("revenue", revenue);
        match dice.below(60) {
            0 if movie.edits.runtime == 0 => json.null("runtime"),
            1..6 if movie.edits.runtime == 0 => json.int("runtime", 0),
            _ => json.int("runtime", movie.runtime()),
        }
        json.bool("softcore", false);
        spoken(movie, json);
        json.text(
            "status",
            match (movie.is_released, movie.hash & 3) {
                (true, _) => "Released",
                (_, 0) => "In Production",
                (_, 1) => "Planned",
                _ => "Post Production",
            },
        );
        tagline(movie, json);
        json.text("title", &movie.name_in(language));
        json.bool("video", movie.is_video);
        movie.votes(json);
    }

    fn company_indexes(&self, title: &Title, dice: &mut Dice) -> Vec<u64> {
        let count = title.amount(0.7, 12, dice);
        (0..count).map(|_| dice.below(self.companies.count(0))).collect()
    }

    pub(super) fn company_ids(&self, title: &Title) -> Vec<u64> {
        let companies = self.company_indexes(title, &mut title.dice(21));
        companies.into_iter().map(|it| self.companies.id(it)).collect()
    }

    /// The companies and countries behind a title.
    pub(super) fn producers(&self, title: &Title, json: &mut Json) {
        let mut dice = title.dice(21);
        json.array("production_companies", |json| {
            for index in self.company_indexes(title, &mut dice) {
                json.object(|json| self.company_brief(index, json));
            }
        });
        let country = parts::COUNTRIES.iter().find(|(code, ..)| *code == title.tongue.country);
        let country = country.filter(|_| title.weight > 1.5 || dice.chance(0.7));
        json.array("production_countries", |json| {
            if let Some((code, name, _)) = country {
                json.object(|json| {
                    json.text("iso_3166_1", code);
                    json.text("name", name);
                });
            }
        });
    }
}

/// The budget and the revenue.
fn money(movie: &Title, dice: &mut Dice) -> (u64, u64) {
    if movie.weight <= 3.0 {
        return (0, 0);
    }
    let budget = dice.between(1, 260) * 1_000_000;
    (budget, budget * dice.between(5, 80) / 10)
}

pub(super) fn revenue(movie: &Title) -> u64 {
    money(movie, &mut movie.dice(20)).1
}

pub(super) fn genres(title: &Title, json: &mut Json, language: &str) {
    json.objects("genres", &title.genres, |json, (id, name)| {
        json.int("id", *id);
        json.text("name", genres::name(*id, name, language));
    });
}

pub(super) fn homepage(title: &Title, json: &mut Json) {
    match title.hash >> 5 & 7 {
        0..4 if title.weight > 2.5 => json.built("homepage", |json| {
            json.piece("https://www.example.com/titles/");
            json.piece_int(title.id, 1);
        }),
        _ => json.text("homepage", ""),
    }
}

pub(super) fn tagline(title: &Title, json: &mut Json) {
    // An edit may find a better one.
    let edits = title.edits.tagline;
    let hash = title.hash ^ edits << 32 ^ 0x7a6;
    let has_one = edits > 0 || title.weight > 2.0 || hash.is_multiple_of(5);
    Tongue::english().plot(json, "tagline", hash, u64::from(has_one) + edits % 2);
}

pub(super) fn spoken(title: &Title, json: &mut Json) {
    let also = (title.weight > 4.0 && title.tongue.code != "en").then(Tongue::english);
    let tongues = [Some(title.tongue).filter(|_| title.hash >> 9 & 15 != 0), also];
    json.objects("spoken_languages", tongues.into_iter().flatten(), |json, tongue| {
        json.text("english_name", tongue.english);
        json.text("iso_639_1", tongue.code);
        json.text("name", tongue.name);
    });
}
