//! Shows: their details, seasons and episodes.

use jiff::ToSpan;
use jiff::civil::Date;

use super::events::SEASON_EPISODES;
use super::hash::{Dice, mix};
use super::json::Json;
use super::movie;
use super::population::whole;
use super::title::{Title, date_piece, write_date};
use super::words::Tongue;
use super::world::{View, World};

/// Ids of seasons and episodes are their show's times these, plus a number.
const SEASON_IDS: u64 = 64;
const EPISODE_IDS: u64 = 4096;
const MAX_SEASONS: u64 = 60;
const MAX_EPISODES: u64 = EPISODE_IDS - 1;

/// A season, of which all else follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Season {
    pub(super) number: u64,
    pub(super) id: u64,
    pub(super) episodes: u64,
    /// Episodes of the seasons before.
    before: u64,
    date: Option<Date>,
    hash: u64,
    /// The number of its last episode, aired or not.
    planned: u64,
}

/// The seasons of a show in order, the specials first.
pub(super) fn seasons(show: &Title) -> Vec<Season> {
    let mut dice = show.dice(30);
    let count = whole((1.0 - dice.share()).powf(-0.53)).clamp(1, MAX_SEASONS);
    let has_specials = dice.chance(0.07);
    let usual = 8.0 * (1.1 * dice.bell()).exp();
    let mut before = 0;
    let mut seasons = Vec::new();
    for number in u64::from(!has_specials)..=count {
        let hash = mix(show.hash ^ number << 50);
        let long = if hash.is_multiple_of(5000) { 20.0 } else { 1.0 };
        let wanted = whole(usual * long * (0.8 + 0.5 * dice.share())).max(1);
        let episodes = wanted.min((MAX_EPISODES - before) / (count + 1 - number));
        let years = i64::try_from(number.saturating_sub(1)).unwrap_or(0);
        let date = show.date.map(|date| date.saturating_add((365 * years).days()));
        let id = show.id * SEASON_IDS + number;
        seasons.push(Season { number, id, episodes, before, date, hash, planned: episodes });
        before += episodes;
    }
    let aired = show.airing.map_or(0, |airing| airing.aired);
    for at in 0..aired.div_ceil(SEASON_EPISODES) {
        let episodes = (aired - at * SEASON_EPISODES).min(SEASON_EPISODES);
        seasons.extend(new_season(show, (count + 1 + at, before), at, episodes));
        before += episodes;
    }
    seasons
}

/// A season that a show began after day 0, `at` others before it.
fn new_season(
    show: &Title,
    (number, before): (u64, u64),
    at: u64,
    episodes: u64,
) -> Option<Season> {
    let airing = show.airing?;
    let day = i64::try_from(airing.day(at * SEASON_EPISODES)).unwrap_or(0);
    let date = airing.start.saturating_add(day.days());
    let (id, hash) = (show.id * SEASON_IDS + number, mix(show.hash ^ number << 50));
    let planned = SEASON_EPISODES;
    Some(Season { number, id, episodes, before, date: Some(date), hash, planned })
}

/// The episode that a show will air next.
fn next_episode(show: &Title, seasons: &[Season]) -> Option<(Season, u64)> {
    let next = show.airing?.next()?;
    let (at, within) = (next / SEASON_EPISODES, next % SEASON_EPISODES);
    let last = seasons.last()?;
    let season = if within > 0 {
        *last
    } else {
        new_season(show, (last.number + 1, last.before + last.episodes), at, 0)?
    };
    Some((season, within + 1))
}

impl Season {
    pub(super) fn last_air_date(&self) -> Option<Date> {
        air_date(self, self.episodes)
    }
}

