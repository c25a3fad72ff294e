//! Patches come back, stay small, and do no harm.

use super::*;

/// Bytes that do not compress by themselves.
fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    let next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[track_caller]
fn check(base: &[u8], body: &[u8], at_most: usize) {
    let patch = patch(base, body);
    assert!(patch.len() <= at_most, "{} bytes of {}", patch.len(), body.len());
    assert_eq!(unpatch(base, &patch, body.len()).unwrap(), body);
}

#[test]
fn a_change_costs_little_wherever_it_stands_and_however_large_the_body_is() {
    for length in [100, 10_000, 300_000, 5_000_000] {
        let base = noise(length, 1);
        for at in [0, length / 2, length - 1] {
            let mut body = base.clone();
            body[at] ^= 0x55;
            body.splice(at..at, *b"new");
            check(&base, &body, 50 + length / 500);
        }
    }
}

#[test]
fn bodies_without_anything_in_common_come_back() {
    check(b"", b"", 20);
    check(b"", &noise(1000, 2), 1020);
    check(&noise(1000, 1), b"", 20);
    check(&noise(1000, 1), &noise(1000, 2), 1020);
}

#[test]
fn another_base_is_an_error() {
    let (base, mut body) = (noise(1000, 1), noise(1000, 1));
    body[500] ^= 1;
    let patch = patch(&base, &body);
    let mut other = base.clone();
    other[100] ^= 1;
    assert!(unpatch(&other, &patch, body.len()).is_err());
    assert!(unpatch(&base[..900], &patch, body.len()).is_err());
    assert!(unpatch(b"", &patch, body.len()).is_err());
}

#[test]
fn a_body_longer_than_it_should_be_is_an_error() {
    let patch = patch(b"", &vec![7; 100_000]);
    assert!(unpatch(b"", &patch, 99_999).is_err());
    assert!(unpatch(b"", &patch, usize::MAX).is_err());
    assert!(unpatch(b"", &[], 10).is_err());
}

proptest::proptest! {
    #[test]
    fn any_body_comes_back(base: Vec<u8>, body: Vec<u8>) {
        check(&base, &body, usize::MAX);
    }

    #[test]
    fn hostile_patches_never_panic(base: Vec<u8>, patch: Vec<u8>, limit in 0..5000usize) {
        if let Ok(body) = unpatch(&base, &patch, limit) {
            assert!(body.len() <= limit);
        }
    }

    #[test]
    fn damaged_patches_are_errors_or_the_body(at: proptest::sample::Index, bits in 1..=255u8) {
        let (base, mut body) = (noise(500, 1), noise(500, 1));
        body.splice(200..210, *b"changed");
        let mut patch = patch(&base, &body);
        let at = at.index(patch.len());
        patch[at] ^= bits;
        if let Ok(read) = unpatch(&base, &patch, body.len()) {
            assert_eq!(read, body);
        }
    }
}
