//! Certifications, which TMDB orders by country.

use domain::{Key, Reference};
use serde_json::Value;

use crate::index::code;
use crate::site::Site;
use crate::tmdb::fault::Fault;
use crate::tmdb::query::Query;

/// A country's certifications that are wanted; of the country that is named, or of the region.
pub(super) async fn wanted(
    site: &Site,
    query: &Query,
) -> Result<Option<(u16, Vec<String>)>, Fault> {
    let asked = ["certification", "certification.gte", "certification.lte"];
    let [exact, least, most] = asked.map(|name| query.get(name));
    let country = query.get("certification_country").or_else(|| query.get("region"));
    let (Some(country), true) = (country, exact.or(least).or(most).is_some()) else {
        return Ok(None);
    };
    let country = country.to_ascii_uppercase();
    let mut names: Option<Vec<String>> =
        exact.map(|exact| exact.split(['|', ',']).map(str::to_owned).collect());
    if least.or(most).is_some() {
        let between = between(&list(site, &country).await?, least, most);
        names = Some(match names {
            Some(names) => names.into_iter().filter(|name| between.contains(name)).collect(),
            None => between,
        });
    }
    Ok(names.map(|names| (code(&country), names)))
}

/// The certifications of a country and their order, as TMDB's reference data has them.
async fn list(site: &Site, country: &str) -> Result<Vec<(String, i64)>, Fault> {
    let key = Key::reference(Reference::CertificationsMovie);
    let Some(record) = site.stores().archive.get(key).await? else { return Ok(vec![]) };
    let body = records::to_value(&record).map_err(|error| {
        tracing::error!(%key, %error, "a record could not be read");
        Fault::Internal
    })?;
    let all = body["certifications"][country].as_array().cloned().unwrap_or_default();
    let named = all.iter().filter_map(|one: &Value| {
        Some((one["certification"].as_str()?.to_owned(), one["order"].as_i64()?))
    });
    Ok(named.collect())
}

/// Those from one to another; a bound that the country does not have bounds nothing.
fn between(all: &[(String, i64)], least: Option<&str>, most: Option<&str>) -> Vec<String> {
    let place = |name: Option<&str>| {
        all.iter().find(|(known, _)| Some(&**known) == name).map(|(_, order)| *order)
    };
    let (least, most) = (place(least), place(most));
    let within = all.iter().filter(|(_, order)| {
        least.is_none_or(|least| *order >= least) && most.is_none_or(|most| *order <= most)
    });
    within.map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certifications_lie_between_two_by_their_order() {
        let all = [("NR", 0), ("G", 1), ("PG", 2), ("R", 4)];
        let all: Vec<_> = all.map(|(name, order)| (name.to_owned(), order)).into();
        assert_eq!(between(&all, Some("G"), Some("PG")), ["G", "PG"]);
        assert_eq!(between(&all, Some("PG"), None), ["PG", "R"]);
        assert_eq!(between(&all, None, Some("G")), ["NR", "G"]);
    }
}
