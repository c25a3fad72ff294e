//! JSON text written straight into a buffer, for speed.

use super::hash::mix;

/// A buffer of JSON text. Commas come by themselves.
#[derive(Debug)]
pub(super) struct Json(Vec<u8>);

impl Json {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn finish(self) -> bytes::Bytes {
        self.0.into()
    }

    /// An object, as a document or within an array.
    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.comma();
        self.0.push(b'{');
        members(self);
        self.0.push(b'}');
    }

    pub(super) fn member(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.name(name);
        self.object(members);
    }

    pub(super) fn array(&mut self, name: &str, items: impl FnOnce(&mut Self)) {
        self.name(name);
        self.items(items);
    }

    /// An array of objects.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut members: impl FnMut(&mut Self, T),
    ) {
        self.array(name, |json| {
            for item in items {
                json.object(|json| members(json, item));
            }
        });
    }

    /// An array that is a document or lies within another.
    pub(super) fn items(&mut self, items: impl FnOnce(&mut Self)) {
        self.comma();
        self.0.push(b'[');
        items(self);
        self.0.push(b']');
    }

    pub(super) fn int(&mut self, name: &str, value: u64) {
        self.name(name);
        self.digits(value);
    }

    pub(super) fn item_int(&mut self, value: u64) {
        self.comma();
        self.digits(value);
    }

    /// Writes thousandths as TMDB does: `8.326`, `7.0`.
    pub(super) fn thousandths(&mut self, name: &str, value: u64) {
        self.name(name);
        self.decimal(value, 3);
    }

    /// Writes ten thousandths, the precision of popularity.
    pub(super) fn ten_thousandths(&mut self, name: &str, value: u64) {
        self.name(name);
        self.decimal(value, 4);
    }

    pub(super) fn bool(&mut self, name: &str, value: bool) {
        self.name(name);
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(super) fn null(&mut self, name: &str) {
        self.name(name);
        self.0.extend_from_slice(b"null");
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quoted(value);
    }

    pub(super) fn item_text(&mut self, value: &str) {
        self.comma();
        self.quoted(value);
    }

    pub(super) fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// The path of an image: 27 letters and digits that follow from `hash`.
    pub(super) fn path(&mut self, name: &str, hash: u64, suffix: &str) {
        self.name(name);
        self.0.extend_from_slice(b"\"/");
        self.letters(hash, 27);
        self.0.extend_from_slice(suffix.as_bytes());
        self.0.push(b'"');
    }

    pub(super) fn path_or_null(&mut self, name: &str, hash: Option<u64>) {
        match hash {
            Some(hash) => self.path(name, hash, ".jpg"),
            None => self.null(name),
        }
    }

    /// An identifier of letters and digits, as of a video.
    pub(super) fn token(&mut self, name: &str, hash: u64, length: usize) {
        self.name(name);
        self.0.push(b'"');
        self.letters(hash, length);
        self.0.push(b'"');
    }

    /// An object id: 24 hex digits.
    pub(super) fn hex(&mut self, name: &str, hash: u64) {
        self.name(name);
        self.0.push(b'"');
        self.hex_digits(hash);
        self.0.push(b'"');
    }

    pub(super) fn hex_digits(&mut self, hash: u64) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let (mut high, mut low) = (mix(hash) >> 32 | 0x5000_0000, hash);
        let mut digits = [0; 24];
        for digit in &mut digits[..8] {
            *digit = HEX[(high >> 28 & 15) as usize];
            high <<= 4;
        }
        for digit in &mut digits[8..] {
            *digit = HEX[(low >> 60) as usize];
            low <<= 4;
        }
        self.0.extend_from_slice(&digits);
    }

    /// Writes a string piece by piece: `pieces` may only append plain text.
    pub(super) fn built(&mut self, name: &str, pieces: impl FnOnce(&mut Self)) {
        self.name(name);
        self.0.push(b'"');
        pieces(self);
        self.0.push(b'"');
    }

    /// Plain text within [`Json::built`].
    pub(super) fn piece(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A number within [`Json::built`], with zeros in front up to `width`.
    pub(super) fn piece_int(&mut self, value: u64, width: usize) {
        let mut bound = 10_u64;
        for _ in 1..width {
            if value < bound {
                self.0.push(b'0');
            }
            bound = bound.saturating_mul(10);
        }
        self.digits(value);
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }

    fn quoted(&mut self, text: &str) {
        self.0.push(b'"');
        if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            for byte in text.bytes() {
                match byte {
                    b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                    b'\n' => self.0.extend_from_slice(b"\\n"),
                    0..0x20 => self.0.push(b' '),
                    _ => self.0.push(byte),
                }
            }
        } else {
            self.0.extend_from_slice(text.as_bytes());
        }
        self.0.push(b'"');
    }

    fn digits(&mut self, mut value: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.0.extend_from_slice(&digits[at..]);
    }

    fn decimal(&mut self, value: u64, places: u32) {
        let unit = 10_u64.pow(places);
        self.digits(value / unit);
        self.0.push(b'.');
        let mut rest = value % unit;
        let mut place = unit / 10;
        loop {
            self.digits(rest / place);
            rest %= place;
            place /= 10;
            if rest == 0 || place == 0 {
                break;
            }
        }
    }

    fn letters(&mut self, hash: u64, length: usize) {
        const LETTERS: &[u8; 64] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzQx";
        let mut bits = hash;
        for at in 0..length {
            if at % 10 == 0 {
                bits = mix(hash.wrapping_add(at as u64));
            }
            self.0.push(LETTERS[(bits & 63) as usize]);
            bits >>= 6;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl FnOnce(&mut Json), wanted: &str) {
        let mut json = Json::with_capacity(64);
        json.object(write);
        assert_eq!(json.finish(), wanted.as_bytes());
    }

    #[test]
    fn values_are_written_as_tmdb_writes_them() {
        check(|j| j.thousandths("a", 8_326), r#"{"a":8.326}"#);
        check(|j| j.thousandths("a", 7_000), r#"{"a":7.0}"#);
        check(|j| j.thousandths("a", 50), r#"{"a":0.05}"#);
        check(|j| j.ten_thousandths("a", 206_082), r#"{"a":20.6082}"#);
        check(|j| j.int("a", u64::MAX), r#"{"a":18446744073709551615}"#);
        check(|j| j.text("a", "\"x\\\n"), r#"{"a":"\"x\\\n"}"#);
        check(|j| j.text_or_null("a", None), r#"{"a":null}"#);
        check(|j| j.built("a", |j| j.piece_int(7, 2)), r#"{"a":"07"}"#);
        check(|j| j.built("a", |j| j.piece_int(1234, 2)), r#"{"a":"1234"}"#);
    }

    #[test]
    fn commas_stand_between_members_and_items() {
        let nested = |j: &mut Json| {
            j.array("a", |j| {
                j.item_int(1);
                j.object(|j| j.null("b"));
                j.item_text("c");
            });
            j.member("d", |_| {});
            j.bool("e", true);
        };
        check(nested, r#"{"a":[1,{"b":null},"c"],"d":{},"e":true}"#);
    }

    #[test]
    fn made_up_identifiers_have_their_length() {
        check(|j| j.token("a", 1, 0), r#"{"a":""}"#);
        let mut json = Json::with_capacity(64);
        json.object(|j| j.hex("a", 5));
        assert_eq!(json.finish().len(), r#"{"a":""}"#.len() + 24);
    }
}
