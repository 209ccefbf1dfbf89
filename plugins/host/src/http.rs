//! HTTP of notifiers: only to hosts on their list, with secrets that they never see.

mod client;

pub use client::HttpClient;

use ::http::Uri;
use std::time::Duration;

/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// Bytes of an answer's body that are kept.
pub(crate) const ANSWER_BYTES_MAX: usize = 256 << 10;
/// How a secret is named in a request.
const SECRET_START: &str = "${secret:";
/// What an answer has in its place.
const HIDDEN: &str = "***";

/// A request of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// As `POST`.
    pub method: String,
    /// With scheme and host.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// For all of it.
    pub timeout: Duration,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// At most 256 KiB.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpRefused {
    /// The host is not on the list.
    #[error("{0}")]
    Denied(String),
    /// The request breaks a rule.
    #[error("{0}")]
    Invalid(String),
    /// It may or may not have arrived.
    #[error("{0}")]
    Failed(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
}

/// Sends requests. Follows no redirects.
pub trait Http: Send + Sync {
    /// # Errors
    /// [`HttpRefused`] without an answer; an answer of any status is no error.
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpRefused>;
}

/// What is not to be seen by a plugin.
pub trait Secrets: Send + Sync {
    /// The secret of that name.
    fn secret(&self, name: &str) -> Option<String>;
}

/// Whether a list of hosts covers a URL.
pub(crate) fn check_host(url: &str, hosts: &[String]) -> Result<(), HttpRefused> {
    let uri: Uri = url.parse().map_err(|_| HttpRefused::Invalid("the URL is none".to_owned()))?;
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map(::http::uri::Authority::as_str).unwrap_or_default();
    if !matches!(scheme, "https" | "http") || authority.is_empty() || authority.contains('@') {
        let detail = "a URL has https:// or http:// and a host, and no user in front of it".to_owned();
        return Err(HttpRefused::Invalid(detail));
    }
    let host = authority.to_ascii_lowercase();
    let plain = host.strip_suffix(if scheme == "https" { ":443" } else { ":80" }).unwrap_or(&host);
    let covers = |entry: &String| match entry.strip_prefix("http://") {
        Some(entry) => entry.eq_ignore_ascii_case(plain),
        None => scheme == "https" && entry.strip_prefix("https://").unwrap_or(entry).eq_ignore_ascii_case(plain),
    };
    if hosts.iter().any(covers) {
        return Ok(());
    }
    Err(HttpRefused::Denied(format!(
        "{scheme}://{plain} is not on the plugin's list of hosts; an administrator can add it"
    )))
}

/// Puts secrets in, and gives those that must not be seen in the answer.
pub(crate) fn replace_secrets(
    request: HttpRequest,
    secrets: &dyn Secrets,
) -> Result<(HttpRequest, Vec<String>), HttpRefused> {
    if request.body.len() > BODY_BYTES_MAX || request.headers.len() > HEADERS_MAX {
        let detail = format!("at most {BODY_BYTES_MAX} bytes of body and {HEADERS_MAX} headers are allowed");
        return Err(HttpRefused::Invalid(detail));
    }
    let mut hidden = Vec::new();
    let url = replaced(&request.url, secrets, &mut hidden)?;
    let headers =
        request.headers.iter().map(|(name, value)| Ok((name.clone(), replaced(value, secrets, &mut hidden)?)));
    let headers = headers.collect::<Result<Vec<_>, HttpRefused>>()?;
    let body = match std::str::from_utf8(&request.body) {
        Ok(text) if text.contains(SECRET_START) => replaced(text, secrets, &mut hidden)?.into_bytes(),
        _ => request.body.clone(),
    };
    Ok((HttpRequest { url, headers, body, ..request }, hidden))
}

