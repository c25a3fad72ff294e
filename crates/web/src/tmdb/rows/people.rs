//! Rows of people, and what they are known for.

use records::proto;
use serde_json::Value;

use super::{Row, Style, date, fields, number, text};
use crate::tmdb::language::Language;

/// As many as TMDB names.
const KNOWN_FOR: usize = 3;

pub(super) fn person(person: &proto::Person, _language: &Language, style: Style) -> Row {
    let mut row = fields([
        ("adult", person.adult.unwrap_or(false).into()),
        ("gender", person.gender.unwrap_or_default().into()),
        ("id", person.id.into()),
        ("known_for_department", person.known_for_department.clone().into()),
        ("name", text(person.name.as_ref())),
        ("original_name", text(person.name.as_ref())),
        ("popularity", number(person.popularity)),
        ("profile_path", proto::path(person.profile_path.as_ref()).into()),
    ]);
    if style != Style::Trending {
        row.insert("known_for".to_owned(), known_for(person));
    }
    row
}

/// The titles with the most votes, of what the person mainly does.
fn known_for(person: &proto::Person) -> Value {
    let mut credits = credits(person);
    credits.sort_by_key(|(_, credit)| std::cmp::Reverse(credit.vote_count));
    let mut known: Vec<(&str, u64)> = vec![];
    let mut rows = vec![];
    for (media_type, credit) in credits {
        let Some(id) = credit.id else { continue };
        if known.contains(&(media_type, id)) {
            continue;
        }
        known.push((media_type, id));
        rows.push(Value::Object(title(media_type, credit)));
        if rows.len() == KNOWN_FOR {
            break;
        }
    }
    rows.into()
}

fn credits(person: &proto::Person) -> Vec<(&str, &proto::PersonCredit)> {
    let acts = matches!(person.known_for_department.as_deref(), None | Some("Acting" | ""));
    let lists = [
        (person.combined_credits.as_ref(), None),
        (person.movie_credits.as_ref(), Some("movie")),
        (person.tv_credits.as_ref(), Some("tv")),
    ];
    let mut all = vec![];
    for (credits, kind) in lists {
        let Some(credits) = credits else { continue };
        let credits = if acts { &credits.cast } else { &credits.crew };
        let named = credits
            .iter()
            .filter_map(|credit| Some((kind.or(credit.media_type.as_deref())?, credit)));
        all.extend(named);
    }
    all
}

fn title(media_type: &str, credit: &proto::PersonCredit) -> Row {
    let mut row = fields([
        ("adult", credit.adult.unwrap_or(false).into()),
        ("backdrop_path", proto::path(credit.backdrop_path.as_ref()).into()),
        ("genre_ids", credit.genre_ids.clone().into()),
        ("id", credit.id.into()),
        ("media_type", media_type.into()),
        ("original_language", text(credit.original_language.as_ref())),
        ("overview", text(credit.overview.as_ref())),
        ("popularity", number(credit.popularity)),
        ("poster_path", proto::path(credit.poster_path.as_ref()).into()),
        ("vote_average", number(credit.vote_average)),
        ("vote_count", credit.vote_count.unwrap_or_default().into()),
    ]);
    let further = if media_type == "tv" {
        vec![
            ("first_air_date", date(credit.first_air_date)),
            ("name", text(credit.name.as_ref())),
            ("origin_country", credit.origin_country.clone().into()),
            ("original_name", text(credit.original_name.as_ref())),
        ]
    } else {
        vec![
            ("original_title", text(credit.original_title.as_ref())),
            ("release_date", date(credit.release_date)),
            ("title", text(credit.title.as_ref())),
            ("video", credit.video.unwrap_or(false).into()),
        ]
    };
    row.extend(further.into_iter().map(|(name, value)| (name.to_owned(), value)));
    if let Some(softcore) = credit.softcore {
        row.insert("softcore".to_owned(), softcore.into());
    }
    row
}
