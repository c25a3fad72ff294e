//! The words that titles, names and plots are made of, in many languages.

mod names;
mod tongues;

use super::hash::Dice;
use super::json::Json;
pub(super) use names::{Name, name};
pub(super) use tongues::{SPARSE, TONGUES};

/// A language and what can be said in it.
#[derive(Debug)]
pub(super) struct Tongue {
    /// ISO 639-1.
    pub(super) code: &'static str,
    /// ISO 3166-1 of the country it is spoken in most.
    pub(super) country: &'static str,
    /// In the language itself.
    pub(super) name: &'static str,
    pub(super) english: &'static str,
    adjectives: &'static [&'static str],
    nouns: &'static [&'static str],
    subjects: &'static [&'static str],
    predicates: &'static [&'static str],
    space: &'static str,
    stop: &'static str,
}

impl Tongue {
    /// English.
    pub(super) fn english() -> &'static Self {
        &TONGUES[0]
    }

    /// Any of those with words of their own.
    pub(super) fn any(dice: &mut Dice) -> &'static Self {
        &TONGUES[dice.place(TONGUES.len())]
    }

    /// By its code: `de`, or `de-DE`.
    pub(super) fn find(code: &str) -> Option<&'static Self> {
        let code = code.split('-').next()?;
        TONGUES.iter().find(|tongue| tongue.code == code)
    }

    /// The title that follows from a hash.
    pub(super) fn title(&self, hash: u64) -> String {
        let mut dice = Dice::new(hash);
        let (adjective, noun) = (dice.pick(self.adjectives), dice.pick(self.nouns));
        let second = dice.pick(self.nouns);
        let space = self.space;
        match dice.below(10) {
            0 => (*noun).to_owned(),
            1 | 2 if self.code == "en" => format!("The {noun}"),
            3 if self.code == "en" => format!("{noun} of the {second}"),
            4 => format!("{noun}{space}{second}"),
            5 => format!("{noun} {}", dice.between(2, 9)),
            6 => format!("{adjective}{space}{noun}: {second}"),
            _ => format!("{adjective}{space}{noun}"),
        }
    }

    /// The members that name a language in a translation.
    pub(super) fn describe(&self, json: &mut Json) {
        json.text("iso_3166_1", self.country);
        json.text("iso_639_1", self.code);
        json.text("name", self.name);
        json.text("english_name", self.english);
    }

    /// Writes so many sentences of plot as the value of a member.
    pub(super) fn plot(&self, json: &mut Json, name: &str, hash: u64, sentences: u64) {
        json.built(name, |json| self.sentences(json, hash, sentences));
    }

    /// Sentences of plot, within a string that is being built.
    pub(super) fn sentences(&self, json: &mut Json, hash: u64, sentences: u64) {
        let mut dice = Dice::new(hash);
        for sentence in 0..sentences {
            if sentence > 0 {
                json.piece(self.space);
            }
            json.piece(dice.pick(self.subjects));
            json.piece(self.space);
            json.piece(dice.pick(self.predicates));
            json.piece(self.stop);
        }
    }
}

/// The words of keywords, and of what companies and collections are called.
pub(super) fn english_words(hash: u64) -> (&'static str, &'static str) {
    let mut dice = Dice::new(hash);
    let english = Tongue::english();
    (dice.pick(english.adjectives), dice.pick(english.nouns))
}