fn replaced(text: &str, secrets: &dyn Secrets, hidden: &mut Vec<String>) -> Result<String, HttpRefused> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(SECRET_START) {
        let Some((name, after)) = after.split_once('}') else {
            return Err(HttpRefused::Invalid("${secret: has no closing brace".to_owned()));
        };
        let Some(secret) = secrets.secret(name) else {
            let shown: String = name.chars().take(64).collect();
            return Err(HttpRefused::Invalid(format!("there is no secret named {shown:?}")));
        };
        out.push_str(before);
        out.push_str(&secret);
        // an empty one would be everywhere
        if !secret.is_empty() && !hidden.contains(&secret) {
            hidden.push(secret);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

impl HttpResponse {
    /// The answer with secrets hidden, which a server may have sent back.
    pub(crate) fn without(mut self, hidden: &[String]) -> Self {
        for secret in hidden {
            for (_, value) in &mut self.headers {
                if value.contains(secret.as_str()) {
                    *value = value.replace(secret.as_str(), HIDDEN);
                }
            }
            if let Ok(text) = std::str::from_utf8(&self.body)
                && text.contains(secret.as_str())
            {
                self.body = text.replace(secret.as_str(), HIDDEN).into_bytes();
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Secrets for One {
        fn secret(&self, name: &str) -> Option<String> {
            (name == "KEY").then(|| "s3cr3t".to_owned())
        }
    }

    fn request(url: &str, body: &str) -> HttpRequest {
        HttpRequest {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: vec![("authorization".to_owned(), "Bearer ${secret:KEY}".to_owned())],
            body: body.as_bytes().to_vec(),
            timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn only_listed_hosts_are_reached_and_plain_http_only_where_it_is_listed() {
        let hosts = ["api.example.com".to_owned(), "http://127.0.0.1:8080".to_owned()];
        for good in [
            "https://api.example.com/x",
            "https://API.example.com:443/",
            "http://127.0.0.1:8080/hook",
            "https://127.0.0.1:8080/",
        ] {
            assert_eq!(check_host(good, &hosts), Ok(()), "{good}");
        }
        for bad in [
            "http://api.example.com/x",
            "https://api.example.com:8443/",
            "https://api.example.com.evil.test/",
            "https://evil.test/api.example.com",
            "http://127.0.0.1:80/",
        ] {
            assert!(matches!(check_host(bad, &hosts), Err(HttpRefused::Denied(_))), "{bad}");
        }
        for bad in
            ["ftp://api.example.com/", "/x", "", "https://user@api.example.com/", "https://", "file:///etc/passwd"]
        {
            assert!(matches!(check_host(bad, &hosts), Err(HttpRefused::Invalid(_))), "{bad}");
        }
    }

    #[test]
    fn secrets_go_out_and_do_not_come_back() {
        let sent = request("https://h/?key=${secret:KEY}", "{\"k\":\"${secret:KEY}\"}");
        let (request, hidden) = replace_secrets(sent, &One).unwrap();
        assert_eq!(request.url, "https://h/?key=s3cr3t");
        assert_eq!(request.headers[0].1, "Bearer s3cr3t");
        assert_eq!(request.body, b"{\"k\":\"s3cr3t\"}");
        let answer = HttpResponse {
            status: 400,
            headers: vec![("x-echo".to_owned(), "s3cr3t!".to_owned())],
            body: b"bad key s3cr3t".to_vec(),
        };
        let answer = answer.without(&hidden);
        assert_eq!(answer.headers[0].1, "***!");
        assert_eq!(answer.body, b"bad key ***");
    }

    #[test]
    fn unknown_secrets_and_large_bodies_are_refused() {
        for (url, body) in [
            ("https://h/${secret:OTHER}", String::new()),
            ("https://h/", "${secret:KEY".to_owned()),
            ("https://h/", "x".repeat(BODY_BYTES_MAX + 1)),
        ] {
            assert!(matches!(replace_secrets(request(url, &body), &One), Err(HttpRefused::Invalid(_))), "{url}");
        }
    }
}
