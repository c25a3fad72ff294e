//! Where an answer of the mirror may be another than that of the TMDB that was mirrored, and why.

/// How much is compared.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// All of it.
    Equal,
    /// All of it but these members, wherever they are.
    But(&'static [&'static str]),
    /// The same in whichever order.
    Unordered(&'static [&'static str]),
    /// The rows that both show, but for these members, and the names around them.
    Rows(&'static [&'static str]),
    /// The names at the top: what it tells is the mirror's own.
    Own,
    /// The mirror cannot give it yet, and says 404. To be mended, and taken from here.
    Missing,
}

/// The generated TMDB says the names of a person in their own writing, which a person's
/// record does not hold.
const OWN_WRITING: &[&str] = &["original_name"];

const RULES: &[(&str, Rule)] = &[
    // What the mirror saw change, and the highest id that it has.
    ("movie/changes", Rule::Own),
    ("movie/latest", Rule::Own),
    // The generated TMDB leaves adult titles out of a page, and counts them all the same.
    ("movie/popular", Rule::Rows(&[])),
    ("movie/popular?page", Rule::Rows(&[])),
    ("tv/popular", Rule::Rows(&[])),
    ("trending/tv/day", Rule::Rows(&[])),
    // What a person is known for is chosen by the mirror.
    ("person/popular", Rule::Rows(&["known_for", "original_name"])),
    ("search/person", Rule::Rows(&["known_for", "original_name"])),
    ("trending/all/day", Rule::Rows(OWN_WRITING)),
    ("trending/person/week", Rule::Rows(OWN_WRITING)),
    // Whether a list begins today or tomorrow is not known of TMDB.
    ("movie/upcoming", Rule::Rows(&[])),
    // The generated TMDB says which titles these are without looking at the titles.
    ("company/movies", Rule::Own),
    ("keyword/movies", Rule::Own),
    // Made from `release_dates`, which the generated TMDB makes apart from it.
    ("movie/releases", Rule::But(&["certification", "descriptors", "release_date", "primary"])),
    // TMDB has no such member here; the generated one does.
    ("episode", Rule::But(&["show_id"])),
    // Made from `combined_credits`: in its order, and the generated TMDB gives other jobs there.
    ("person/tv_credits", Rule::Unordered(&["department", "job"])),
    ("person/movie_credits", Rule::Unordered(&["department", "job"])),
    // The generated TMDB translates a collection's name into English, too.
    ("search/collection", Rule::But(&["name"])),
    // A season that came along with its show came without its parts.
    ("season/credits", Rule::Missing),
    ("season/aggregate_credits", Rule::Missing),
    ("season/external_ids", Rule::Missing),
    ("season/images", Rule::Missing),
    ("season/translations", Rule::Missing),
    ("season/videos", Rule::Missing),
    ("season?appended", Rule::But(&["credits", "images"])),
    // TMDB gives what is in the language asked for; the generated one all where none is.
    ("movie/videos", Rule::Rows(&[])),
    ("tv/videos", Rule::Own),
    // Texts without a translation are empty at TMDB; the generated one has the original's.
    ("tv?language", Rule::But(&["tagline", "name"])),
    ("movie?language", Rule::But(&["tagline", "runtime"])),
];

pub(super) fn rule(call: &str) -> Rule {
    let found = RULES.iter().find(|(name, _)| *name == call);
    found.map_or(Rule::Equal, |(_, rule)| *rule)
}
