//! Who may ask (`FACTS.md` section 1).

use super::Question;
use crate::server::State;

/// TMDB's code for a key it does not know.
const INVALID: u32 = 7;
/// TMDB's code for a key it has locked.
const SUSPENDED: u32 = 10;
/// The key that is always suspended.
const SUSPENDED_KEY: &str = "00000000000000000000000000000000";

/// Checks the key or the access token; an error is TMDB's status code.
pub(super) fn check(
    state: &State,
    question: &Question,
    authorization: Option<&str>,
) -> Result<(), u32> {
    if let Some(key) = &question.key {
        return check_key(key, state.key.as_deref());
    }
    let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
    check_token(token.map(str::trim), state.bearer.as_deref())
}

fn check_key(key: &str, accepted: Option<&str>) -> Result<(), u32> {
    if key == SUSPENDED_KEY {
        return Err(SUSPENDED);
    }
    let is_valid = match accepted {
        Some(accepted) => key == accepted,
        None => key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()),
    };
    if is_valid { Ok(()) } else { Err(INVALID) }
}

fn check_token(token: Option<&str>, accepted: Option<&str>) -> Result<(), u32> {
    let is_valid = token.is_some_and(|token| match accepted {
        Some(accepted) => token == accepted,
        None => looks_like_jwt(token),
    });
    if is_valid { Ok(()) } else { Err(INVALID) }
}

fn looks_like_jwt(token: &str) -> bool {
    let is_base64 = |part: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
        !part.is_empty() && part.bytes().all(known)
    };
    token.split('.').count() == 3 && token.split('.').all(is_base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn any_hex_key_does_unless_one_is_set() {
        assert_eq!(check_key(KEY, None), Ok(()));
        assert_eq!(check_key("x", None), Err(INVALID));
        assert_eq!(check_key(KEY, Some("fedcba9876543210fedcba9876543210")), Err(INVALID));
        assert_eq!(check_key(SUSPENDED_KEY, None), Err(SUSPENDED));
    }

    #[test]
    fn a_key_is_no_access_token() {
        assert_eq!(check_token(Some(KEY), None), Err(INVALID));
        assert_eq!(check_token(Some("eyJh.eyJz.s-_9"), None), Ok(()));
        assert_eq!(check_token(Some("a..b"), None), Err(INVALID));
        assert_eq!(check_token(None, None), Err(INVALID));
    }
}
