//! What is known of every movie and show, and their rows in lists.

use domain::Kind;
use jiff::ToSpan;
use jiff::civil::Date;

use super::events::{Airing, Edits, may_be_ahead};
use super::hash::{Dice, mix};
use super::json::Json;
use super::population::{Population, share, whole};
use super::words::{TONGUES, Tongue};
use super::world::{View, World};

pub(super) const MOVIE_GENRES: [(u64, &str); 19] = [
    (28, "Action"),
    (12, "Adventure"),
    (16, "Animation"),
    (35, "Comedy"),
    (80, "Crime"),
    (99, "Documentary"),
    (18, "Drama"),
    (10751, "Family"),
    (14, "Fantasy"),
    (36, "History"),
    (27, "Horror"),
    (10402, "Music"),
    (9648, "Mystery"),
    (10749, "Romance"),
    (878, "Science Fiction"),
    (10770, "TV Movie"),
    (53, "Thriller"),
    (10752, "War"),
    (37, "Western"),
];
pub(super) const TV_GENRES: [(u64, &str); 16] = [
    (10759, "Action & Adventure"),
    (16, "Animation"),
    (35, "Comedy"),
    (80, "Crime"),
    (99, "Documentary"),
    (18, "Drama"),
    (10751, "Family"),
    (10762, "Kids"),
    (9648, "Mystery"),
    (10763, "News"),
    (10764, "Reality"),
    (10765, "Sci-Fi & Fantasy"),
    (10766, "Soap"),
    (10767, "Talk"),
    (10768, "War & Politics"),
    (37, "Western"),
];

/// A movie or a show on some day.
#[derive(Clone, Debug)]
pub(super) struct Title {
    pub(super) kind: Kind,
    pub(super) index: u64,
    pub(super) id: u64,
    pub(super) hash: u64,
    /// What its editors did to it since it came.
    pub(super) edits: Edits,
    pub(super) airing: Option<Airing>,
    /// The hash of its name and the id of its IMDb number: another's, once that
    /// one was merged into it.
    pub(super) identity: (u64, u64),
    pub(super) is_released: bool,
    /// How much there is to say: from 0.5 to about 60, 2 on average.
    pub(super) weight: f64,
    pub(super) tongue: &'static Tongue,
    pub(super) genres: Vec<(u64, &'static str)>,
    /// Release or first air date; about one in a hundred is unknown.
    pub(super) date: Option<Date>,
    pub(super) vote_count: u64,
    /// In thousandths.
    pub(super) vote_average: u64,
    /// In ten thousandths.
    pub(super) popularity: u64,
    pub(super) is_adult: bool,
    pub(super) is_video: bool,
    pub(super) backdrop: Option<u64>,
    pub(super) poster: Option<u64>,
    pub(super) sentences: u64,
}

impl World {
    pub(super) fn movie(&self, index: u64, day: u32) -> Title {
        self.title(Kind::Movie, &self.movies, index, day)
    }

    pub(super) fn show(&self, index: u64, day: u32) -> Title {
        self.title(Kind::Tv, &self.shows, index, day)
    }

    fn title(&self, kind: Kind, all: &Population, index: u64, day: u32) -> Title {
        let mut title = self.first_title(kind, all, index, day);
        let is_movie = kind == Kind::Movie;
        let edits = all.edits(index, day);
        let merged = all.merged(index);
        if edits > 0 {
            // The date of one that takes another in is that other's in the end.
            let is_past = title.is_released && title.date.is_some();
            let is_dated = is_movie && is_past && merged.is_none();
            title.edits = Edits::of(title.hash, edits, is_movie, is_dated);
            title.date = title.date.map(|date| date.saturating_sub(title.edits.days.days()));
        }
        let is_out = self.release_day(kind, index).is_some_and(|on| on <= u64::from(day));
        title.is_released |= is_out;
        title.airing = self.airing(kind, index, day);
        if let Some((other, on)) = merged.filter(|(_, on)| *on <= u64::from(day)) {
            let before = u32::try_from(on - 1).unwrap_or(day);
            title.take_in(&self.title(kind, all, other, before));
        }
        title
    }

    pub(super) fn first_show(&self, index: u64) -> Title {
        self.first_title(Kind::Tv, &self.shows, index, 0)
    }