impl World {
    pub(super) fn show_members(&self, show: &Title, json: &mut Json, view: View<'_>) {
        let mut dice = show.dice(31);
        let seasons = seasons(show);
        let language = view.language();
        let last = seasons.last().copied();
        let is_over = show.airing.is_none() && !show.hash.is_multiple_of(4);
        json.bool("adult", show.is_adult);
        json.path_or_null("backdrop_path", show.backdrop);
        self.creators(show, json, view.day);
        json.array("episode_run_time", |json| {
            if dice.chance(0.4) {
                json.item_int(20 + show.hash % 50);
            }
        });
        write_date(json, "first_air_date", show.date);
        movie::genres(show, json, language);
        movie::homepage(show, json);
        json.int("id", show.id);
        json.bool("in_production", !is_over);
        json.array("languages", |json| json.item_text(show.tongue.code));
        match last.and_then(|season| season.last_air_date()) {
            Some(date) => json.built("last_air_date", |json| date_piece(json, date)),
            None => json.null("last_air_date"),
        }
        match last {
            Some(season) if show.date.is_some() => json.member("last_episode_to_air", |json| {
                episode_members(show, &season, season.episodes, json);
            }),
            _ => json.null("last_episode_to_air"),
        }
        json.text("name", &show.name_in(language));
        match next_episode(show, &seasons) {
            Some((season, number)) => json.member("next_episode_to_air", |json| {
                episode_members(show, &season, number, json);
            }),
            None => json.null("next_episode_to_air"),
        }
        json.array("networks", |json| {
            if show.weight > 1.2 {
                json.object(|json| self.network_brief(self.network_of(show), json));
            }
        });
        let regular = || seasons.iter().filter(|season| season.number > 0);
        json.int("number_of_episodes", regular().map(|season| season.episodes).sum());
        json.int("number_of_seasons", regular().count() as u64);
        json.array("origin_country", |json| json.item_text(show.tongue.country));
        json.text("original_language", show.tongue.code);
        json.text("original_name", &show.original_name());
        show.overview(json, language);
        json.ten_thousandths("popularity", show.popularity);
        json.path_or_null("poster_path", show.poster);
        self.producers(show, json);
        json.array("seasons", |json| {
            for season in &seasons {
                json.object(|json| season_brief(season, json));
            }
        });
        json.bool("softcore", false);
        movie::spoken(show, json);
        json.text("status", status(show, is_over));
        movie::tagline(show, json);
        json.text(
            "type",
            if (show.hash >> 6).is_multiple_of(8) { "Miniseries" } else { "Scripted" },
        );
        show.votes(json);
    }

    fn creators(&self, show: &Title, json: &mut Json, day: u32) {
        let mut dice = show.dice(32);
        json.objects("created_by", 0..show.amount(0.4, 4, &mut dice), |json, _| {
            let person = self.someone(&mut dice, day);
            json.int("id", person.id);
            json.hex("credit_id", dice.next());
            json.text("name", &person.name.latin);
            json.text("original_name", &person.name.own);
            json.int("gender", person.gender);
            json.path_or_null("profile_path", person.profile);
        });
    }

    fn network_of(&self, show: &Title) -> u64 {
        show.hash % self.networks.count(0)
    }

    /// The members of a season; its `id` is left out where it is appended to its show.
    pub(super) fn season_members(
        &self,
        (show, season): (&Title, &Season),
        json: &mut Json,
        view: View<'_>,
        is_own: bool,
    ) {
        json.hex("_id", season.hash);
        air(json, season.date);
        json.array("episodes", |json| {
            for number in 1..=season.episodes {
                json.object(|json| self.episode(show, season, number, json, view.day));
            }
        });
        json.text("name", &season_name(season.number));
        json.array("networks", |json| {
            if show.weight > 1.2 {
                json.object(|json| self.network_brief(self.network_of(show), json));
            }
        });
        Tongue::english().plot(json, "overview", season.hash, season.hash & 1);
        if is_own {
            json.int("id", season.id);
        }
        json.path_or_null("poster_path", poster(season));
        json.int("season_number", season.number);
        json.thousandths("vote_average", rating(season) * 100);
    }

