//! People: their rows, their details and their parts.

use jiff::ToSpan;

use super::events::PersonEdits;
use super::hash::{Dice, mix};
use super::json::Json;
use super::population::whole;
use super::title::{date_piece, popularity};
use super::words::{self, Name, Tongue};
use super::world::{View, World};

const DEPARTMENTS: [&str; 12] = [
    "Acting",
    "Acting",
    "Acting",
    "Acting",
    "Acting",
    "Directing",
    "Writing",
    "Production",
    "Camera",
    "Sound",
    "Art",
    "Editing",
];
const PLACES: [&str; 12] = [
    "Los Angeles, California, USA",
    "London, England, UK",
    "Paris, France",
    "Tokyo, Japan",
    "Seoul, South Korea",
    "Mumbai, Maharashtra, India",
    "Berlin, Germany",
    "Madrid, Spain",
    "Rome, Italy",
    "São Paulo, Brazil",
    "Toronto, Ontario, Canada",
    "Moscow, Russia",
];

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) hash: u64,
    pub(super) name: Name,
    /// 0 not set, 1 female, 2 male, 3 non-binary.
    pub(super) gender: u64,
    pub(super) department: &'static str,
    pub(super) popularity: u64,
    pub(super) profile: Option<u64>,
    pub(super) is_adult: bool,
    /// How much there is to say, as of a title.
    pub(super) weight: f64,
    pub(super) edits: PersonEdits,
}

impl World {
    pub(super) fn person(&self, index: u64, day: u32) -> Person {
        let person = self.first_person(index, day);
        let edits = PersonEdits::of(person.hash, self.people.edits(index, day));
        Person { edits, ..person }
    }

    /// A person before anything was edited, with the rank of a day.
    fn first_person(&self, index: u64, day: u32) -> Person {
        let all = &self.people;
        let hash = all.hash(index);
        let mut dice = Dice::new(hash);
        let depth = all.depth(index);
        let weight = depth.powf(-0.6).min(130.0) * (0.6 + 0.8 * dice.share());
        Person {
            id: all.id(index),
            hash,
            name: words::name(dice.next()),
            gender: if weight > 3.0 {
                dice.between(1, 2)
            } else {
                dice.below(10).saturating_sub(6)
            },
            department: dice.pick(&DEPARTMENTS),
            popularity: popularity(all, index, day, 2_000_000.0),
            profile: (weight > 4.0 || dice.chance(0.3)).then(|| dice.next()),
            is_adult: depth > 0.02 && dice.chance(0.03),
            weight,
            edits: PersonEdits::default(),
        }
    }

    /// Someone, rather the known than the unknown.
    pub(super) fn someone(&self, dice: &mut Dice, day: u32) -> Person {
        let share = dice.share();
        let index = whole(share * share * self.people.count(0) as f64);
        self.first_person(index.min(self.people.count(0) - 1), day)
    }
}

impl Person {
    /// The members that every row of a person has.
    pub(super) fn brief(&self, json: &mut Json) {
        json.bool("adult", self.is_adult);
        json.int("gender", self.gender);
        json.int("id", self.id);
        json.text("known_for_department", self.department);
        json.text("name", &self.name.latin);
        json.text("original_name", &self.name.own);
        json.ten_thousandths("popularity", self.popularity);
        json.path_or_null("profile_path", self.profile);
    }

    pub(super) fn imdb_id(&self, json: &mut Json) {
        match self.hash % 10 {
            0 => json.null("imdb_id"),
            1 if self.weight < 2.0 => json.text("imdb_id", ""),
            _ => json.built("imdb_id", |json| {
                json.piece("nm");
                json.piece_int(1_000_000 + self.id, 7);
            }),
        }
    }

    pub(super) fn dice(&self, aspect: u64) -> Dice {
        Dice::new(mix(self.hash ^ aspect << 40))
    }

    pub(super) fn amount(&self, times: f64, most: u64, dice: &mut Dice) -> u64 {
        whole(self.weight * times * (0.5 + dice.share()) + dice.share()).min(most)
    }
}

