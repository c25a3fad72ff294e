//! Reference data: configuration, countries, languages, genres and the like.

use bytes::Bytes;
use domain::Reference;
use serde_json::{Value, json};

use super::rows::json;
use super::titles::Titles;

const MOVIE_GENRES: &str = "28 Action|12 Adventure|16 Animation|35 Comedy|80 Crime|99 Documentary|18 Drama|\
    10751 Family|14 Fantasy|36 History|27 Horror|10402 Music|9648 Mystery|10749 Romance|\
    878 Science Fiction|10770 TV Movie|53 Thriller|10752 War|37 Western";

const TV_GENRES: &str = "10759 Action & Adventure|16 Animation|35 Comedy|80 Crime|99 Documentary|18 Drama|\
    10751 Family|10762 Kids|9648 Mystery|10763 News|10764 Reality|10765 Sci-Fi & Fantasy|10766 Soap|\
    10767 Talk|10768 War & Politics|37 Western";

const LANGUAGES: &str = "aa Afar|af Afrikaans|am Amharic|ar Arabic|az Azerbaijani|be Belarusian|bg Bulgarian|\
    bm Bambara|bn Bengali|bo Tibetan|br Breton|bs Bosnian|ca Catalan|ce Chechen|cn Cantonese|co Corsican|\
    cs Czech|cy Welsh|da Danish|de German|dz Dzongkha|el Greek|en English|eo Esperanto|es Spanish|\
    et Estonian|eu Basque|fa Persian|ff Fulah|fi Finnish|fr French|fy Frisian|ga Irish|gd Gaelic|\
    gl Galician|gu Gujarati|ha Hausa|he Hebrew|hi Hindi|hr Croatian|hu Hungarian|hy Armenian|\
    id Indonesian|ig Igbo|is Icelandic|it Italian|iu Inuktitut|ja Japanese|jv Javanese|ka Georgian|\
    kk Kazakh|km Khmer|kn Kannada|ko Korean|ku Kurdish|kw Cornish|ky Kirghiz|la Latin|lb Letzeburgesch|\
    ln Lingala|lo Lao|lt Lithuanian|lv Latvian|mg Malagasy|mi Maori|mk Macedonian|ml Malayalam|\
    mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|nb Norwegian Bokmål|ne Nepali|nl Dutch|\
    nn Norwegian Nynorsk|no Norwegian|nv Navajo|ny Chichewa; Nyanja|oc Occitan|or Oriya|pa Punjabi|\
    pl Polish|ps Pushto|pt Portuguese|qu Quechua|ro Romanian|ru Russian|rw Kinyarwanda|sa Sanskrit|\
    se Northern Sami|sh Serbo-Croatian|si Sinhalese|sk Slovak|sl Slovenian|so Somali|sq Albanian|\
    sr Serbian|st Sotho|su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|\
    tk Turkmen|tl Tagalog|tn Tswana|tr Turkish|tt Tatar|ty Tahitian|ug Uighur|uk Ukrainian|ur Urdu|\
    uz Uzbek|vi Vietnamese|wo Wolof|xh Xhosa|xx No Language|yi Yiddish|yo Yoruba|za Zhuang|zh Mandarin|zu Zulu";

