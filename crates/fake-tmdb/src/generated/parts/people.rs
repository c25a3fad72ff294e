//! What members of TMDB add: reviews and lists.

use domain::Kind;

use crate::generated::json::Json;
use crate::generated::title::Title;
use crate::generated::words::{self, Tongue};

pub(super) fn reviews(title: &Title, json: &mut Json) {
    let mut dice = title.dice(9);
    let count = title.amount(0.2, 20, &mut dice);
    json.int("page", 1);
    json.objects("results", 0..count, |json, _| {
        let (hash, author) = (dice.next(), words::name(dice.next()).latin);
        let username = author.to_lowercase().replace(' ', "");
        let sentences = dice.between(2, 24);
        json.text("author", &author);
        json.member("author_details", |json| {
            json.text("name", if hash & 1 == 0 { &author } else { "" });
            json.text("username", &username);
            json.path_or_null("avatar_path", (hash & 2 == 0).then_some(hash));
            match hash >> 2 & 7 {
                0 => json.null("rating"),
                rating => json.thousandths("rating", (rating + 2) * 1000),
            }
        });
        Tongue::english().plot(json, "content", hash, sentences);
        json.text("created_at", "2018-05-02T15:22:22.000Z");
        json.hex("id", hash);
        json.text("updated_at", "2024-05-16T15:21:16.000Z");
        json.built("url", |json| {
            json.piece("https://www.themoviedb.org/review/");
            json.hex_digits(hash);
        });
    });
    json.int("total_pages", count.min(1));
    json.int("total_results", count);
}

pub(super) fn lists(title: &Title, json: &mut Json) {
    let mut dice = title.dice(10);
    let count = title.amount(1.0, 20, &mut dice);
    json.int("page", 1);
    json.objects("results", 0..count, |json, _| {
        let hash = dice.next();
        json.text("description", "");
        json.int("favorite_count", 0);
        json.int("id", 1_000 + hash % 8_000_000);
        json.int("item_count", 1 + hash % 900);
        json.text("iso_639_1", "en");
        json.text("iso_3166_1", "US");
        if title.kind == Kind::Movie {
            json.text("list_type", "movie");
        }
        json.text("name", &Tongue::english().title(hash));
        json.null("poster_path");
    });
    json.int("total_pages", count.min(1));
    json.int("total_results", count);
}
