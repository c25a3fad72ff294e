//! Images and videos.

use crate::generated::hash::{Dice, mix};
use crate::generated::json::Json;
use crate::generated::title::Title;
use crate::generated::words::{TONGUES, Tongue};
use crate::generated::world::View;

/// A shape of image.
#[derive(Clone, Copy, Debug)]
pub(in crate::generated) struct Picture {
    width: u64,
    height: u64,
    /// In thousandths.
    ratio: u64,
    suffix: &'static str,
    /// Share of the images without any text on them.
    wordless: f64,
}

const POSTER: Picture =
    Picture { width: 1000, height: 1500, ratio: 667, suffix: ".jpg", wordless: 0.15 };
const BACKDROP: Picture =
    Picture { width: 1920, height: 1080, ratio: 1778, suffix: ".jpg", wordless: 0.6 };
const LOGO: Picture =
    Picture { width: 800, height: 310, ratio: 2581, suffix: ".png", wordless: 0.0 };

impl Picture {
    pub(in crate::generated) const POSTER: Self = POSTER;
    pub(in crate::generated) const LOGO: Self = LOGO;
    pub(in crate::generated) const STILL: Self = BACKDROP;
    pub(in crate::generated) const PROFILE: Self =
        Self { width: 600, height: 900, ratio: 667, suffix: ".jpg", wordless: 1.0 };
}

/// Writes so many images, the first of them known already.
pub(in crate::generated) fn pictures(
    json: &mut Json,
    (list, shape): (&str, Picture),
    (first, count): (Option<u64>, u64),
    view: View<'_>,
    hash: u64,
) {
    let mut dice = Dice::new(mix(hash ^ shape.width << 32 ^ shape.height));
    json.array(list, |json| {
        for at in 0..count {
            let hash = first.filter(|_| at == 0).unwrap_or(dice.next());
            let tongue = (!dice.chance(shape.wordless))
                .then(|| if dice.chance(0.5) { &TONGUES[0] } else { Tongue::any(&mut dice) });
            picture(json, shape, hash, tongue.map(|tongue| (tongue.code, tongue.country)), view);
        }
    });
}

fn picture(
    json: &mut Json,
    shape: Picture,
    hash: u64,
    language: Option<(&str, &str)>,
    view: View<'_>,
) {
    if !view.wants("include_image_language", language.map(|(code, _)| code)) {
        return;
    }
    let votes = hash % 12;
    let size = 1 + hash % 2;
    json.object(|json| {
        json.thousandths("aspect_ratio", shape.ratio);
        json.int("height", shape.height * size);
        json.text_or_null("iso_3166_1", language.map(|(_, country)| country));
        json.text_or_null("iso_639_1", language.map(|(code, _)| code));
        json.path("file_path", hash, shape.suffix);
        match votes {
            0..6 => json.thousandths("vote_average", 0),
            6 => json.int("vote_average", 5),
            _ => json.thousandths("vote_average", 3_334 + hash % 4_000),
        }
        json.int("vote_count", votes.saturating_sub(5));
        json.int("width", shape.width * size);
    });
}

pub(super) fn images(title: &Title, json: &mut Json, view: View<'_>) {
    let mut dice = title.dice(7);
    let count = |first: Option<u64>, times: f64, most: u64, dice: &mut Dice| {
        (first, u64::from(first.is_some()) + title.amount(times, most, dice))
    };
    let backdrops = count(title.backdrop, 1.0, 120, &mut dice);
    let logos = count(None, 0.4, 40, &mut dice);
    let (poster, posters) = count(title.poster, 2.0, 160, &mut dice);
    pictures(json, ("backdrops", BACKDROP), backdrops, view, title.hash);
    pictures(json, ("logos", LOGO), logos, view, title.hash);
    let posters = posters + title.edits.posters;
    pictures(json, ("posters", POSTER), (poster, posters), view, title.hash);
}

const VIDEO_TYPES: [&str; 8] = [
    "Trailer",
    "Trailer",
    "Teaser",
    "Clip",
    "Featurette",
    "Behind the Scenes",
    "Bloopers",
    "Opening Credits",
];

pub(super) fn videos(title: &Title, json: &mut Json, view: View<'_>) {
    let mut dice = title.dice(8);
    json.array("results", |json| {
        for at in 0..title.amount(0.6, 70, &mut dice) {
            let tongue = if dice.chance(0.75) { &TONGUES[0] } else { Tongue::any(&mut dice) };
            let (kind, hash) = (dice.pick(&VIDEO_TYPES), dice.next());
            if view.wants("include_video_language", Some(tongue.code)) {
                let name = format!("{} - {kind} {}", title.named(tongue), at + 1);
                video(json, (kind, &name), (tongue.code, tongue.country), hash);
            }
        }
    });
}

fn video(json: &mut Json, (kind, name): (&str, &str), (code, country): (&str, &str), hash: u64) {
    json.object(|json| {
        json.text("iso_639_1", code);
        json.text("iso_3166_1", country);
        json.text("name", name);
        json.token("key", hash, 11);
        json.text("site", if hash.is_multiple_of(30) { "Vimeo" } else { "YouTube" });
        json.int("size", if hash.is_multiple_of(5) { 720 } else { 1080 });
        json.text("type", kind);
        json.bool("official", !hash.is_multiple_of(4));
        json.hex("id", hash);
        json.built("published_at", |json| {
            json.piece_int(2008 + hash % 18, 4);
            json.piece("-");
            json.piece_int(1 + hash / 18 % 12, 2);
            json.piece("-");
            json.piece_int(1 + hash / 216 % 28, 2);
            json.piece("T16:28:54.000Z");
        });
    });
}
