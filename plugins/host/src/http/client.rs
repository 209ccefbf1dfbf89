use super::{ANSWER_BYTES_MAX, Http, HttpRefused, HttpRequest, HttpResponse};
use std::io::Read as _;
use ureq::Agent;

/// Sends requests over the network.
pub struct HttpClient {
    agent: Agent,
}

impl Default for HttpClient {
    fn default() -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into() }
    }
}

impl Http for HttpClient {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpRefused> {
        let mut builder = ::http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        // neither the method nor a header may be shown: a secret may be in it
        let sent = builder.body(request.body);
        let sent =
            sent.map_err(|_| HttpRefused::Invalid("the method or a header breaks the rules of HTTP".to_owned()))?;
        let sent = self.agent.configure_request(sent).timeout_global(Some(request.timeout)).build();
        let answer = self.agent.run(sent).map_err(|error| refused(&error))?;
        let (parts, body) = answer.into_parts();
        let mut bytes = Vec::new();
        let read = body.into_reader().take(ANSWER_BYTES_MAX as u64).read_to_end(&mut bytes);
        read.map_err(|error| HttpRefused::Failed(format!("the answer broke off: {error}")))?;
        let text = |value: &::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        Ok(HttpResponse { status: parts.status.as_u16(), headers: headers.collect(), body: bytes })
    }
}

fn refused(error: &ureq::Error) -> HttpRefused {
    match error {
        ureq::Error::Timeout(_) => HttpRefused::Timeout,
        ureq::Error::HostNotFound => HttpRefused::Failed("the host is not known".to_owned()),
        ureq::Error::ConnectionFailed => HttpRefused::Failed("no connection".to_owned()),
        ureq::Error::Io(error) => HttpRefused::Failed(format!("the connection failed: {error}")),
        ureq::Error::Tls(detail) => HttpRefused::Failed(format!("the encryption failed: {detail}")),
        // other texts may show the URL
        _ => HttpRefused::Failed("the request failed".to_owned()),
    }
}
