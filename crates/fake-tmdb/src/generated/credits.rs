//! Who worked on what: cast and crew of titles, and the credits of people.

use domain::Kind;

use super::hash::Dice;
use super::json::Json;
use super::person::Person;
use super::population::whole;
use super::title::{Title, date_piece};
use super::words;
use super::world::{View, World};

const JOBS: [(&str, &str); 16] = [
    ("Directing", "Director"),
    ("Writing", "Screenplay"),
    ("Production", "Producer"),
    ("Camera", "Director of Photography"),
    ("Editing", "Editor"),
    ("Sound", "Original Music Composer"),
    ("Production", "Executive Producer"),
    ("Art", "Production Design"),
    ("Costume & Make-Up", "Costume Design"),
    ("Sound", "Sound Designer"),
    ("Art", "Set Decoration"),
    ("Visual Effects", "Visual Effects Supervisor"),
    ("Crew", "Stunt Coordinator"),
    ("Production", "Casting"),
    ("Writing", "Story"),
    ("Lighting", "Gaffer"),
];

pub(super) fn job(at: u64) -> (&'static str, &'static str) {
    JOBS[usize::try_from(at).unwrap_or(0) % JOBS.len()]
}

fn character(json: &mut Json, dice: &mut Dice) {
    let name = words::name(dice.next()).latin;
    match dice.below(200) {
        0 => json.text("character", ""),
        1..12 => json.text("character", &format!("{name} (voice)")),
        12..20 => json.text("character", "Self"),
        _ => json.text("character", &name),
    }
}

impl World {
    /// Any title, rather a known one: two in three are movies.
    pub(super) fn some_title(&self, dice: &mut Dice, day: u32) -> Title {
        if dice.chance(0.66) { self.some_movie(dice, day) } else { self.some_show(dice, day) }
    }

    pub(super) fn some_movie(&self, dice: &mut Dice, day: u32) -> Title {
        let share = dice.share();
        let index = whole(share * share * self.movies.count(0) as f64);
        self.as_known(Kind::Movie, index.min(self.movies.count(0) - 1), day)
    }

    pub(super) fn some_show(&self, dice: &mut Dice, day: u32) -> Title {
        let share = dice.share();
        let index = whole(share * share * self.shows.count(0) as f64);
        self.as_known(Kind::Tv, index.min(self.shows.count(0) - 1), day)
    }

    pub(super) fn credits(&self, title: &Title, json: &mut Json, day: u32) {
        let mut dice = title.dice(1);
        let first = title.amount(4.9, 320, &mut dice);
        json.objects("cast", 0..first + title.edits.cast, |json, order| {
            // Who is added later leaves the others as they are.
            let mut own = title.dice(1000 + order);
            let dice = if order < first { &mut dice } else { &mut own };
            let person = self.someone(dice, day);
            person.brief(json);
            if title.kind == Kind::Movie {
                json.int("cast_id", order + 1);
            }
            character(json, dice);
            json.hex("credit_id", dice.next());
            json.int("order", order);
        });
        json.array("crew", |json| {
            for at in 0..title.amount(3.8, 520, &mut dice) {
                let person = self.someone(&mut dice, day);
                crew_member(&person, at, json, &mut dice);
            }
        });
    }

    pub(super) fn aggregate_credits(
        &self,
        title: &Title,
        episodes: u64,
        json: &mut Json,
        day: u32,
    ) {
        let mut dice = title.dice(2);
        json.objects("cast", 0..title.amount(4.0, 400, &mut dice), |json, order| {
            let count = dice.between(1, episodes.max(1));
            let person = self.someone(&mut dice, day);
            person.brief(json);
            json.array("roles", |json| {
                json.object(|json| {
                    json.hex("credit_id", dice.next());
                    character(json, &mut dice);
                    json.int("episode_count", count);
                });
            });
            json.int("total_episode_count", count);
            json.int("order", order);
        });
        json.objects("crew", 0..title.amount(2.0, 200, &mut dice), |json, at| {
            let count = dice.between(1, episodes.max(1));
            let person = self.someone(&mut dice, day);
            let (department, job) = job(at);
            person.brief(json);
            json.array("jobs", |json| {
                json.object(|json| {
                    json.hex("credit_id", dice.next());
                    json.text("job", job);
                    json.int("episode_count", count);
                });
            });
            json.text("department", department);
            json.int("total_episode_count", count);
        });
    }

    /// The crew and the guests of one episode, as they stand within it.
    pub(super) fn episode_people(&self, json: &mut Json, dice: &mut Dice, day: u32, weight: f64) {
        let count =
            |dice: &mut Dice, times: f64| whole(weight * times * 2.0 * dice.share()).min(40);
        json.array("crew", |json| {
            for at in 0..count(dice, 1.5) {
                let person = self.someone(dice, day);
                crew_member(&person, at, json, dice);
            }
        });
        json.objects("guest_stars", 0..count(dice, 1.9), |json, order| {
            let person = self.someone(dice, day);
            character(json, dice);
            json.hex("credit_id", dice.next());
            json.int("order", 500 + order);
            person.brief(json);
        });
    }

    /// The credits of a person: of movies, of shows, or both with their media type.
    pub(super) fn person_credits(
        &self,
        person: &Person,
        json: &mut Json,
        view: View<'_>,
        kind: Option<Kind>,
    ) {
        let is_wanted = |title: &Title| kind.is_none_or(|kind| kind == title.kind);
        let mut dice = person.dice(3);
        for (list, times, most) in [("cast", 2.0, 300), ("crew", 0.4, 60)] {
            let count = person.amount(times, most, &mut dice);
            let throws: Vec<u64> = (0..count).map(|_| dice.next()).collect();
            let titles = throws.into_iter().map(|throw| {
                let mut dice = Dice::new(throw);
                (self.some_title(&mut dice, view.day), dice)
            });
            let wanted = titles.filter(|(title, _)| is_wanted(title)).enumerate();
            json.objects(list, wanted, |json, (order, (title, mut dice))| {
                title.row_members(json, view, false);
                credit(&title, json, &mut dice, (list == "cast", order as u64));
                if kind.is_none() {
                    json.text("media_type", title.kind.as_str());
                }
            });
        }
    }
}

fn crew_member(person: &Person, at: u64, json: &mut Json, dice: &mut Dice) {
    let (department, job) = job(at);
    json.object(|json| {
        person.brief(json);
        json.hex("credit_id", dice.next());
        json.text("department", department);
        json.text("job", job);
    });
}

/// What a title's row says of someone's part in it.
fn credit(title: &Title, json: &mut Json, dice: &mut Dice, (is_cast, order): (bool, u64)) {
    if is_cast {
        character(json, dice);
    }
    json.hex("credit_id", dice.next());
    match (title.kind, is_cast) {
        (Kind::Movie, true) => json.int("order", dice.below(30)),
        (Kind::Movie, false) => {}
        _ => {
            json.int("episode_count", dice.between(1, 20));
            match title.date {
                Some(date) => json.built("first_credit_air_date", |json| date_piece(json, date)),
                None => json.null("first_credit_air_date"),
            }
        }
    }
    if !is_cast {
        let (department, job) = job(order);
        json.text("department", department);
        json.text("job", job);
    }
}
