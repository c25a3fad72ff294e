//! The parts of a body: those that ride along, and what of each is shown.

use std::borrow::Cow;

use domain::Kind;
use records::{DecodeError, View};

use super::asked::Asked;
use super::derived;
use super::held::Subject;
use super::{Form, text, translated};

const MOVIE: &[&str] = &[
    "account_states",
    "alternative_titles",
    "casts",
    "changes",
    "credits",
    "external_ids",
    "images",
    "keywords",
    "lists",
    "recommendations",
    "release_dates",
    "releases",
    "reviews",
    "similar",
    "similar_movies",
    "trailers",
    "translations",
    "videos",
    "watch/providers",
];

const TV: &[&str] = &[
    "account_states",
    "aggregate_credits",
    "alternative_titles",
    "changes",
    "content_ratings",
    "credits",
    "episode_groups",
    "external_ids",
    "images",
    "keywords",
    "lists",
    "recommendations",
    "reviews",
    "screened_theatrically",
    "similar",
    "translations",
    "videos",
    "watch/providers",
];

const SEASON: &[&str] = &[
    "account_states",
    "aggregate_credits",
    "changes",
    "credits",
    "external_ids",
    "images",
    "translations",
    "videos",
    "watch/providers",
];

const EPISODE: &[&str] =
    &["account_states", "changes", "credits", "external_ids", "images", "translations", "videos"];

const PERSON: &[&str] = &[
    "changes",
    "combined_credits",
    "external_ids",
    "images",
    "latest",
    "movie_credits",
    "tagged_images",
    "translations",
    "tv_credits",
];

/// The members of a kind's body that only `append_to_response` adds.
pub(super) fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Movie => MOVIE,
        Kind::Tv => TV,
        Kind::Season => SEASON,
        Kind::Episode => EPISODE,
        Kind::Person => PERSON,
        Kind::Collection => &["images", "translations"],
        Kind::Company => &["alternative_names", "images", "movies"],
        Kind::Network => &["alternative_names", "images"],
        Kind::Keyword => &["movies"],
        Kind::Reference => &[],
    }
}

/// Parts that TMDB gives without an `id` even when they stand alone.
const NAMELESS: [&str; 3] = ["recommendations", "similar", "similar_movies"];

/// Parts that come in pages, of which the first rides along.
const PAGED: [&str; 7] =
    ["lists", "movies", "recommendations", "reviews", "similar", "similar_movies", "tagged_images"];

/// Parts whose rows are titles, which read differently in another language.
pub(super) const ROWS: [&str; 2] = ["recommendations", "similar"];

/// Lists within `images`.
const IMAGES: [&str; 5] = ["backdrops", "logos", "posters", "profiles", "stills"];

/// A part that can be answered.
pub(super) enum Part<'h> {
    Held {
        name: String,
        view: View<'h>,
    },
    /// Held, but no object.
    Odd {
        name: String,
    },
    /// Told by other members.
    Derived(derived::Derived<'h>),
}

/// Finds a part of a subject; `None` where nothing tells it, or a kind has no such part.
pub(super) fn find<'h>(subject: &Subject<'h>, name: &str) -> Result<Option<Part<'h>>, DecodeError> {
    if !names(subject.key.kind()).contains(&name) {
        return Ok(None);
    }
    if let Some(view) = subject.view.inner(name).filter(View::is_object) {
        return Ok(Some(Part::Held { name: name.to_owned(), view }));
    }
    if subject.view.has(name) {
        return Ok(Some(Part::Odd { name: name.to_owned() }));
    }
    Ok(derived::find(subject, name)?.map(Part::Derived))
}

impl Part<'_> {
    /// Appends its value.
    pub(super) fn write(
        &self,
        subject: &Subject<'_>,
        asked: &Asked,
        form: Form,
        out: &mut String,
    ) -> Result<(), DecodeError> {
        if let Self::Odd { name } = self {
            let mut member = "{".to_owned();
            subject.view.write_members(|own| own == name, &mut member)?;
            let value = member.split_once(':').map_or("null", |(_, value)| value);
            out.push_str(value);
            return Ok(());
        }
        out.push('{');
        let name = match self {
            Self::Held { name, .. } => name.as_str(),
            _ => "",
        };
        if form == Form::Alone
            && !NAMELESS.contains(&name)
            && let Some(id) = subject.id()?
        {
            text::number("id", id, out);
        }
        match self {
            Self::Held { name, view } => held(name, *view, subject, (asked, form), out)?,
            Self::Derived(derived) => derived.write(out)?,
            Self::Odd { .. } => {}
        }
        out.push('}');
        Ok(())
    }
}

/// Writes the members of a part that is held, without its id.
fn held(
    name: &str,
    view: View<'_>,
    subject: &Subject<'_>,
    (asked, form): (&Asked, Form),
    out: &mut String,
) -> Result<(), DecodeError> {
    match (name, subject.key.kind()) {
        ("images", Kind::Movie | Kind::Tv | Kind::Season | Kind::Collection) => {
            chosen(view, &IMAGES, |row| asked.shows_image(language(row).as_deref()), out)
        }
        ("images", Kind::Episode) => {
            chosen(view, &IMAGES, |row| asked.shows_still(language(row).as_deref()), out)
        }
        ("videos", _) => {
            chosen(view, &["results"], |row| asked.shows_video(language(row).as_deref()), out)
        }
        ("alternative_titles", Kind::Movie) if asked.country().is_some() => {
            let is_of_country =
                |row: &View<'_>| row.text("iso_3166_1").as_deref() == asked.country();
            chosen(view, &["titles"], is_of_country, out)
        }
        // A record holds the first page. TMDB answers a page behind the last with its totals
        // and no rows, and so does the mirror for every page that it does not hold: who
        // walks pages comes to an end, and the totals still tell what TMDB has.
        _ if PAGED.contains(&name) && form == Form::Alone && asked.page() > 1 => {
            view.write_members(|own| !matches!(own, "id" | "page" | "results"), out)?;
            text::number("page", asked.page().into(), out);
            text::key("results", out);
            out.push_str("[]");
            Ok(())
        }
        (_, kind) if ROWS.contains(&name) && view.rows("results").next().is_some() => {
            view.write_members(|own| !matches!(own, "id" | "results"), out)?;
            translated::rows("results", view, (subject, kind), asked, out)
        }
        _ => view.write_members(|own| own != "id", out),
    }
}

fn language<'v>(row: &View<'v>) -> Option<Cow<'v, str>> {
    row.text("iso_639_1")
}

/// Writes the members of an object; of some lists only the rows that are wanted.
fn chosen(
    view: View<'_>,
    lists: &[&str],
    wanted: impl Fn(&View<'_>) -> bool,
    out: &mut String,
) -> Result<(), DecodeError> {
    let has_rows = |list: &&str| view.rows(list).next().is_some();
    let lists: Vec<&str> = lists.iter().copied().filter(|list| has_rows(list)).collect();
    view.write_members(|own| own != "id" && !lists.contains(&own), out)?;
    for list in lists {
        text::key(list, out);
        out.push('[');
        for row in view.rows(list).filter(&wanted) {
            text::next_item(out);
            row.write(out)?;
        }
        out.push(']');
    }
    Ok(())
}
