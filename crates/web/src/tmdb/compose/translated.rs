//! What of a body reads differently in another language, as TMDB puts it.
//!
//! Checked on recorded bodies: a title without a translation is the original one,
//! an overview or a tagline without one is empty, and never that of another language
//! (`FACTS.md` section 10). A poster is the first of the language, whatever its
//! country, else the default one; a backdrop is the same in all. What other records tell
//! (a movie's collection, a show's seasons, rows of lists) reads so where those are
//! mirrored with their translations, and stays as it is where they are not.

use std::borrow::Cow;

use domain::{Key, Kind};
use records::{DecodeError, View};

use super::held::{self, Subject};
use super::{Asked, GenreNames, text};
use crate::tmdb::language::Language;

/// Members of a body in the language that is asked for.
#[derive(Debug, Default)]
pub(super) struct Translated {
    names: Vec<&'static str>,
    /// The members as JSON, with a comma before each.
    json: String,
}

/// What stands where a translation says nothing.
#[derive(Clone, Copy)]
enum Fallback {
    /// Another member: the title it came out with.
    Original(&'static str),
    Empty,
    /// What the body says anyway.
    Own,
}

/// A text of a body, its name in `translations`, and what else it is.
type Text = (&'static str, &'static str, Fallback);

fn texts(kind: Kind) -> &'static [Text] {
    use Fallback::{Empty, Original, Own};
    match kind {
        Kind::Movie => &[
            ("title", "title", Original("original_title")),
            ("overview", "overview", Empty),
            ("tagline", "tagline", Empty),
            ("homepage", "homepage", Empty),
        ],
        Kind::Tv => &[
            ("name", "name", Original("original_name")),
            ("overview", "overview", Empty),
            ("tagline", "tagline", Empty),
            // A show's own homepage stands in all languages that have none.
            ("homepage", "homepage", Own),
        ],
        Kind::Season | Kind::Episode => &[("name", "name", Own), ("overview", "overview", Empty)],
        Kind::Person => &[("name", "name", Own), ("biography", "biography", Empty)],
        Kind::Collection => {
            &[("name", "title", Original("original_name")), ("overview", "overview", Empty)]
        }
        Kind::Company | Kind::Network | Kind::Keyword | Kind::Reference => &[],
    }
}

impl Translated {
    pub(super) fn of(
        subject: &Subject<'_>,
        asked: &Asked,
        genres: GenreNames<'_>,
    ) -> Result<Self, DecodeError> {
        let mut translated = Self::default();
        let Some(language) = asked.foreign() else { return Ok(translated) };
        let view = subject.view;
        translated.texts(subject, view, language);
        translated.poster(view, view, language);
        if view.rows("genres").next().is_some() {
            translated.genres(view, genres)?;
        }
        if subject.key.kind() == Kind::Movie {
            translated.collection(subject, language)?;
        }
        if subject.key.kind() == Kind::Tv {
            translated.seasons(subject, language)?;
        }
        if subject.key.kind() == Kind::Collection && view.rows("parts").next().is_some() {
            translated.names.push("parts");
            rows("parts", view, (subject, Kind::Movie), asked, &mut translated.json)?;
        }
        Ok(translated)
    }

