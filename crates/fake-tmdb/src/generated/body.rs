//! Whole bodies: the detail of any key, its parts, and both in one.

use bytes::Bytes;
use domain::{Key, Kind};

use super::json::Json;
use super::parts::{Picture, pictures};
use super::person::Person;
use super::show::{self, Season};
use super::title::Title;
use super::world::{View, World};
use crate::compose;

/// What a key names, looked up once for a detail and all its parts.
enum Subject {
    Movie(Title),
    Show(Title),
    Season(Title, Season),
    Episode(Title, Season, u64),
    Person(Person),
    Minor(Kind, u64),
}

impl World {
    /// The detail with parts appended.
    pub(super) fn body(&self, key: Key, parts: &[&str], view: View<'_>) -> Option<Bytes> {
        let subject = self.subject(key, view.day)?;
        let mut json = Json::with_capacity(32 * 1024);
        json.object(|json| {
            self.members(&subject, json, view);
            for part in parts {
                self.append(&subject, part, json, view);
            }
        });
        Some(json.finish())
    }

    /// A part as its own endpoint serves it.
    pub(super) fn part(&self, key: Key, part: &str, view: View<'_>) -> Option<Bytes> {
        let subject = self.subject(key, view.day)?;
        let mut json = Json::with_capacity(8 * 1024);
        let mut exists = false;
        json.object(|json| {
            if !matches!(part, "similar" | "recommendations" | "changes") {
                json.int("id", subject.id(key));
            }
            exists = self.part_members(&subject, part, json, view);
        });
        exists.then(|| json.finish())
    }

    fn subject(&self, key: Key, day: u32) -> Option<Subject> {
        let index = self.population(key.kind())?.answering(key.id(), day)?;
        let season = |show: &Title| {
            let number = u64::from(key.season_number()?);
            show::seasons(show).into_iter().find(|season| season.number == number)
        };
        Some(match key.kind() {
            Kind::Movie => Subject::Movie(self.movie(index, day)),
            Kind::Tv => Subject::Show(self.show(index, day)),
            Kind::Season => {
                let show = self.show(index, day);
                let season = season(&show)?;
                Subject::Season(show, season)
            }
            Kind::Episode => {
                let show = self.show(index, day);
                let season = season(&show)?;
                let number = u64::from(key.episode_number()?);
                if !(1..=season.episodes).contains(&number) {
                    return None;
                }
                Subject::Episode(show, season, number)
            }
            Kind::Person => Subject::Person(self.person(index, day)),
            kind => Subject::Minor(kind, index),
        })
    }

    fn members(&self, subject: &Subject, json: &mut Json, view: View<'_>) {
        match subject {
            Subject::Movie(movie) => self.movie_members(movie, json, view),
            Subject::Show(show) => self.show_members(show, json, view),
            Subject::Season(show, season) => self.season_members((show, season), json, view, true),
            Subject::Episode(show, season, number) => {
                self.episode(show, season, *number, json, view.day);
            }
            Subject::Person(person) => self.person_members(person, json, view),
            Subject::Minor(kind, index) => self.minor_members(*kind, *index, json, view),
        }
    }

    /// Appends a part under its own name, if the subject has it.
    fn append(&self, subject: &Subject, part: &str, json: &mut Json, view: View<'_>) {
        let kind = match subject {
            Subject::Movie(_) => Kind::Movie,
            Subject::Show(_) => Kind::Tv,
            Subject::Season(..) => Kind::Season,
            Subject::Episode(..) => Kind::Episode,
            Subject::Person(_) => Kind::Person,
            Subject::Minor(kind, _) => *kind,
        };
        let is_there = match (subject, compose::season_number(part)) {
            (Subject::Show(show), Some(number)) => {
                show::seasons(show).iter().any(|season| season.number == u64::from(number))
            }
            _ => compose::is_part(kind, part),
        };
        if is_there {
            json.member(part, |json| {
                self.part_members(subject, part, json, view);
            });
        }
    }

