//! Parts that other members tell.

use domain::{Key, Kind};
use records::{DecodeError, View};

use super::held::Subject;
use super::text;

/// A part made from others.
pub(super) enum Derived<'h> {
    /// A movie's `releases`, from its `release_dates`.
    Releases(View<'h>),
    /// A person's `movie_credits` or `tv_credits`, from `combined_credits`.
    CreditsIn { combined: View<'h>, media: &'static str },
    /// An episode's `credits`: its own crew and guests, and its season's cast.
    Episode { episode: View<'h>, season: Option<View<'h>> },
}

/// Finds what tells a part that is not held itself.
pub(super) fn find<'h>(
    subject: &Subject<'h>,
    name: &str,
) -> Result<Option<Derived<'h>>, DecodeError> {
    let view = &subject.view;
    let object = |name| view.inner(name).filter(View::is_object);
    Ok(match (subject.key.kind(), name) {
        (Kind::Movie, "releases") => object("release_dates").map(Derived::Releases),
        (Kind::Person, "movie_credits") => object("combined_credits")
            .map(|combined| Derived::CreditsIn { combined, media: "movie" }),
        (Kind::Person, "tv_credits") => {
            object("combined_credits").map(|combined| Derived::CreditsIn { combined, media: "tv" })
        }
        (Kind::Episode, "credits") if view.has("crew") || view.has("guest_stars") => {
            let season = subject.key.season_number();
            let season = match season {
                Some(season) => subject.beside(Key::season(subject.key.id(), season))?,
                None => None,
            };
            let season = season.and_then(|season| season.view.inner("credits"));
            Some(Derived::Episode { episode: *view, season })
        }
        _ => None,
    })
}

impl Derived<'_> {
    /// Appends its members, without its id.
    pub(super) fn write(&self, out: &mut String) -> Result<(), DecodeError> {
        match self {
            Self::Releases(dates) => releases(*dates, out),
            Self::CreditsIn { combined, media } => credits_in(*combined, media, out),
            Self::Episode { episode, season } => {
                list("cast", season.iter().flat_map(|season| season.rows("cast")), |_| true, out)?;
                list("crew", episode.rows("crew"), |_| true, out)?;
                list("guest_stars", episode.rows("guest_stars"), |_| true, out)
            }
        }
    }
}

/// One row a release, with its day alone.
fn releases(dates: View<'_>, out: &mut String) -> Result<(), DecodeError> {
    text::key("countries", out);
    out.push('[');
    for country in dates.rows("results") {
        let code = country.text("iso_3166_1").unwrap_or_default();
        for release in country.rows("release_dates") {
            text::next_item(out);
            out.push('{');
            release.write_members(|own| matches!(own, "certification" | "descriptors"), out)?;
            text::string("iso_3166_1", &code, out);
            text::key("primary", out);
            out.push_str("false");
            let instant = release.text("release_date").unwrap_or_default();
            text::string("release_date", instant.get(..10).unwrap_or(&instant), out);
            out.push('}');
        }
    }
    out.push(']');
    Ok(())
}

/// The credits of one medium, which then need not name it.
fn credits_in(combined: View<'_>, media: &str, out: &mut String) -> Result<(), DecodeError> {
    for part in ["cast", "crew"] {
        let rows = combined.rows(part);
        let rows = rows.filter(|row| row.text("media_type").as_deref() == Some(media));
        list(part, rows, |own| own != "media_type", out)?;
    }
    Ok(())
}

fn list<'h>(
    name: &str,
    rows: impl Iterator<Item = View<'h>>,
    wanted: impl Fn(&str) -> bool,
    out: &mut String,
) -> Result<(), DecodeError> {
    text::key(name, out);
    out.push('[');
    for row in rows {
        text::next_item(out);
        out.push('{');
        row.write_members(&wanted, out)?;
        out.push('}');
    }
    out.push(']');
    Ok(())
}