const COUNTRIES: &str = "AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AL Albania|AM Armenia|\
    AN Netherlands Antilles|AO Angola|AQ Antarctica|AR Argentina|AT Austria|AU Australia|AW Aruba|\
    AZ Azerbaijan|BA Bosnia and Herzegovina|BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso|\
    BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BM Bermuda|BN Brunei Darussalam|BO Bolivia|BR Brazil|\
    BS Bahamas|BT Bhutan|BW Botswana|BY Belarus|BZ Belize|CA Canada|CD Congo|CF Central African Republic|\
    CH Switzerland|CI Cote D'Ivoire|CL Chile|CM Cameroon|CN China|CO Colombia|CR Costa Rica|CS Serbia and Montenegro|\
    CU Cuba|CV Cape Verde|CY Cyprus|CZ Czech Republic|DE Germany|DJ Djibouti|DK Denmark|DM Dominica|\
    DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|ER Eritrea|ES Spain|ET Ethiopia|\
    FI Finland|FJ Fiji|FO Faeroe Islands|FR France|GA Gabon|GB United Kingdom|GD Grenada|GE Georgia|\
    GH Ghana|GI Gibraltar|GL Greenland|GM Gambia|GN Guinea|GP Guadaloupe|GQ Equatorial Guinea|GR Greece|\
    GT Guatemala|GU Guam|GY Guyana|HK Hong Kong|HN Honduras|HR Croatia|HT Haiti|HU Hungary|ID Indonesia|\
    IE Ireland|IL Israel|IN India|IQ Iraq|IR Iran|IS Iceland|IT Italy|JM Jamaica|JO Jordan|JP Japan|\
    KE Kenya|KG Kyrgyz Republic|KH Cambodia|KP North Korea|KR South Korea|KW Kuwait|KY Cayman Islands|\
    KZ Kazakhstan|LA Lao People's Democratic Republic|LB Lebanon|LI Liechtenstein|LK Sri Lanka|LR Liberia|\
    LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia|LY Libyan Arab Jamahiriya|MA Morocco|MC Monaco|\
    MD Moldova|ME Montenegro|MG Madagascar|MK Macedonia|ML Mali|MM Myanmar|MN Mongolia|MO Macao|\
    MQ Martinique|MR Mauritania|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia|\
    MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NG Nigeria|NI Nicaragua|NL Netherlands|NO Norway|\
    NP Nepal|NZ New Zealand|OM Oman|PA Panama|PE Peru|PF French Polynesia|PG Papua New Guinea|\
    PH Philippines|PK Pakistan|PL Poland|PR Puerto Rico|PS Palestinian Territory|PT Portugal|PY Paraguay|\
    QA Qatar|RE Reunion|RO Romania|RS Serbia|RU Russia|RW Rwanda|SA Saudi Arabia|SD Sudan|SE Sweden|\
    SG Singapore|SI Slovenia|SK Slovakia|SL Sierra Leone|SN Senegal|SO Somalia|SR Suriname|SU Soviet Union|\
    SV El Salvador|SY Syrian Arab Republic|SZ Swaziland|TD Chad|TG Togo|TH Thailand|TJ Tajikistan|\
    TM Turkmenistan|TN Tunisia|TR Turkey|TT Trinidad and Tobago|TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|\
    US United States of America|UY Uruguay|UZ Uzbekistan|VE Venezuela|VN Vietnam|VU Vanuatu|WS Samoa|\
    XC Czechoslovakia|XG East Germany|XK Kosovo|YE Yemen|YU Yugoslavia|ZA South Africa|ZM Zambia|ZW Zimbabwe";

const TRANSLATIONS: &str = "ar-SA|bg-BG|cs-CZ|da-DK|de-AT|de-CH|de-DE|el-GR|en-AU|en-CA|en-GB|en-US|es-ES|es-MX|\
    fi-FI|fr-CA|fr-FR|he-IL|hi-IN|hu-HU|id-ID|it-IT|ja-JP|ko-KR|nl-NL|no-NO|pl-PL|pt-BR|pt-PT|ro-RO|\
    ru-RU|sk-SK|sv-SE|th-TH|tr-TR|uk-UA|vi-VN|zh-CN|zh-HK|zh-TW";

const TIMEZONES: &str = "AR America/Buenos_Aires|AT Europe/Vienna|AU Australia/Sydney|BE Europe/Brussels|\
    BR America/Sao_Paulo|CA America/Toronto|CH Europe/Zurich|CN Asia/Shanghai|DE Europe/Berlin|\
    DK Europe/Copenhagen|ES Europe/Madrid|FI Europe/Helsinki|FR Europe/Paris|GB Europe/London|\
    IN Asia/Kolkata|IT Europe/Rome|JP Asia/Tokyo|KR Asia/Seoul|MX America/Mexico_City|NL Europe/Amsterdam|\
    NO Europe/Oslo|PL Europe/Warsaw|PT Europe/Lisbon|RU Europe/Moscow|SE Europe/Stockholm|US America/New_York";

const PROVIDERS: &str =
    "8 Netflix|9 Amazon Prime Video|2 Apple TV|337 Disney Plus|15 Hulu|3 Google Play Movies";

const PROVIDER_REGIONS: [&str; 8] = ["AU", "CA", "DE", "ES", "FR", "GB", "IT", "US"];

/// The body of reference data.
pub(super) fn reference(titles: &Titles, reference: Reference) -> Bytes {
    let body = match reference {
        Reference::Configuration => configuration(),
        Reference::Countries => named(
            COUNTRIES,
            |code, name| json!({"english_name": name, "iso_3166_1": code, "native_name": name}),
        ),
        Reference::Jobs => {
            let jobs = titles.jobs.iter().map(|(department, jobs)| {
                let jobs: Vec<&str> = jobs.iter().map(|job| &**job).collect();
                json!({"department": **department, "jobs": jobs})
            });
            jobs.collect()
        }
        Reference::Languages => named(
            LANGUAGES,
            |code, name| json!({"english_name": name, "iso_639_1": code, "name": name}),
        ),
        Reference::PrimaryTranslations => TRANSLATIONS.split('|').map(Value::from).collect(),
        Reference::Timezones => {
            named(TIMEZONES, |code, zone| json!({"iso_3166_1": code, "zones": [zone]}))
        }
        Reference::GenresMovie => json!({"genres": genres(MOVIE_GENRES)}),
        Reference::GenresTv => json!({"genres": genres(TV_GENRES)}),
        Reference::CertificationsMovie => certifications(&["G", "PG", "PG-13", "R", "NC-17"]),
        Reference::CertificationsTv => certifications(&["TV-Y", "TV-G", "TV-PG", "TV-14", "TV-MA"]),
        Reference::ProvidersMovie | Reference::ProvidersTv => providers(),
        Reference::ProviderRegions => {
            let regions = PROVIDER_REGIONS.map(|code| {
                let name = country_name(code);
                json!({"english_name": name, "iso_3166_1": code, "native_name": name})
            });
            json!({"results": regions})
        }
    };
    json(&body)
}

