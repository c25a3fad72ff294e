//! The words of a text, as they are searched: the same on every database.
//!
//! They are those of SQLite's tokenizer `unicode61` with `remove_diacritics 2`: runs of letters
//! and numbers, in one case, Latin ones without their marks. A test compares the two.

use std::collections::BTreeSet;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A name's last word is found by its start from so many letters on.
pub(crate) const SHORTEST_START: usize = 2;

/// A word that is sought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it was typed, but for marks that stand behind their letters.
    pub(crate) text: String,
    /// Whether words that begin so are meant too: in scripts without spaces a whole
    /// run of letters counts as a word.
    pub(crate) is_start: bool,
}

impl Word {
    /// As [`of`] has it.
    pub(crate) fn folded(&self) -> String {
        folded(&self.text)
    }
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
    texts.into_iter().flat_map(split).map(|word| folded(&word)).collect()
}

fn split(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter| !is_part(letter) && !is_mark(letter));
    let words = words.map(|word| word.chars().filter(|letter| !is_mark(*letter)).collect());
    words.filter(|word: &String| !word.is_empty())
}

fn is_part(letter: char) -> bool {
    match letter {
        _ if letter.is_ascii() => letter.is_ascii_alphanumeric(),
        // Letters that were marks in the Unicode that SQLite knows.
        '\u{19b0}'..='\u{19c0}' | '\u{19c8}' | '\u{19c9}' | '\u{1cf2}' | '\u{1cf3}' => false,
        _ => {
            let group = letter.general_category_group();
            matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
        }
    }
}

/// A mark that stands behind its letter, as accents do in decomposed texts.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter) && is_combining_mark(letter)
}

fn folded(word: &str) -> String {
    word.chars().map(fold).collect()
}

fn fold(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut base = None;
    decompose_canonical(letter, |part| base = base.or(Some(part)));
    if let Some(base) = base.filter(char::is_ascii_alphabetic) {
        return base.to_ascii_lowercase();
    }
    // By way of the upper case, so that all small forms of a letter become one.
    only(only(letter.to_uppercase()).unwrap_or(letter).to_lowercase()).unwrap_or(letter)
}

/// The character of a mapping to one.
fn only(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rusqlite::Connection;

    use super::*;

    /// Each of these letters between two others, as SQLite cuts and folds that.
    fn sqlite_words(letters: &[char]) -> BTreeMap<char, Vec<String>> {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE VIRTUAL TABLE texts
                 USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
             CREATE VIRTUAL TABLE words USING fts5vocab (texts, instance);
             BEGIN;",
        )
        .unwrap();
        let mut insert = db.prepare("INSERT INTO texts (rowid, text) VALUES (?1, ?2)").unwrap();
        for letter in letters {
            insert.execute((u32::from(*letter), format!("x{letter}y"))).unwrap();
        }
        let sql = "SELECT doc, term FROM words ORDER BY doc, offset";
        let mut select = db.prepare(sql).unwrap();
        let mut rows = select.query([]).unwrap();
        let mut words: BTreeMap<char, Vec<String>> = BTreeMap::new();
        while let Some(row) = rows.next().unwrap() {
            let letter = char::from_u32(row.get(0).unwrap()).unwrap();
            words.entry(letter).or_default().push(row.get(1).unwrap());
        }
        words
    }

    #[test]
    fn what_is_one_word_in_sqlite_is_one_here() {
        // SQLite knows another form of this one.
        let is_known = |letter: &char| is_part(*letter) && *letter != '\u{1e9b}';
        let letters: Vec<char> = ('\u{1}'..'\u{3400}').filter(is_known).collect();
        let mut ours_by_theirs = BTreeMap::new();
        for (letter, theirs) in sqlite_words(&letters) {
            assert_eq!(theirs.len(), 1, "{letter}: SQLite refuses to seek {theirs:?}");
            let ours = folded(&format!("x{letter}y"));
            let known = ours_by_theirs.entry(theirs).or_insert_with(|| ours.clone());
            assert_eq!(*known, ours, "{letter}");
        }
    }

    #[track_caller]
    fn check(text: &str, wanted: &[&str]) {
        let words: Vec<String> = sought(text).iter().map(Word::folded).collect();
        assert_eq!(words, wanted);
    }

    #[test]
    fn a_word_has_one_case_and_no_marks() {
        check("Amélie à  PARIS, 2049", &["amelie", "a", "paris", "2049"]);
        check("Ame\u{301}lie", &["amelie"]);
        check("ΣΊΣΥΦΟΣ σίσυφος", &["σίσυφοσ", "σίσυφοσ"]);
        check("Kadın STRAẞE straße", &["kadin", "straße", "straße"]);
        check("-- \u{301}!", &[]);
    }

    #[test]
    fn a_run_without_spaces_is_the_start_of_one() {
        let is_start = |text| sought(text).iter().map(|word| word.is_start).collect::<Vec<_>>();
        assert_eq!(is_start("千と千尋 Spirited"), [true, false]);
    }
}
