//! Images for who asks, beside the same folder and books.

use super::*;

/// What shows images to who asks, beside the same folder and books.
fn supply(bench: &Bench, cap_bytes: u64) -> Supply {
    let config = Config { images_url: bench.server.images_url(), ..Config::default() };
    let client = Client::new(config, Credential::None).unwrap();
    let now = Arc::clone(&bench.now);
    let clock: Clock = Arc::new(move || Timestamp::from_millis(now.load(Ordering::Relaxed)));
    let options = SupplyOptions {
        cap_bytes,
        limit_bytes: 1 << 20,
        requests_per_second: 0,
        connections: 4,
        tries: 2,
        wait: Duration::from_secs(5),
        at_once: 64,
    };
    Supply::new(bench.gallery.clone(), client, clock, options)
}

fn named(size: &str, path: &str) -> ImageName {
    ImageName::new(size, path).unwrap()
}

#[tokio::test]
async fn an_image_that_many_ask_for_is_fetched_once_and_kept() {
    let bench = Bench::new(0).await;
    let supply = supply(&bench, 1 << 30);
    let name = named("w92", "/abc.jpg");
    let asked = (0..100).map(|_| supply.get(&name));
    let pictures = futures_util::future::join_all(asked).await;
    let (bytes, _) = fake_tmdb::images::image("w92", "/abc.jpg").unwrap();
    for picture in pictures {
        let picture = picture.unwrap();
        assert_eq!(picture.media_type, "image/jpeg");
        assert_eq!(picture.bytes, bytes);
    }
    assert_eq!(supply.get(&name).await.unwrap().bytes, bytes);
    assert_eq!(bench.requests(), 1);
    assert_eq!(bench.files().await, ["/abc.jpg"]);
    bench.is_sound().await;
    // A sync lets it be.
    bench.sync().await;
    assert_eq!(bench.files().await, ["/abc.jpg"]);
}

#[tokio::test]
async fn images_that_were_asked_for_keep_to_the_cap() {
    let bench = Bench::new(0).await;
    let one = fake_tmdb::images::image("w92", "/1.jpg").unwrap().0.len() as u64;
    let supply = supply(&bench, one * 4);
    for number in 1..=9 {
        bench.pass(Duration::from_mins(1));
        supply.get(&named("w92", &format!("/{number}.jpg"))).await.unwrap();
    }
    let files = bench.files().await;
    assert!(files.len() <= 4 && files.contains(&"/9.jpg".to_owned()), "{files:?}");
    bench.is_sound().await;
    // What is larger than all the room is shown, and not kept.
    assert!(supply.get(&named("original", "/9.jpg")).await.is_ok());
    assert_eq!(bench.files().await, files);
}

#[tokio::test]
async fn what_cannot_be_had_is_remembered_for_its_time() {
    let bench = Bench::new(0).await;
    let supply = supply(&bench, 1 << 30);
    for path in ["/a.exe", "/a.html", "/a.webp"] {
        assert!(matches!(supply.get(&named("w92", path)).await, Err(NoPicture::Gone)));
    }
    assert!(matches!(supply.get(&named("w92", "/a.svg")).await, Err(NoPicture::Gone)));
    assert_eq!(bench.requests(), 0);
    bench.server.set_outage(Some(fake_tmdb::Outage::Unavailable));
    let name = named("w92", "/a.jpg");
    for _ in 0..3 {
        assert!(matches!(supply.get(&name).await, Err(NoPicture::Awaited { .. })));
    }
    assert_eq!(bench.requests(), 2);
    bench.server.set_outage(None);
    bench.pass(Duration::from_secs(10));
    assert!(supply.get(&name).await.is_ok());
    assert_eq!(bench.requests(), 3);
}
