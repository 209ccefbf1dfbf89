use super::sender;
use crate::context::Refusal;
use crate::log_writer::LogEntry;
use crate::timestamps;
use std::borrow::Cow;

/// How a header field says that it has no value (RFC 5424 6).
const NIL: &[u8] = b"-";
/// RFC 5424 6.4: the mark before a message in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The next header field; it ends at a space or with the message.
fn field<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
    let (field, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    *rest = tail.strip_prefix(b" ").unwrap_or(tail);
    field
}

/// Reads what follows the version: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD [MSG]`.
pub(super) fn read<'a>(header: &'a [u8], entry: &mut LogEntry<'a>, now_ns: i64) -> Result<(), Refusal> {
    let mut rest = header;
    let time = field(&mut rest);
    if time != NIL {
        let text = String::from_utf8_lossy(time);
        entry.time_ns = Some(
            timestamps::parse(&text, now_ns)
                .ok_or_else(|| Refusal::invalid(format!("time {text:?} of the syslog header cannot be read")))?,
        );
    }
    let text = |rest: &mut &'a [u8], entry: &mut LogEntry<'a>| {
        let value = field(rest);
        (value != NIL && !value.is_empty()).then(|| entry.text_of(value))
    };
    let host = text(&mut rest, entry);
    let app = text(&mut rest, entry);
    let process = text(&mut rest, entry);
    let id = text(&mut rest, entry);
    sender(entry, host, app, process);
    if let Some(id) = id {
        entry.attribute("syslog.msgid", id);
    }
    structured_data(&mut rest, entry);
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let message = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
    if !message.is_empty() {
        let body = entry.text_of(message);
        entry.body = Some(body);
    }
    Ok(())
}

/// `-` or elements `[id name="value" …]` in a row. What is not well-formed is left in the message.
fn structured_data<'a>(rest: &mut &'a [u8], entry: &mut LogEntry<'a>) {
    if let Some(after) = rest.strip_prefix(NIL).filter(|after| after.is_empty() || after.starts_with(b" ")) {
        *rest = after;
        return;
    }
    while let Some((element, after)) = element(rest) {
        let id = String::from_utf8_lossy(element.id);
        if element.parameters.is_empty() {
            entry.attributes.push((Cow::Owned(format!("syslog.sd.{id}")), None));
        }
        for (name, value) in element.parameters {
            let key = format!("syslog.sd.{id}.{}", String::from_utf8_lossy(name));
            entry.attributes.push((Cow::Owned(key), Some(Cow::Owned(value))));
        }
        *rest = after;
    }
}

struct Element<'a> {
    id: &'a [u8],
    parameters: Vec<(&'a [u8], String)>,
}

/// An SD-ID or PARAM-NAME (RFC 5424 6.3.2).
fn name<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| matches!(byte, b' ' | b'=' | b']' | b'"'))?;
    let (name, tail) = rest.split_at_checked(end)?;
    *rest = tail;
    (!name.is_empty()).then_some(name)
}

fn element(text: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let mut rest = text.strip_prefix(b"[")?;
    let mut element = Element { id: name(&mut rest)?, parameters: Vec::new() };
    loop {
        if let Some(after) = rest.strip_prefix(b"]") {
            return Some((element, after));
        }
        rest = rest.strip_prefix(b" ")?;
        if rest.starts_with(b"]") {
            continue;
        }
        let name = name(&mut rest)?;
        rest = rest.strip_prefix(b"=\"")?;
        let value = quoted(&mut rest)?;
        element.parameters.push((name, value));
    }
}

/// A PARAM-VALUE up to its closing quote, `\"`, `\\` and `\]` resolved (RFC 5424 6.3.3).
fn quoted(rest: &mut &[u8]) -> Option<String> {
    let mut value = Vec::new();
    let mut bytes = rest.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                *rest = rest.get(at + 1..)?;
                return Some(String::from_utf8_lossy(&value).into_owned());
            }
            b'\\' => match bytes.next()? {
                (_, escaped @ (b'"' | b'\\' | b']')) => value.push(*escaped),
                (_, other) => value.extend([b'\\', *other]),
            },
            _ => value.push(*byte),
        }
    }
    None
}