impl World {
    /// A row of a list of people; `known_for` where the list has it.
    pub(super) fn person_row(
        &self,
        person: &Person,
        json: &mut Json,
        view: View<'_>,
        (known_for, media_type): (bool, bool),
    ) {
        json.object(|json| {
            person.brief(json);
            if media_type {
                json.text("media_type", "person");
            }
            if known_for {
                let mut dice = person.dice(1);
                json.objects("known_for", 0..person.amount(0.8, 3, &mut dice), |json, _| {
                    self.some_title(&mut dice, view.day).row_members(json, view, true);
                });
            }
        });
    }

    pub(super) fn person_members(&self, person: &Person, json: &mut Json, view: View<'_>) {
        let mut dice = person.dice(2);
        let is_known = person.weight > 2.5;
        json.bool("adult", person.is_adult);
        json.array("also_known_as", |json| {
            if person.name.own != person.name.latin {
                json.item_text(&person.name.own);
            }
            for _ in 0..person.amount(0.3, 12, &mut dice) {
                json.item_text(&words::name(dice.next()).own);
            }
            for edit in 0..person.edits.names {
                json.item_text(&words::name(mix(person.hash ^ edit << 33)).own);
            }
        });
        let sentences = if is_known { person.amount(0.5, 30, &mut dice) } else { 0 };
        let edits = person.edits.biography;
        // Another length each time, so that no two in a row are the same.
        let sentences = if edits > 0 { sentences.max(1) + edits % 2 } else { sentences };
        let tongue = Tongue::find(view.language());
        let is_translated = person.hash.is_multiple_of(3);
        match tongue.filter(|tongue| tongue.code == "en" || is_translated) {
            Some(tongue) => {
                tongue.plot(json, "biography", person.hash ^ edits << 48, sentences);
            }
            None => json.text("biography", ""),
        }
        let age = i64::try_from(dice.between(6_000, 36_000)).unwrap_or(0);
        let birthday = self.start.saturating_sub(age.days());
        let is_dead = age > 25_000 && dice.chance(0.5);
        if is_known || dice.chance(0.2) {
            json.built("birthday", |json| date_piece(json, birthday));
        } else {
            json.null("birthday");
        }
        match (is_dead, dice.below(10)) {
            (true, _) => json.built("deathday", |json| {
                date_piece(json, birthday.saturating_add((age - 1500).days()));
            }),
            (false, 0) => json.text("deathday", ""),
            (false, _) => json.null("deathday"),
        }
        json.int("gender", person.gender);
        json.text_or_null("homepage", (dice.below(12) == 0).then_some(""));
        json.int("id", person.id);
        person.imdb_id(json);
        json.text("known_for_department", person.department);
        json.text("name", &person.name.latin);
        let place = is_known.then(|| dice.pick(&PLACES));
        json.text_or_null("place_of_birth", place);
        json.ten_thousandths("popularity", person.popularity);
        json.path_or_null("profile_path", person.profile);
    }
}

impl Person {
    /// The parts of a person that are neither credits nor plain images.
    pub(super) fn side(&self, part: &str, json: &mut Json) -> bool {
        let person = self;
        let mut dice = self.dice(4);
        match part {
            "external_ids" => {
                json.null("freebase_mid");
                json.null("freebase_id");
                person.imdb_id(json);
                json.null("tvrage_id");
                for name in ["wikidata_id", "facebook_id", "instagram_id"] {
                    match dice.below(4) {
                        0 if person.weight > 2.0 => json.token(name, dice.next(), 10),
                        1 => json.text(name, ""),
                        _ => json.null(name),
                    }
                }
                for name in ["tiktok_id", "twitter_id", "youtube_id"] {
                    json.null(name);
                }
            }
            "tagged_images" => {
                json.int("page", 1);
                json.array("results", |_| {});
                json.int("total_pages", 0);
                json.int("total_results", 0);
            }
            "translations" => {
                let count = usize::try_from(person.amount(0.3, 16, &mut dice)).unwrap_or(0);
                json.objects("translations", &words::TONGUES[..count], |json, tongue| {
                    tongue.describe(json);
                    json.member("data", |json| {
                        tongue.plot(json, "biography", person.hash, 2);
                        json.text("name", "");
                        json.bool("primary", tongue.code == "en");
                    });
                });
            }
            "changes" => json.array("changes", |_| {}),
            _ => return false,
        }
        true
    }
}