    /// Whether a member of the body is put in another way.
    pub(super) fn replaces(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    pub(super) fn write(&self, out: &mut String) {
        let json = if out.ends_with('{') { self.json.get(1..) } else { Some(&*self.json) };
        out.push_str(json.unwrap_or_default());
    }

    /// Writes an object with its members in the language.
    fn around(&self, object: View<'_>, out: &mut String) -> Result<(), DecodeError> {
        out.push('{');
        object.write_members(|name| !self.replaces(name), out)?;
        self.write(out);
        out.push('}');
        Ok(())
    }

    /// The texts that `shown` has of a subject: the subject itself, or a short form of it.
    fn texts(&mut self, subject: &Subject<'_>, shown: View<'_>, language: &Language) {
        let view = subject.view;
        let Some(translation) = Translation::of(view, language) else { return };
        for (member, name, fallback) in texts(subject.key.kind()) {
            if !shown.has(member) {
                continue;
            }
            if let Some(text) = translation.text(name, *fallback, view) {
                self.names.push(member);
                text::string(member, &text, &mut self.json);
            }
        }
        if let Some(runtime) = translation.runtime().filter(|_| shown.has("runtime")) {
            self.names.push("runtime");
            text::number("runtime", runtime, &mut self.json);
        }
    }

    fn poster(&mut self, view: View<'_>, shown: View<'_>, language: &Language) {
        if let Some(path) = poster(view, language).filter(|_| shown.has("poster_path")) {
            self.names.push("poster_path");
            text::string("poster_path", &path, &mut self.json);
        }
    }

    fn genres(&mut self, view: View<'_>, genres: GenreNames<'_>) -> Result<(), DecodeError> {
        self.names.push("genres");
        text::key("genres", &mut self.json);
        self.json.push('[');
        for genre in view.rows("genres") {
            text::next_item(&mut self.json);
            self.json.push('{');
            let name = genre.number("id").and_then(genres);
            genre.write_members(|own| own != "name" || name.is_none(), &mut self.json)?;
            if let Some(name) = name {
                text::string("name", &name, &mut self.json);
            }
            self.json.push('}');
        }
        self.json.push(']');
        Ok(())
    }

    /// The collection of a movie, if it is mirrored.
    fn collection(
        &mut self,
        subject: &Subject<'_>,
        language: &Language,
    ) -> Result<(), DecodeError> {
        let Some(reference) = subject.view.inner("belongs_to_collection") else { return Ok(()) };
        let key = reference.number("id").map(|id| Key::new(Kind::Collection, id, None, None));
        let Some(Ok(key)) = key else { return Ok(()) };
        let Some(collection) = subject.beside(key)? else { return Ok(()) };
        self.names.push("belongs_to_collection");
        text::key("belongs_to_collection", &mut self.json);
        let mut own = Self::default();
        own.texts(&collection, reference, language);
        own.poster(collection.view, reference, language);
        own.around(reference, &mut self.json)
    }

    /// The seasons that a show names, those that are mirrored with their translations.
    fn seasons(&mut self, subject: &Subject<'_>, language: &Language) -> Result<(), DecodeError> {
        let mut rows = vec![];
        for row in subject.view.rows("seasons") {
            let number = row.number("season_number").and_then(|number| u32::try_from(number).ok());
            let key = number.map(|number| Key::season(subject.key.id(), number));
            let season = key.map(|key| subject.beside(key)).transpose()?.flatten();
            let mut own = Self::default();
            if let Some(season) = season {
                own.texts(&season, row, language);
                own.poster(season.view, row, language);
            }
            rows.push((row, own));
        }
        if rows.iter().all(|(_, own)| own.names.is_empty()) {
            return Ok(());
        }
        self.names.push("seasons");
        text::key("seasons", &mut self.json);
        self.json.push('[');
        for (row, own) in rows {
            text::next_item(&mut self.json);
            own.around(row, &mut self.json)?;
        }
        self.json.push(']');
        Ok(())
    }
}

/// Writes a list of titles; those that are mirrored read in the language that is asked for.
pub(super) fn rows(
    list: &str,
    view: View<'_>,
    (subject, kind): (&Subject<'_>, Kind),
    asked: &Asked,
    out: &mut String,
) -> Result<(), DecodeError> {
    text::key(list, out);
    out.push('[');
    for row in view.rows(list) {
        text::next_item(out);
        let mut own = Translated::default();
        if let (Some(language), Some(key)) = (asked.foreign(), held::title(row, kind))
            && let Some(title) = subject.beside(key)?
        {
            own.texts(&title, row, language);
            own.poster(title.view, row, language);
        }
        own.around(row, out)?;
    }
    out.push(']');
    Ok(())
}

/// The first poster in a language.
fn poster<'v>(view: View<'v>, language: &Language) -> Option<Cow<'v, str>> {
    let mut posters = view.inner("images")?.rows("posters");
    let is_of_language =
        |poster: &View<'_>| poster.text("iso_639_1").as_deref() == Some(&language.language);
    posters.find(is_of_language)?.text("file_path")
}

/// What a body's translations say in a language: of several countries the one that was
/// asked for, else the language's own, else the first.
struct Translation<'v>(Option<View<'v>>);

impl<'v> Translation<'v> {
    /// `None` where the body came without translations, or is in this language itself.
    fn of(view: View<'v>, language: &Language) -> Option<Self> {
        let all = view.inner("translations")?;
        let wanted = |row: &View<'_>| row.text("iso_639_1").as_deref() == Some(&language.language);
        let rows: Vec<View<'v>> = all.rows("translations").filter(wanted).collect();
        let of_country = |country: &str| {
            rows.iter().find(|row| row.text("iso_3166_1").as_deref() == Some(country))
        };
        let exact = language.country.as_deref().and_then(of_country);
        if exact.is_none() && language.language == "en" {
            return None;
        }
        let own = || main_country(&language.language).and_then(of_country);
        let found = exact.or_else(own).or(rows.first());
        Some(Self(found.and_then(|row| row.inner("data"))))
    }

    fn text(&self, name: &str, fallback: Fallback, body: View<'v>) -> Option<Cow<'v, str>> {
        let said = self.0.and_then(|data| data.text(name));
        match fallback {
            Fallback::Original(member) => said.or_else(|| body.text(member)),
            Fallback::Empty => Some(said.unwrap_or_default()),
            Fallback::Own => said,
        }
    }

    /// A cut of another length.
    fn runtime(&self) -> Option<u64> {
        self.0?.number("runtime").filter(|minutes| *minutes > 0)
    }
}

/// The country of a language that is asked for without one, where it has not the same
/// letters (TMDB's `configuration/primary_translations` lists it first).
fn main_country(language: &str) -> Option<&'static str> {
    Some(match language {
        "en" => "US",
        "zh" => "CN",
        "pt" => "PT",
        "es" => "ES",
        "fr" => "FR",
        "de" => "DE",
        "ar" => "SA",
        "nl" => "NL",
        "it" => "IT",
        _ => return None,
    })
}