/// The English name of a language, or its code where that is unknown.
pub(super) fn language_name(code: &str) -> &str {
    name_of(LANGUAGES, code).unwrap_or(code)
}

/// The English name of a country, or its code where that is unknown.
pub(super) fn country_name(code: &str) -> &str {
    name_of(COUNTRIES, code).unwrap_or(code)
}

/// All genres of movies and shows.
pub(super) fn all_genres() -> impl Iterator<Item = (u64, &'static str)> {
    let entries = MOVIE_GENRES.split('|').chain(TV_GENRES.split('|'));
    entries.filter_map(|entry| {
        let (id, name) = entry.split_once(' ')?;
        Some((id.parse().ok()?, name))
    })
}

/// The language that most shows of a country are in.
pub(super) fn language_of(country: &str) -> &'static str {
    match country {
        "AR" | "CL" | "CO" | "ES" | "MX" => "es",
        "AT" | "CH" | "DE" => "de",
        "BE" | "FR" => "fr",
        "BR" | "PT" => "pt",
        "CN" | "HK" | "TW" => "zh",
        "DK" => "da",
        "IN" => "hi",
        "IT" => "it",
        "JP" => "ja",
        "KR" => "ko",
        "NL" => "nl",
        "NO" => "no",
        "PH" => "tl",
        "PL" => "pl",
        "RU" => "ru",
        "SE" => "sv",
        "TH" => "th",
        "TR" => "tr",
        _ => "en",
    }
}

fn name_of(table: &'static str, code: &str) -> Option<&'static str> {
    let mut entries = table.split('|').filter_map(|entry| entry.split_once(' '));
    entries.find(|(own, _)| *own == code).map(|(_, name)| name)
}

fn named(table: &str, row: impl Fn(&str, &str) -> Value) -> Value {
    let entries = table.split('|').filter_map(|entry| entry.split_once(' '));
    entries.map(|(code, name)| row(code, name)).collect()
}

fn genres(table: &str) -> Value {
    named(table, |id, name| json!({"id": id.parse().unwrap_or(0_u64), "name": name}))
}

fn certifications(of_us: &[&str]) -> Value {
    let of_us: Vec<Value> = (1..)
        .zip(of_us)
        .map(
            |(order, name): (u32, _)| json!({"certification": name, "meaning": "", "order": order}),
        )
        .collect();
    json!({"certifications": {"US": of_us}})
}

fn providers() -> Value {
    let providers = PROVIDERS.split('|').zip(0_u32..).filter_map(|(entry, priority)| {
        let (id, name) = entry.split_once(' ')?;
        let priorities = PROVIDER_REGIONS.map(|region| (region.to_owned(), json!(priority)));
        let priorities: serde_json::Map<String, Value> = priorities.into_iter().collect();
        Some(json!({
            "display_priorities": priorities, "display_priority": priority,
            "logo_path": format!("/provider{id}.jpg"), "provider_id": id.parse().unwrap_or(0_u64),
            "provider_name": name,
        }))
    });
    json!({"results": providers.collect::<Vec<_>>()})
}

fn configuration() -> Value {
    json!({
        "change_keys": [
            "adult", "air_date", "also_known_as", "biography", "birthday", "budget", "cast", "crew",
            "deathday", "episode", "general", "genres", "homepage", "images", "name", "overview",
            "plot_keywords", "production_companies", "release_date", "revenue", "runtime", "season",
            "status", "tagline", "title", "translations", "videos",
        ],
        "images": {
            "backdrop_sizes": ["w300", "w780", "w1280", "original"],
            "base_url": "http://image.tmdb.org/t/p/",
            "logo_sizes": ["w45", "w92", "w154", "w185", "w300", "w500", "original"],
            "poster_sizes": ["w92", "w154", "w185", "w342", "w500", "w780", "original"],
            "profile_sizes": ["w45", "w185", "h632", "original"],
            "secure_base_url": "https://image.tmdb.org/t/p/",
            "still_sizes": ["w92", "w185", "w300", "original"],
        },
    })
}
