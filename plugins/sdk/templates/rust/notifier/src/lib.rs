//! Posts messages as JSON to a web hook.

use lincei_sdk::json;
use lincei_sdk::notifier::{Failure, Info, Message, Notifier, Receipt, failure, header, http, info, request};

struct Plugin {
    url: String,
}

impl Notifier for Plugin {
    fn describe() -> Info {
        info("{{name}}", "0.1.0", "Posts messages as JSON to a web hook.")
    }

    fn init(config: &str) -> Result<Self, String> {
        let url = json::text(config, "url").into_owned();
        if url.is_empty() { Err("url is missing".to_owned()) } else { Ok(Self { url }) }
    }

    fn send(&mut self, message: &Message) -> Result<Receipt, Failure> {
        let mut body = "{\"subject\":".to_owned();
        json::quote(&mut body, &message.subject);
        body.push_str(",\"text\":");
        json::quote(&mut body, &message.text);
        body.push('}');
        let response = request(&http::Request {
            method: "POST".to_owned(),
            url: self.url.clone(),
            headers: vec![http::Header { name: "content-type".to_owned(), value: "application/json".to_owned() }],
            body: body.into_bytes(),
            timeout_ms: 0,
        })?;
        let retry = match response.status {
            200..=299 => return Ok(Receipt { provider_id: String::new() }),
            status => status == 429 || status >= 500,
        };
        let mut failure = failure(&format!("the receiver answered {}", response.status), retry);
        if retry {
            failure.retry_after = header(&response, "retry-after").and_then(|text| text.parse().ok()).unwrap_or(0);
        }
        Err(failure)
    }
}

lincei_sdk::notifier!(Plugin);
