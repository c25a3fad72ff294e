//! Packing is exact or does not happen.

use super::*;

#[track_caller]
fn check_path(text: &str, bytes: usize) {
    let mut packed = Vec::new();
    pack_path(text, &mut packed);
    assert_eq!(packed.len(), bytes, "{text}");
    assert_eq!(unpack_path(&packed).as_deref(), Some(text));
}

#[test]
fn image_paths_take_21_bytes_and_everything_else_stays_as_it_is() {
    check_path("/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.jpg", 21);
    check_path("/zzzzzzzzzzzzzzzzzzzzzzzzzzz.svg", 21);
    check_path("/000000000000000000000000000.png", 21);
    check_path("/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.JPG", 32);
    check_path("/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJ.jpg", 31);
    check_path("/pB8BM7pdSp6B6Ih7QZ4DrQ-PmJK.jpg", 32);
    check_path("", 0);
    check_path("\u{f}x", 3);
    check_path("exactly-twenty-one-by", 22);
}

#[track_caller]
fn check_hex(text: &str, bytes: usize) {
    let mut packed = Vec::new();
    pack_hex(text, &mut packed);
    assert_eq!(packed.len(), bytes, "{text}");
    assert_eq!(unpack_hex(&packed).as_deref(), Some(text));
}

#[test]
fn object_ids_take_12_bytes_and_everything_else_stays_as_it_is() {
    check_hex("52fe4250c3a36847f80149f3", 12);
    check_hex("52FE4250C3A36847F80149F3", 24);
    check_hex("52fe4250c3a36847f80149f", 23);
    check_hex("twelve-bytes", 13);
    check_hex("", 0);
}

#[track_caller]
fn check_time(text: &str) {
    let packed = time_from_text(text).expect(text);
    assert_eq!(time_to_text(packed).as_deref(), Some(text));
}

#[test]
fn instants_come_back_in_their_style() {
    check_time("1993-07-08T00:00:00.000Z");
    check_time("2021-12-22T23:59:59.999Z");
    check_time("2024-12-24 09:57:34 UTC");
    check_time("2024-02-29T00:00:00Z");
    for text in ["", "2024-12-24", "2024-02-30 09:57:34 UTC", "2024-12-24 24:00:00 UTC"] {
        assert_eq!(time_from_text(text), None, "{text}");
    }
}

#[test]
fn every_day_of_the_calendar_comes_back() {
    for days in (0..=3_652_058).step_by(13).chain([3_652_058]) {
        let text = date_to_text(days).unwrap();
        assert_eq!(date_from_text(&text), Some(days), "{}", &*text);
    }
    assert!(date_to_text(3_652_059).is_none());
    for text in ["", "2023-02-29", "0000-01-01", "2024-13-01", "2024-1-01", "2024-00-01"] {
        assert_eq!(date_from_text(text), None, "{text}");
    }
}

#[test]
fn decimals_keep_their_shortest_digits() {
    for (value, digits, scale) in
        [(7.0, 7, 0), (0.0, 0, 0), (8.438, 8438, 3), (61.416, 61_416, 3), (0.1 + 0.2, 0, 99)]
    {
        let packed = decimal_from_f64(value);
        if scale == 99 {
            assert_eq!(packed, None);
        } else {
            assert_eq!(packed.map(decimal_parts), Some((digits, scale)));
            assert_eq!(packed.map(decimal_to_f64), Some(value));
        }
    }
    for value in [-1.0, f64::NAN, f64::INFINITY, 1e16, 1e-300] {
        assert_eq!(decimal_from_f64(value), None, "{value}");
    }
}