    /// The members of an episode, with its people.
    pub(super) fn episode(
        &self,
        show: &Title,
        season: &Season,
        number: u64,
        json: &mut Json,
        day: u32,
    ) {
        episode_members(show, season, number, json);
        let mut dice = episode_dice(season, number);
        self.episode_people(json, &mut dice, day, show.weight.min(6.0));
    }
}

fn status(show: &Title, is_over: bool) -> &'static str {
    match (is_over, show.hash >> 2 & 7) {
        (true, 0) => "Canceled",
        (true, _) => "Ended",
        (false, 0) if show.airing.is_none() => "In Production",
        (false, 1) if show.airing.is_none() => "Planned",
        (false, _) => "Returning Series",
    }
}

/// The members that an episode has wherever it stands.
pub(super) fn episode_members(show: &Title, season: &Season, number: u64, json: &mut Json) {
    let mut dice = episode_dice(season, number + (1 << 20));
    air(json, air_date(season, number));
    json.int("episode_number", number);
    json.text(
        "episode_type",
        match number {
            _ if number == season.planned => "finale",
            8 if season.planned > 14 => "mid_season",
            _ => "standard",
        },
    );
    json.int("id", episode_id(show, season, number));
    let title = Tongue::english().title(dice.next());
    json.text("name", if show.weight > 1.0 { &title } else { "" });
    let sentences = if show.weight > 1.0 { dice.between(0, 3) } else { 0 };
    Tongue::english().plot(json, "overview", dice.next(), sentences);
    match dice.below(20) {
        0 => json.null("production_code"),
        1..4 => json.text("production_code", &format!("{}X{number:02}", season.number)),
        _ => json.text("production_code", ""),
    }
    match dice.below(6) {
        0 => json.null("runtime"),
        _ => json.int("runtime", 20 + show.hash % 50),
    }
    json.int("season_number", season.number);
    json.int("show_id", show.id);
    let still = (show.weight > 1.0 || dice.chance(0.5)).then(|| dice.next());
    json.path_or_null("still_path", still);
    let votes = dice.below(whole(show.weight * show.weight).max(1));
    json.thousandths("vote_average", if votes > 0 { 6_000 + dice.below(3_200) } else { 0 });
    json.int("vote_count", votes);
}

pub(super) fn episode_id(show: &Title, season: &Season, number: u64) -> u64 {
    show.id * EPISODE_IDS + season.before + number
}

pub(super) fn episode_dice(season: &Season, number: u64) -> Dice {
    Dice::new(mix(season.hash ^ number << 8))
}

/// A season as its show lists it.
fn season_brief(season: &Season, json: &mut Json) {
    air(json, season.date);
    json.int("episode_count", season.episodes);
    json.int("id", season.id);
    json.text("name", &season_name(season.number));
    Tongue::english().plot(json, "overview", season.hash, season.hash & 1);
    json.path_or_null("poster_path", poster(season));
    json.int("season_number", season.number);
    json.thousandths("vote_average", rating(season) * 100);
}

fn season_name(number: u64) -> String {
    if number == 0 { "Specials".to_owned() } else { format!("Season {number}") }
}

pub(super) fn poster(season: &Season) -> Option<u64> {
    (season.hash % 10 < 8).then_some(season.hash ^ 2)
}

/// In tenths.
fn rating(season: &Season) -> u64 {
    if season.hash.is_multiple_of(4) { 0 } else { 55 + season.hash % 35 }
}

/// One episode a week.
fn air_date(season: &Season, number: u64) -> Option<Date> {
    let weeks = i64::try_from(number.min(2_000)).unwrap_or(0) - 1;
    season.date.map(|date| date.saturating_add((7 * weeks).days()))
}

fn air(json: &mut Json, date: Option<Date>) {
    match date {
        Some(date) => json.built("air_date", |json| date_piece(json, date)),
        None => json.null("air_date"),
    }
}