    /// A title before anything happened to it, with the figures of a day.
    pub(super) fn first_title(&self, kind: Kind, all: &Population, index: u64, day: u32) -> Title {
        let hash = all.hash(index);
        let mut dice = Dice::new(hash);
        let depth = all.depth(index);
        let weight = depth.powf(-0.5).min(42.0) * (0.6 + 0.8 * dice.share());
        let genres: &[(u64, &str)] = if kind == Kind::Movie { &MOVIE_GENRES } else { &TV_GENRES };
        let date = self.date(&mut dice, all, index);
        let is_out = date.is_some_and(|date| date < self.date_of(u64::from(day)));
        let luck = dice.share();
        let fans = if is_out { weight * weight * 9.0 * luck } else { 0.0 };
        let days = u64::from(day) as f64 + share(hash);
        let vote_count = whole(fans) + if is_out { whole(days * weight * 0.1) } else { 0 };
        let vote_average = average(&mut dice, vote_count, (u64::from(day) + hash % 5) / 5);
        Title {
            kind,
            index,
            id: all.id(index),
            hash,
            edits: Edits::default(),
            airing: None,
            identity: (hash, all.id(index)),
            is_released: date.is_none_or(|date| date <= self.date_of(all.born(index))),
            weight,
            tongue: tongue(&mut dice),
            genres: pick_genres(&mut dice, genres, weight),
            date,
            vote_count,
            vote_average,
            popularity: popularity(all, index, day, 7_000_000.0),
            is_adult: depth > 0.05 && dice.chance(0.02),
            is_video: kind == Kind::Movie && depth > 0.05 && dice.chance(0.015),
            backdrop: (weight > 2.0 || dice.chance(0.6)).then(|| dice.next()),
            poster: (weight > 2.0 || dice.chance(0.8)).then(|| dice.next()),
            sentences: if weight > 2.0 { dice.between(2, 4) } else { dice.below(4) },
        }
    }

    /// The best known were mostly released lately or will be soon.
    pub(super) fn date(&self, dice: &mut Dice, all: &Population, index: u64) -> Option<Date> {
        let (recent, age, spread) = (dice.chance(0.5), dice.share(), dice.below(366));
        if dice.chance(0.01) {
            return None;
        }
        let born = i64::try_from(all.born(index)).unwrap_or(0);
        let days = |days: u64| i64::try_from(days).unwrap_or(0);
        if may_be_ahead(all, index) && (born > 0 || recent) {
            let ahead = born + days(spread) % 110 - 75;
            return Some(self.start.saturating_add(ahead.days()));
        }
        let back = days(whole(age.powf(2.2) * 105.0)) * 365 + days(spread);
        Some(self.start.saturating_sub(back.days()))
    }
}

impl Title {
    /// Carries on another title that is merged into it.
    fn take_in(&mut self, other: &Self) {
        self.identity = other.identity;
        self.is_released = true;
        self.tongue = other.tongue;
        self.date = other.date;
    }

    pub(super) fn is_merged(&self) -> bool {
        self.identity.1 != self.id
    }

    /// The title in a language; in English when there is no translation.
    pub(super) fn name_in(&self, language: &str) -> String {
        let tongue = self.translation(language).unwrap_or_else(Tongue::english);
        self.named(tongue)
    }

    pub(super) fn original_name(&self) -> String {
        self.named(self.tongue)
    }

    pub(super) fn named(&self, tongue: &Tongue) -> String {
        tongue.title(self.identity.0 ^ 0x7171)
    }

    /// How many languages it is translated into, of those with words of their own.
    pub(super) fn translations(&self) -> usize {
        usize::try_from(1 + whole(self.weight * 0.7)).unwrap_or(1).min(TONGUES.len())
    }

    fn translation(&self, language: &str) -> Option<&'static Tongue> {
        let translated = TONGUES[..self.translations()].iter();
        let found = translated.chain([self.tongue]).find(|tongue| tongue.code == language);
        found.filter(|tongue| tongue.code != "en")
    }

    /// Writes what it is about; empty where the language lacks a translation.
    pub(super) fn overview(&self, json: &mut Json, language: &str) {
        let tongue = match language {
            "en" => Some(Tongue::english()),
            _ => self.translation(language),
        };
        match tongue {
            Some(tongue) => self.plot(json, tongue),
            None => json.text("overview", ""),
        }
    }

    pub(super) fn plot(&self, json: &mut Json, tongue: &Tongue) {
        let edits = self.edits.overview;
        // Another length each time, so that no two in a row are the same.
        let sentences = if edits > 0 { self.sentences.max(1) + edits % 2 } else { self.sentences };
        tongue.plot(json, "overview", self.hash ^ 0x0b ^ edits << 48, sentences);
    }

    /// In minutes.
    pub(super) fn runtime(&self) -> u64 {
        80 + (self.hash % 60 + 7 * self.edits.runtime) % 60
    }

    /// Its row in a list, as an item of an array.
    pub(super) fn row(&self, json: &mut Json, view: View<'_>, media_type: bool) {
        json.object(|json| self.row_members(json, view, media_type));
    }

