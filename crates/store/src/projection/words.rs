//! The words of a text, as they are searched: the same on every database.
//!
//! They are those of SQLite's tokenizer `unicode61` with `remove_diacritics 2`: runs of letters
//! and numbers, in lower case, Latin ones without their marks. A test compares the two.

use std::collections::BTreeSet;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A word that is sought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Whether words that begin so are meant too: in scripts without spaces a whole
    /// run of letters counts as a word.
    pub(crate) is_start: bool,
}

/// What people type, word by word.
pub(crate) fn sought(text: &str) -> Vec<Word> {
    const FIRST_WITHOUT_SPACES: char = '\u{2e80}';
    let words = split(text).map(|text| {
        let is_start = text.chars().any(|letter| letter >= FIRST_WITHOUT_SPACES);
        Word { text, is_start }
    });
    words.collect()
}

/// The different words of texts.
pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().flat_map(split).collect()
}

fn split(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter| !is_part(letter) && !is_mark(letter));
    let words = words.map(|word| word.chars().filter(|letter| !is_mark(*letter)).collect());
    let words = words.map(|word: String| word.chars().map(folded).collect::<String>());
    words.filter(|word| !word.is_empty())
}

fn is_part(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric();
    }
    let group = letter.general_category_group();
    matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
}

/// A mark that stands behind its letter, as accents do in decomposed texts.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter) && is_combining_mark(letter)
}

fn folded(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut base = letter;
    let mut is_first = true;
    decompose_canonical(letter, |part| {
        if is_first {
            base = part;
        }
        is_first = false;
    });
    if base.is_ascii_alphabetic() {
        return base.to_ascii_lowercase();
    }
    // By way of the upper case, so that all small forms of a letter become one.
    only(only(letter.to_uppercase()).unwrap_or(letter).to_lowercase()).unwrap_or(letter)
}

/// The character of a mapping to one.
fn only(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}
