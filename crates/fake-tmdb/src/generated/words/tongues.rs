//! The languages themselves, the most common first.

mod latin;
mod others;

use super::Tongue;

/// Languages with words of their own. The first is English.
pub(in crate::generated) static TONGUES: [Tongue; 16] = [
    latin::ENGLISH,
    latin::FRENCH,
    others::JAPANESE,
    latin::SPANISH,
    latin::GERMAN,
    others::MANDARIN,
    others::KOREAN,
    latin::PORTUGUESE,
    latin::ITALIAN,
    others::RUSSIAN,
    others::HINDI,
    others::ARABIC,
    others::THAI,
    latin::POLISH,
    latin::TURKISH,
    latin::SWEDISH,
];

/// Languages that translations name but say little in: code, country, own and English name.
pub(in crate::generated) const SPARSE: [(&str, &str, &str, &str); 28] = [
    ("nl", "NL", "Nederlands", "Dutch"),
    ("cs", "CZ", "Český", "Czech"),
    ("hu", "HU", "Magyar", "Hungarian"),
    ("uk", "UA", "Український", "Ukrainian"),
    ("el", "GR", "ελληνικά", "Greek"),
    ("he", "IL", "עִבְרִית", "Hebrew"),
    ("da", "DK", "Dansk", "Danish"),
    ("fi", "FI", "suomi", "Finnish"),
    ("ro", "RO", "Română", "Romanian"),
    ("bg", "BG", "български език", "Bulgarian"),
    ("vi", "VN", "Tiếng Việt", "Vietnamese"),
    ("id", "ID", "Bahasa indonesia", "Indonesian"),
    ("no", "NO", "Norsk", "Norwegian"),
    ("sk", "SK", "Slovenčina", "Slovak"),
    ("fa", "IR", "فارسی", "Persian"),
    ("hr", "HR", "Hrvatski", "Croatian"),
    ("sr", "RS", "Srpski", "Serbian"),
    ("lt", "LT", "Lietuvių", "Lithuanian"),
    ("lv", "LV", "Latviešu", "Latvian"),
    ("et", "EE", "Eesti", "Estonian"),
    ("sl", "SI", "Slovenščina", "Slovenian"),
    ("ka", "GE", "ქართული", "Georgian"),
    ("ca", "ES", "Català", "Catalan"),
    ("ms", "MY", "Bahasa melayu", "Malay"),
    ("ta", "IN", "தமிழ்", "Tamil"),
    ("te", "IN", "తెలుగు", "Telugu"),
    ("bn", "BD", "বাংলা", "Bengali"),
    ("kk", "KZ", "қазақ", ""),
];
