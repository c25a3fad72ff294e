//! Texts come back from their words, and hostile streams are refused.

use proptest::prelude::*;

use super::*;

const TEXT: &str =
    "A man – and a woman, and what came between them. It\u{2019}s “the end”…  Or 2 ends?";

fn vocabulary() -> Vocabulary {
    let texts = (1000..1400).map(|number| format!("{TEXT} {number}").into_bytes()).collect();
    Vocabulary::from_bytes(&train(&[texts]).unwrap()).unwrap()
}

fn check(vocabulary: &Vocabulary, texts: &[&[u8]]) -> usize {
    let mut writer = WordWriter::new(vocabulary);
    for text in texts {
        writer.push(text);
    }
    let (mut spelled, mut random) = (Vec::new(), Vec::new());
    writer.finish(&mut spelled, &mut random);
    let mut reader = WordReader::new(vocabulary, &mut &spelled[..], &random).unwrap();
    for text in texts {
        let mut read = Vec::new();
        assert_eq!(reader.next(1 << 20, &mut read), Some(()));
        assert_eq!(read, *text);
    }
    spelled.len() + random.len()
}

#[test]
fn texts_come_back_and_known_ones_are_small() {
    let vocabulary = vocabulary();
    assert!(check(&vocabulary, &[TEXT.as_bytes()]) < 20);
    check(&vocabulary, &[]);
    check(&vocabulary, &[b"", b" ", b"  ", b" a", b"a ", b"a  b", b"woman woman", b"\xE2\x80"]);
    check(&vocabulary, &["Zorro, Zorro. Zorro and Zoë".as_bytes(), "Zoë — Zorro".as_bytes()]);
}

#[test]
fn classes_cover_every_rank_once() {
    for rank in 0..MAX_RANKS {
        let (number, open) = class(rank);
        let (lowest, same) = lowest_rank(number);
        assert!(number < CLASSES && open == same, "{rank}");
        assert_eq!(lowest + (rank & ((1 << open) - 1)), rank);
    }
}

proptest! {
    #[test]
    fn any_bytes_come_back(texts: Vec<Vec<u8>>, words in "([a-c]|and|woman| |  |, |–){0,40}") {
        let vocabulary = vocabulary();
        let mut texts: Vec<&[u8]> = texts.iter().map(|text| &**text).collect();
        texts.push(words.as_bytes());
        check(&vocabulary, &texts);
    }

    #[test]
    fn random_streams_never_panic(text: Vec<u8>, random: Vec<u8>) {
        let vocabulary = vocabulary();
        if let Some(mut reader) = WordReader::new(&vocabulary, &mut &text[..], &random) {
            while reader.next(100, &mut Vec::new()).is_some() {}
        }
        drop(Vocabulary::from_bytes(&random));
    }
}
