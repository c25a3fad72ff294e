//! One lossless record → the body that TMDB serves for the same request.
//!
//! Pure: records in, text out. What needs no change is written straight from the
//! record, and what was not asked for is never decoded.
//!
//! - [`asked`] reads the parameters, [`held`] the records an answer is made from;
//! - [`parts`] writes what rides along or is asked for by itself, [`derived`] the
//!   parts that other parts imply;
//! - [`translated`] says what reads differently in a language.

mod asked;
mod derived;
mod held;
mod parts;
mod text;
mod translated;

#[cfg(test)]
mod costs;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;

use domain::{Key, Kind};
use records::DecodeError;

pub(super) use asked::Asked;
use held::Subject;
pub(super) use held::{Held, beside};
use translated::Translated;

/// Names a genre in the language that is asked for; `None` keeps the record's name.
pub(super) type GenreNames<'n> = &'n (dyn Fn(u64) -> Option<String> + Sync);

/// Whether a body stands by itself or within its show's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Alone,
    /// Lacks its own `id`.
    Appended,
}

/// The details of a key with the appended parts that can be answered; `None` where
/// no record tells of it.
pub(super) fn details(
    key: Key,
    held: &Held,
    asked: &Asked,
    genres: GenreNames<'_>,
) -> Result<Option<String>, DecodeError> {
    let Some(subject) = Subject::find(held, key)? else { return Ok(None) };
    let mut out = String::with_capacity(16 << 10);
    out.push('{');
    bare(&subject, asked, genres, Form::Alone, &mut out)?;
    for part in asked.appends() {
        append(&subject, part, asked, genres, &mut out)?;
    }
    out.push('}');
    Ok(Some(out))
}

/// A part of a key by itself; `None` where no record has it.
pub(super) fn part(
    key: Key,
    name: &str,
    held: &Held,
    asked: &Asked,
) -> Result<Option<String>, DecodeError> {
    let Some(subject) = Subject::find(held, key)? else { return Ok(None) };
    let Some(part) = parts::find(&subject, name)? else { return Ok(None) };
    let mut out = String::with_capacity(16 << 10);
    part.write(&subject, asked, Form::Alone, &mut out)?;
    Ok(Some(out))
}

/// Whether what is held tells of a key.
pub(super) fn tells(held: &Held, key: Key) -> bool {
    Subject::find(held, key).is_ok_and(|subject| subject.is_some())
}

/// Writes the members of a detail that are no parts.
fn bare(
    subject: &Subject<'_>,
    asked: &Asked,
    genres: GenreNames<'_>,
    form: Form,
    out: &mut String,
) -> Result<(), DecodeError> {
    let parts = parts::names(subject.key.kind());
    let translated = Translated::of(subject, asked, genres)?;
    let has_own_id = subject.view.has("id");
    if form == Form::Alone
        && !has_own_id
        && let Some(id) = subject.id()?
    {
        // A season that rode along with its show.
        text::number("id", id, out);
    }
    let wanted = |name: &str| {
        let is_other = parts.contains(&name) || translated.replaces(name);
        // Within its season an episode names its show, by itself it does not.
        let is_too_much = match name {
            "id" => form == Form::Appended,
            "show_id" => subject.is_within_season,
            _ => false,
        };
        !is_other && !is_too_much
    };
    subject.view.write_members(wanted, out)?;
    translated.write(out);
    Ok(())
}

/// Appends a part under its name, or nothing.
fn append(
    subject: &Subject<'_>,
    name: &str,
    asked: &Asked,
    genres: GenreNames<'_>,
    out: &mut String,
) -> Result<(), DecodeError> {
    if let Some((key, inner)) = nested(subject.key, name) {
        let Some(nested) = subject.beside(key)? else { return Ok(()) };
        if inner.is_empty() {
            text::key(name, out);
            out.push('{');
            bare(&nested, asked, genres, Form::Appended, out)?;
            out.push('}');
        } else if let Some(part) = parts::find(&nested, inner)? {
            text::key(name, out);
            part.write(&nested, asked, Form::Appended, out)?;
        }
        return Ok(());
    }
    if let Some(part) = parts::find(subject, name)? {
        text::key(name, out);
        part.write(subject, asked, Form::Appended, out)?;
    }
    Ok(())
}

/// The key that an appended `season/1`, `season/1/images` or `season/1/episode/2/credits`
/// is about, and the part of it; for a season, `episode/2` and its parts.
fn nested(key: Key, name: &str) -> Option<(Key, &str)> {
    let numbered = |text: &'_ str, word: &str| -> Option<(u32, usize)> {
        let rest = text.strip_prefix(word)?;
        let digits = rest.split('/').next().unwrap_or_default();
        let number = digits.parse().ok().filter(|number: &u32| number.to_string() == digits)?;
        Some((number, (word.len() + digits.len() + 1).min(text.len())))
    };
    let (season, rest) = match key.kind() {
        Kind::Tv => {
            let (season, end) = numbered(name, "season/")?;
            (season, &name[end..])
        }
        Kind::Season => (key.season_number()?, name),
        _ => return None,
    };
    match numbered(rest, "episode/") {
        Some((episode, end)) => Some((Key::episode(key.id(), season, episode), &rest[end..])),
        None if key.kind() == Kind::Tv => Some((Key::season(key.id(), season), rest)),
        None => None,
    }
}
