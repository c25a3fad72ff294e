//! Who asks, where a trusted proxy asks for somebody.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The nearest address that is no trusted proxy's: each proxy adds whom it saw at
/// the end, and what stands before may be anybody's word.
pub(super) fn behind(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: &IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|net| net.contains(&address))
    };
    let mut nearest = peer;
    let values = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(','));
    for hop in hops {
        if !is_trusted(&nearest) {
            break;
        }
        let Ok(address) = hop.trim().parse() else { break };
        nearest = address;
    }
    nearest
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(peer: &str, forwarded: &[&'static str], expected: &str) {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap()).into();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let found = behind(&trusted, peer.parse().unwrap(), &headers);
        assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?}");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        check("10.0.0.1", &["192.0.2.7"], "192.0.2.7");
        check("192.0.2.1", &["192.0.2.7"], "192.0.2.1");
        check("10.0.0.1", &[], "10.0.0.1");
        check("::1", &["198.51.100.9, 192.0.2.7, 10.1.1.1"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.9", "192.0.2.7, 10.1.1.1"], "192.0.2.7");
        check("10.0.0.1", &["rubbish"], "10.0.0.1");
        check("::ffff:10.0.0.1", &["192.0.2.7"], "192.0.2.7");
    }
}