    /// Writes the members of a part; false when there is no such part.
    fn part_members(&self, subject: &Subject, part: &str, json: &mut Json, view: View<'_>) -> bool {
        match subject {
            Subject::Movie(movie) => self.title_part(movie, part, json, view),
            Subject::Show(show) => self.show_part(show, part, json, view),
            Subject::Season(show, season) => self.season_part((show, season), part, json, view),
            Subject::Episode(show, season, number) => {
                self.episode_part((show, season, *number), part, json, view)
            }
            Subject::Person(person) => self.person_part(person, part, json, view),
            Subject::Minor(kind, index) => self.minor_part((*kind, *index), part, json, view),
        }
    }

    fn show_part(&self, show: &Title, part: &str, json: &mut Json, view: View<'_>) -> bool {
        let seasons = show::seasons(show);
        let episodes = seasons.iter().map(|season| season.episodes).sum();
        match part {
            "aggregate_credits" => self.aggregate_credits(show, episodes, json, view.day),
            "episode_groups" | "screened_theatrically" => json.array("results", |_| {}),
            _ => {
                let Some(number) = compose::season_number(part) else {
                    return self.title_part(show, part, json, view);
                };
                let number = u64::from(number);
                let Some(season) = seasons.iter().find(|season| season.number == number) else {
                    return false;
                };
                self.season_members((show, season), json, view, false);
            }
        }
        true
    }

    fn season_part(
        &self,
        (show, season): (&Title, &Season),
        part: &str,
        json: &mut Json,
        view: View<'_>,
    ) -> bool {
        match part {
            "aggregate_credits" => self.aggregate_credits(show, season.episodes, json, view.day),
            "images" => {
                let poster = show::poster(season);
                let count = u64::from(poster.is_some()) + season.episodes % 4;
                pictures(json, ("posters", Picture::POSTER), (poster, count), view, season.id);
            }
            "external_ids" => {
                json.null("freebase_mid");
                json.null("freebase_id");
                json.int("tvdb_id", 10_000 + season.id);
                json.null("tvrage_id");
                json.null("wikidata_id");
            }
            "credits" | "translations" | "videos" | "watch/providers" | "changes" => {
                return self.title_part(show, part, json, view);
            }
            _ => return false,
        }
        true
    }

    fn episode_part(
        &self,
        (show, season, number): (&Title, &Season, u64),
        part: &str,
        json: &mut Json,
        view: View<'_>,
    ) -> bool {
        let id = show::episode_id(show, season, number);
        match part {
            "credits" => {
                self.credits(show, json, view.day);
                json.array("guest_stars", |_| {});
            }
            "images" => pictures(json, ("stills", Picture::STILL), (None, 1 + id % 4), view, id),
            "external_ids" => {
                json.null("imdb_id");
                json.null("freebase_mid");
                json.null("freebase_id");
                json.int("tvdb_id", 10_000 + id);
                json.null("tvrage_id");
                json.null("wikidata_id");
            }
            "translations" => json.array("translations", |_| {}),
            "videos" => json.array("results", |_| {}),
            "changes" => json.array("changes", |_| {}),
            _ => return false,
        }
        true
    }

    fn person_part(&self, person: &Person, part: &str, json: &mut Json, view: View<'_>) -> bool {
        match part {
            "combined_credits" => self.person_credits(person, json, view, None),
            "movie_credits" => self.person_credits(person, json, view, Some(Kind::Movie)),
            "tv_credits" => self.person_credits(person, json, view, Some(Kind::Tv)),
            "images" => {
                let count = u64::from(person.profile.is_some()) + person.edits.profiles;
                let images = (person.profile, count);
                pictures(json, ("profiles", Picture::PROFILE), images, view, person.hash);
            }
            _ => return person.side(part, json),
        }
        true
    }
}

impl Subject {
    /// The id that its parts carry: for seasons and episodes their own.
    fn id(&self, key: Key) -> u64 {
        match self {
            Self::Season(_, season) => season.id,
            Self::Episode(show, season, number) => show::episode_id(show, season, *number),
            _ => key.id(),
        }
    }
}
