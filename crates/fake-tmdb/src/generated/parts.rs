//! The parts that movies and shows have alike.

mod market;
mod media;
mod people;

use domain::Kind;

use super::hash::mix;
use super::json::Json;
use super::population::Population;
use super::title::Title;
use super::words::{self, SPARSE, TONGUES, Tongue};
use super::world::{View, World};
pub(super) use market::{COUNTRIES, PROVIDERS};
pub(super) use media::{Picture, pictures};

impl World {
    /// Writes the members of a part of a movie or a show; false when there is no such part.
    pub(super) fn title_part(
        &self,
        title: &Title,
        part: &str,
        json: &mut Json,
        view: View<'_>,
    ) -> bool {
        match part {
            "alternative_titles" => alternative_titles(title, json, view),
            "changes" => self.title_changes(title, json, view),
            "credits" => self.credits(title, json, view.day),
            "external_ids" => external_ids(title, json),
            "images" => media::images(title, json, view),
            "keywords" => self.keywords_of(title, json),
            "lists" => people::lists(title, json),
            "recommendations" | "similar" => self.related(title, part, json, view),
            "release_dates" => market::release_dates(title, json, self.start),
            "releases" => market::releases(title, json, self.start),
            "content_ratings" => market::content_ratings(title, json),
            "reviews" => people::reviews(title, json),
            "translations" => translations(title, json),
            "videos" => media::videos(title, json, view),
            "watch/providers" => market::providers(title, json),
            _ => return false,
        }
        true
    }

    /// Titles of the same kind: those around it for `similar`, better known ones else.
    fn related(&self, title: &Title, part: &str, json: &mut Json, view: View<'_>) {
        let mut dice = title.dice(3);
        let count = if part == "similar" {
            title.amount(4.6, 20, &mut dice)
        } else {
            title.amount(4.2, 23, &mut dice).saturating_sub(3)
        };
        json.int("page", 1);
        json.array("results", |json| {
            for _ in 0..count {
                let other = if title.kind == Kind::Movie {
                    self.some_movie(&mut dice, view.day)
                } else {
                    self.some_show(&mut dice, view.day)
                };
                other.row(json, view, part == "recommendations");
            }
        });
        json.int("total_pages", 1);
        json.int("total_results", count);
    }

    fn keywords_of(&self, title: &Title, json: &mut Json) {
        let list = if title.kind == Kind::Movie { "keywords" } else { "results" };
        json.objects(list, self.keyword_indexes(title), |json, index| {
            json.int("id", self.keywords.id(index));
            json.text("name", &keyword(&self.keywords, index));
        });
    }

    pub(super) fn keyword_ids(&self, title: &Title) -> Vec<u64> {
        self.keyword_indexes(title).into_iter().map(|it| self.keywords.id(it)).collect()
    }

    fn keyword_indexes(&self, title: &Title) -> Vec<u64> {
        let mut dice = title.dice(4);
        let count = title.amount(1.4, 40, &mut dice) + title.edits.keywords;
        (0..count).map(|_| dice.below(self.keywords.count(0))).collect()
    }

    /// The edits within the days asked for; for some they are never listed.
    fn title_changes(&self, title: &Title, json: &mut Json, view: View<'_>) {
        let changes = |day| self.last_change(title.kind, title.index, day) == Some(day);
        let is_listed = title.hash % 20 >= 7;
        json.array("changes", |json| {
            let (from, to) = self.days(view);
            let edits: Vec<u32> = (from..=to).filter(|day| is_listed && changes(*day)).collect();
            if !edits.is_empty() {
                changed_images(title, &edits, json, self.start);
            }
        });
    }

    /// The days of a question about changes: the last two unless told otherwise.
    fn days(&self, view: View<'_>) -> (u32, u32) {
        let day = |name: &str| {
            let date: jiff::civil::Date = view.get(name)?.parse().ok()?;
            let day = crate::server::days_between(self.start, date).max(0);
            u32::try_from(day).ok()
        };
        let to = day("end_date").unwrap_or(view.day).min(view.day);
        let from = day("start_date").unwrap_or(to.saturating_sub(1));
        (from.max(to.saturating_sub(14)), to)
    }
}

