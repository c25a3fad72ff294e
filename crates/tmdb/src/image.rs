//! Fetches images, which belong to no budget and need no credential.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use domain::images::ImageName;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};

use crate::client::{Client, reason, retry_after};

/// An image as it came: its type and length are checked, its content is not.
#[derive(Clone, Debug)]
pub struct Image {
    pub bytes: Bytes,
    /// `image/jpeg` and the like.
    pub content_type: String,
}

/// Why there is no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// TMDB has no such image, or not in this size.
    #[error("{name}: {status}")]
    Gone { name: String, status: u16 },
    /// The server asks for patience.
    #[error("{name}: {status}, asked too often")]
    SlowDown { name: String, status: u16, retry_after: Option<Duration> },
    /// There was no answer, or none of an image server in order.
    #[error("{name}: {what}")]
    Later { name: String, what: String },
    /// The answer is no image.
    #[error("{name}: 200 but {what}")]
    Unfit { name: String, what: String },
}

/// Where an image server, by the address of its folder of sizes, has an image.
pub fn image_url(images_url: &str, name: &ImageName) -> String {
    format!("{}/{name}", images_url.trim_end_matches('/'))
}

impl Client {
    /// Fetches an image once. The image server never sees the credential.
    pub async fn image(&self, name: &ImageName, limit_bytes: usize) -> Result<Image, ImageError> {
        let later = |what: String| ImageError::Later { name: name.to_string(), what };
        let request =
            self.images().get(image_url(&self.config().images_url, name)).header(ACCEPT, "image/*");
        let sent = request.send().await;
        let mut response = sent.map_err(|error| later(reason(error, self.config())))?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(refused(name, status, response.headers()));
        }
        let unfit = |what: String| ImageError::Unfit { name: name.to_string(), what };
        let content_type = content_type(response.headers()).map_err(unfit)?;
        let too_large = || unfit(format!("it is larger than {limit_bytes} bytes"));
        let mut bytes = BytesMut::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| later(reason(error, self.config())))?
        {
            if bytes.len() + chunk.len() > limit_bytes {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        if bytes.is_empty() {
            return Err(unfit("it is empty".to_owned()));
        }
        Ok(Image { bytes: bytes.freeze(), content_type })
    }
}

fn refused(name: &ImageName, status: StatusCode, headers: &HeaderMap) -> ImageError {
    let (name, number) = (name.to_string(), status.as_u16());
    match number {
        404 | 410 => ImageError::Gone { name, status: number },
        429 => {
            let retry_after = retry_after::of(headers);
            ImageError::SlowDown { name, status: number, retry_after }
        }
        _ => ImageError::Later { name, what: status.to_string() },
    }
}

fn content_type(headers: &HeaderMap) -> Result<String, String> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.starts_with("image/") {
        Ok(essence)
    } else if essence.is_empty() {
        Err("it does not say what it is".to_owned())
    } else {
        let shown: String = essence.chars().take(60).collect();
        Err(format!("it is {shown}, no image"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::credential::Credential;
    use crate::stub::{Reply, Stub, response};

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const LIMIT: usize = 10;

    fn name() -> ImageName {
        ImageName::new("w500", "/abc.jpg").unwrap()
    }

    fn client(stub: &Stub) -> Client {
        let config = Config { images_url: format!("{}/t/p/", stub.url), ..stub.config() };
        Client::new(config, Credential::parse(KEY).unwrap()).unwrap()
    }

    async fn fetch(reply: Reply) -> Result<Image, ImageError> {
        client(&Stub::always(reply).await).image(&name(), LIMIT).await
    }

    async fn check_refused(status: &str, headers: &str, body: &[u8], says: &str) -> ImageError {
        let error = fetch(Reply::Bytes(response(status, headers, body))).await.unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("w500/abc.jpg: ") && said.contains(says), "{said}");
        error
    }

    const JPEG: &str = "content-type: image/jpeg\r\n";

    #[tokio::test]
    async fn an_image_comes_with_its_type_and_the_server_sees_no_credential() {
        let headers = "content-type: image/JPEG; q=1\r\n";
        let sent = response("200 OK", headers, b"0123456789");
        let stub = Stub::always(Reply::Bytes(sent)).await;
        let image = client(&stub).image(&name(), LIMIT).await.unwrap();
        assert_eq!(
            (&image.bytes[..], image.content_type.as_str()),
            (&b"0123456789"[..], "image/jpeg")
        );
        let head = stub.heads()[0].to_lowercase();
        assert!(head.starts_with("get /t/p/w500/abc.jpg http/1.1\r\n"), "{head}");
        assert!(!head.contains(KEY) && !head.contains("authorization"), "{head}");
    }

    #[tokio::test]
    async fn each_refusal_has_its_own_error() {
        let error = check_refused("404 Not Found", "", b"", "404").await;
        assert!(matches!(error, ImageError::Gone { .. }), "{error:?}");
        let error = check_refused("429 Too Many", "retry-after: 7\r\n", b"", "too often").await;
        let ImageError::SlowDown { retry_after, .. } = error else { panic!("{error:?}") };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
        for status in ["500 Oops", "503 Busy", "403 No", "302 Found"] {
            let error = check_refused(status, "", b"", &status[..3]).await;
            assert!(matches!(error, ImageError::Later { .. }), "{error:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_image_is_unfit() {
        for (headers, body, says) in [
            ("content-type: text/html\r\n", &b"<html>"[..], "text/html"),
            ("", b"abc", "does not say"),
            (JPEG, b"", "empty"),
            (JPEG, b"01234567890", "larger than 10"),
        ] {
            let error = check_refused("200 OK", headers, body, says).await;
            assert!(matches!(error, ImageError::Unfit { .. }), "{error:?}");
        }
        let chunked = format!(
            "HTTP/1.1 200 OK\r\n{JPEG}transfer-encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n"
        );
        let error = fetch(Reply::Bytes(chunked.into_bytes())).await.unwrap_err();
        assert!(error.to_string().contains("larger than 10"), "{error}");
    }

    #[tokio::test]
    async fn an_image_that_breaks_off_is_worth_another_try() {
        let head = format!("HTTP/1.1 200 OK\r\n{JPEG}content-length: 9\r\n\r\n0123");
        for reply in [Reply::Bytes(head.clone().into_bytes()), Reply::Reset(head.into_bytes())] {
            let error = fetch(reply).await.unwrap_err();
            assert!(matches!(error, ImageError::Later { .. }), "{error:?}");
        }
    }
}
