//! Parses bodies that are JSON: with serde, or with the SDK's scanner. Both do the same, so that they can be compared.

use lincei_sdk::bitmap::Bitmap;
use lincei_sdk::json::{self, Value};
use lincei_sdk::operator::{Batch, Builder, Delta, Floats, Frame, Info, Ints, Operator, Signal, Text, Use};
use serde::Deserialize;

lincei_sdk::columns! {
    BODY: Text = read "body",
    USER: Text = write "attributes.user.id",
    STATUS: Ints = write "attributes.http.status",
    DURATION: Floats = write "attributes.duration.ms",
}

enum Way {
    Serde,
    Scanner,
}

struct Plugin {
    way: Way,
}

/// What is read of a body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow)]
    level: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    user_id: Option<std::borrow::Cow<'a, str>>,
    status: Option<i64>,
    duration_ms: Option<f64>,
}

impl Operator for Plugin {
    const COLUMNS: &'static [Use] = COLUMNS;

    fn describe() -> Info {
        let description = "Reads user, status and duration from bodies that are JSON, and drops level debug.";
        Info::new("parse-json", "1.0.0", description).signals(&[Signal::Logs]).batch_hint(1024)
    }

    fn init(config: &str) -> Result<Self, String> {
        let has_scanner = json::get(config, "scanner").and_then(|value| value.as_bool()).unwrap_or(false);
        let way = if has_scanner { Way::Scanner } else { Way::Serde };
        Ok(Self { way })
    }

    fn process(&mut self, _: &Batch<'_>, rows: &Frame, out: &mut Delta) -> Result<(), String> {
        match self.way {
            Way::Serde => by_rows(rows, out, with_serde),
            Way::Scanner => by_rows(rows, out, with_scanner),
        }
        Ok(())
    }
}

fn with_serde(text: &str) -> Option<Body<'_>> {
    serde_json::from_str(text).ok()
}

fn with_scanner(text: &str) -> Option<Body<'_>> {
    let [level, user_id, status, duration_ms] = json::fields(text, &["level", "user_id", "status", "duration_ms"])?;
    Some(Body {
        level: level.as_ref().and_then(Value::as_str),
        user_id: user_id.as_ref().and_then(Value::as_str),
        status: status.as_ref().and_then(Value::as_i64),
        duration_ms: duration_ms.as_ref().and_then(Value::as_f64),
    })
}

fn by_rows(rows: &Frame, out: &mut Delta, parse: impl Fn(&str) -> Option<Body<'_>>) {
    let count = rows.rows();
    let (mut user, mut status) = (Builder::new(USER, count), Builder::new(STATUS, count));
    let mut duration = Builder::new(DURATION, count);
    let mut keep = Bitmap::with_capacity(count);
    let bodies = rows.column(BODY);
    for row in 0..count {
        let body = bodies.and_then(|bodies| bodies.get(row)).and_then(&parse).unwrap_or_default();
        user.push_option(body.user_id.as_deref());
        status.push_option(body.status);
        duration.push_option(body.duration_ms);
        keep.push(body.level.as_deref() != Some("debug"));
    }
    out.set(user);
    out.set(status);
    out.set(duration);
    out.keep(keep);
}

lincei_sdk::operator!(Plugin);
