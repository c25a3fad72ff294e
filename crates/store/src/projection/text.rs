//! Texts: what counts as said, cut short, folded to be searched.

use domain::catalogue::Work;

const SHORT: usize = 200;

/// TMDB writes "unknown" as null, as "" and as nothing.
pub(super) fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn all_said(texts: impl IntoIterator<Item = Option<String>>) -> Vec<String> {
    texts.into_iter().filter_map(said).collect()
}

/// Cuts a text at a word, or inside one that is longer than all there may be.
pub(super) fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(SHORT) else { return text.to_owned() };
    let first = &text[..end];
    // The last letter gives way to the ellipsis; a space there means that a word just ended.
    let room = first.char_indices().last().map_or(0, |(last, _)| last);
    let cut = first.rfind(char::is_whitespace).filter(|cut| *cut > 0).unwrap_or(room);
    format!("{}…", text[..cut].trim_end())
}

/// `2h 19m`, `45m`, `2h`.
pub(super) fn runtime(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

/// The year of `YYYY-MM-DD`.
pub(super) fn year(date: Option<&str>) -> Option<i32> {
    date?.get(..4)?.parse().ok()
}

/// Genres in lower case between bars: `|drama|science fiction|`.
pub(crate) fn genre_words(genres: &[String]) -> String {
    let mut words = String::from("|");
    for genre in genres {
        words.push_str(&genre_word(genre));
        words.push('|');
    }
    words
}

/// A genre as it is searched, in any case.
pub(crate) fn genre_word(genre: &str) -> String {
    genre.to_lowercase()
}

/// The texts of a title that are searched.
pub(crate) fn texts(work: &Work) -> [&str; 4] {
    [
        &work.row.title,
        work.row.original_title.as_deref().unwrap_or_default(),
        work.overview.as_deref().unwrap_or_default(),
        work.tagline.as_deref().unwrap_or_default(),
    ]
}

/// Of the texts that are searched.
pub(crate) fn text_hash(work: &Work) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for text in texts(work) {
        hasher.update(text.as_bytes());
        // A byte that no text has.
        hasher.update(&[0xff]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_short(text: &str, wanted: &str) {
        let short = shortened(text);
        assert_eq!(short, wanted);
        assert!(short.chars().count() <= SHORT);
    }

    #[test]
    fn an_overview_is_cut_at_a_word() {
        check_short("Short.", "Short.");
        check_short(&"é".repeat(200), &"é".repeat(200));
        check_short(&"é".repeat(201), &format!("{}…", "é".repeat(199)));
        check_short(&"word ".repeat(60), &format!("{}…", "word ".repeat(39) + "word"));
    }

    #[test]
    fn a_runtime_reads_in_hours_and_minutes() {
        assert_eq!(runtime(139), "2h 19m");
        assert_eq!(runtime(120), "2h");
        assert_eq!(runtime(45), "45m");
    }

    #[test]
    fn a_genre_is_found_in_any_case() {
        let genres = ["Drama".to_owned(), "Science Fiction".to_owned()];
        assert!(genre_words(&genres).contains(&genre_words(&["SCIENCE fiction".to_owned()])));
        assert!(!genre_words(&genres).contains(&genre_words(&["fiction".to_owned()])));
    }
}