fn changed_images(title: &Title, days: &[u32], json: &mut Json, start: jiff::civil::Date) {
    use jiff::ToSpan;
    json.object(|json| {
        json.text("key", "images");
        json.objects("items", days, |json, day| {
            let hash = mix(title.hash ^ u64::from(*day) << 20);
            let date = start.saturating_add(i64::from(*day).days());
            json.hex("id", hash);
            json.text("action", "added");
            json.text("time", &format!("{date} 09:57:34 UTC"));
            json.text("iso_639_1", "");
            json.text("iso_3166_1", "");
            json.member("value", |json| {
                json.member("poster", |json| json.path("file_path", hash, ".jpg"));
            });
        });
    });
}

/// What a keyword says.
pub(super) fn keyword(all: &Population, index: u64) -> String {
    let (adjective, noun) = words::english_words(all.hash(index));
    format!("{adjective} {noun}").to_lowercase()
}

fn alternative_titles(title: &Title, json: &mut Json, view: View<'_>) {
    let mut dice = title.dice(5);
    let list = if title.kind == Kind::Movie { "titles" } else { "results" };
    json.array(list, |json| {
        for _ in 0..title.amount(0.8, 60, &mut dice) {
            let tongue = Tongue::any(&mut dice);
            let name = tongue.title(dice.next());
            if view.get("country").is_some_and(|country| country != tongue.country) {
                continue;
            }
            json.object(|json| {
                json.text("iso_3166_1", tongue.country);
                json.text("title", &name);
                json.text("type", if dice.chance(0.1) { "working title" } else { "" });
            });
        }
    });
}

/// The number in a title's IMDb id: even for movies, odd for shows.
pub(super) fn imdb_number(kind: Kind, id: u64) -> u64 {
    1_000_000 + 2 * id + u64::from(kind != Kind::Movie)
}

pub(super) fn imdb_id(title: &Title, json: &mut Json) {
    let has_none = title.weight < 6.0 && !title.is_merged();
    match title.hash % 40 {
        0..4 if has_none => json.null("imdb_id"),
        4 if has_none => json.text("imdb_id", ""),
        _ => json.built("imdb_id", |json| {
            json.piece("tt");
            json.piece_int(imdb_number(title.kind, title.identity.1), 7);
        }),
    }
}

fn external_ids(title: &Title, json: &mut Json) {
    imdb_id(title, json);
    if title.kind == Kind::Tv {
        json.text_or_null("freebase_mid", None);
        json.text_or_null("freebase_id", None);
        match title.hash % 5 {
            0 => json.null("tvdb_id"),
            _ => json.int("tvdb_id", 200_000 + title.id),
        }
        json.null("tvrage_id");
    }
    let is_known = title.weight > 3.0;
    if is_known || title.hash.is_multiple_of(3) {
        json.built("wikidata_id", |json| {
            json.piece("Q");
            json.piece_int(10_000_000 + imdb_number(title.kind, title.identity.1), 8);
        });
    } else {
        json.null("wikidata_id");
    }
    for (at, name) in ["facebook_id", "instagram_id", "twitter_id"].into_iter().enumerate() {
        match (is_known, title.hash >> (8 + 2 * at) & 3) {
            (true, 0 | 1) => json.token(name, title.hash ^ at as u64, 12),
            (_, 2) => json.text(name, ""),
            _ => json.null(name),
        }
    }
}

fn translations(title: &Title, json: &mut Json) {
    let mut dice = title.dice(6);
    let sparse = title.amount(0.7, SPARSE.len() as u64, &mut dice).saturating_sub(2);
    json.array("translations", |json| {
        for tongue in &TONGUES[..title.translations()] {
            let is_own = tongue.code == title.tongue.code;
            let own = if is_own { String::new() } else { title.named(tongue) };
            json.object(|json| {
                tongue.describe(json);
                json.member("data", |json| {
                    json.text("homepage", "");
                    title.plot(json, tongue);
                    let tagline = u64::from(dice.chance(0.3));
                    tongue.plot(json, "tagline", dice.next(), tagline);
                    named(title, json, title.runtime(), &own);
                });
            });
        }
        for (code, country, own, english) in &SPARSE[..usize::try_from(sparse).unwrap_or(0)] {
            json.object(|json| {
                json.text("iso_3166_1", country);
                json.text("iso_639_1", code);
                json.text("name", own);
                json.text("english_name", english);
                json.member("data", |json| {
                    json.text("homepage", "");
                    json.text("overview", "");
                    json.text("tagline", "");
                    named(title, json, 0, "");
                });
            });
        }
    });
}

/// The last members of a translation; only movies have a runtime there.
fn named(title: &Title, json: &mut Json, runtime: u64, name: &str) {
    let (field, ..) = title.field_names();
    if title.kind == Kind::Movie {
        json.int("runtime", runtime);
    }
    json.text(field, name);
}