    pub(super) fn row_members(&self, json: &mut Json, view: View<'_>, media_type: bool) {
        let language = view.language();
        json.bool("adult", self.is_adult);
        json.path_or_null("backdrop_path", self.backdrop);
        json.array("genre_ids", |json| self.genres.iter().for_each(|(id, _)| json.item_int(*id)));
        json.int("id", self.id);
        if self.kind == Kind::Tv {
            json.array("origin_country", |json| json.item_text(self.tongue.country));
        }
        if media_type {
            json.text("media_type", self.kind.as_str());
        }
        json.text("original_language", self.tongue.code);
        let (name, original_name, date) = self.field_names();
        json.text(original_name, &self.original_name());
        self.overview(json, language);
        json.ten_thousandths("popularity", self.popularity);
        json.path_or_null("poster_path", self.poster);
        write_date(json, date, self.date);
        json.bool("softcore", false);
        json.text(name, &self.name_in(language));
        if self.kind == Kind::Movie {
            json.bool("video", self.is_video);
        }
        self.votes(json);
    }

    pub(super) fn votes(&self, json: &mut Json) {
        // A whole average comes as an integer now and then.
        if self.vote_average.is_multiple_of(1000) && self.hash & 7 < 3 {
            json.int("vote_average", self.vote_average / 1000);
        } else {
            json.thousandths("vote_average", self.vote_average);
        }
        json.int("vote_count", self.vote_count);
    }

    /// What the name, the original name and the date are called for its kind.
    pub(super) fn field_names(&self) -> (&'static str, &'static str, &'static str) {
        match self.kind {
            Kind::Movie => ("title", "original_title", "release_date"),
            _ => ("name", "original_name", "first_air_date"),
        }
    }

    /// Dice of its own for one aspect, the same on every day.
    pub(super) fn dice(&self, aspect: u64) -> Dice {
        Dice::new(mix(self.hash ^ aspect << 40))
    }

    /// So many times its weight, on average, but at most `most`.
    pub(super) fn amount(&self, times: f64, most: u64, dice: &mut Dice) -> u64 {
        whole(self.weight * times * (0.5 + dice.share()) + dice.share()).min(most)
    }
}

/// Writes a date as TMDB does, `""` when it is unknown.
pub(super) fn write_date(json: &mut Json, name: &str, date: Option<Date>) {
    json.built(name, |json| {
        if let Some(date) = date {
            date_piece(json, date);
        }
    });
}

/// `2026-11-20`, within a string that is being built.
pub(super) fn date_piece(json: &mut Json, date: Date) {
    let number = |part: i16| u64::try_from(part).unwrap_or(0);
    json.piece_int(number(date.year()), 4);
    json.piece("-");
    json.piece_int(number(date.month().into()), 2);
    json.piece("-");
    json.piece_int(number(date.day().into()), 2);
}

/// Popularity in ten thousandths: a power law of the rank.
pub(super) fn popularity(all: &Population, index: u64, day: u32, best: f64) -> u64 {
    // Between its rank and the next, another place each day.
    let place = share(mix(all.hash(index) ^ u64::from(day) << 20));
    whole(best * (all.rank(index, day) as f64 + 1.0 + place).powf(-0.6))
}

fn average(dice: &mut Dice, vote_count: u64, mood: u64) -> u64 {
    let average = whole((6.3 + dice.bell() * 1.1).clamp(1.0, 9.4) * 1000.0);
    match vote_count {
        0 => 0,
        1..10 => (average / 1000 + mood % 3).min(10) * 1000,
        _ => average + mood % 7,
    }
}

fn tongue(dice: &mut Dice) -> &'static Tongue {
    // Almost half of all titles are English.
    if dice.chance(0.45) {
        return Tongue::english();
    }
    let at = whole(dice.share().powf(1.6) * TONGUES.len() as f64);
    &TONGUES[usize::try_from(at).unwrap_or(0).min(TONGUES.len() - 1)]
}

fn pick_genres(
    dice: &mut Dice,
    genres: &[(u64, &'static str)],
    weight: f64,
) -> Vec<(u64, &'static str)> {
    let count = if weight > 2.0 { dice.between(1, 3) } else { dice.below(3) };
    let mut picked: Vec<(u64, &str)> = Vec::with_capacity(3);
    for _ in 0..count {
        // Drama and comedy lie in the first half, as most titles do.
        let at = whole(dice.share().powf(1.3) * genres.len() as f64);
        let genre = genres[usize::try_from(at).unwrap_or(0).min(genres.len() - 1)];
        if !picked.contains(&genre) {
            picked.push(genre);
        }
    }
    picked
}
