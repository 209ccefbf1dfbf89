//! Failures of plugins, as people are shown them.

use lincei_api::PluginFailure;
use lincei_pipeline::FailureKind;
use serde::Deserialize;

/// What a script says of its failure, as JSON in the failure's text.
#[derive(Deserialize)]
struct ScriptFailure {
    line: Option<u32>,
    column: Option<u32>,
    row: Option<u32>,
    #[serde(rename = "type", default)]
    error_type: String,
    message: String,
    #[serde(default)]
    traceback: Vec<ScriptFrame>,
}

#[derive(Deserialize)]
struct ScriptFrame {
    line: u32,
    #[serde(default)]
    function: String,
    #[serde(default)]
    text: String,
}

/// With the places that a script's failure names.
pub(crate) fn failure_info(kind: FailureKind, detail: &str, backtrace: &[String]) -> PluginFailure {
    let plain = || PluginFailure {
        kind: kind.as_str().to_owned(),
        detail: detail.to_owned(),
        backtrace: backtrace.to_vec(),
        ..PluginFailure::default()
    };
    let start = detail.find('{').unwrap_or(detail.len());
    let said = detail.get(start..).unwrap_or_default();
    let Ok(script) = serde_json::from_str::<ScriptFailure>(said) else { return plain() };
    let frame = |frame: &ScriptFrame| {
        let function = if frame.function.is_empty() { "the script" } else { &frame.function };
        if frame.text.is_empty() {
            format!("{function} (line {})", frame.line)
        } else {
            format!("{function} (line {}): {}", frame.line, frame.text.trim())
        }
    };
    let mut detail = if script.error_type.is_empty() {
        script.message
    } else {
        format!("{}: {}", script.error_type, script.message)
    };
    if let Some(row) = script.row {
        detail = format!("{detail} (in record {row})");
    }
    PluginFailure {
        kind: kind.as_str().to_owned(),
        detail,
        line: script.line,
        column: script.column,
        // the innermost first, as for compiled plugins
        backtrace: script.traceback.iter().rev().map(frame).collect(),
        time: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_s_failure_has_its_line() {
        let said = r#"{"line":3,"column":5,"type":"SyntaxError","message":"invalid syntax","traceback":[]}"#;
        let info = failure_info(FailureKind::Refused, said, &[]);
        assert_eq!((info.line, info.column), (Some(3), Some(5)));
        assert_eq!(info.detail, "SyntaxError: invalid syntax");
        let said = r#"{"line":2,"row":17,"type":"KeyError","message":"'x'","traceback":[
            {"line":9,"function":"process","text":"  f(record)"},{"line":2,"function":"f","text":"d['x']"}]}"#;
        let info = failure_info(FailureKind::Refused, said, &[]);
        assert_eq!(info.detail, "KeyError: 'x' (in record 17)");
        assert_eq!(info.backtrace, ["f (line 2): d['x']", "process (line 9): f(record)"]);
    }

    #[test]
    fn other_failures_stay_as_they_are() {
        for detail in ["unreachable", "{", "{\"line\":3}", "config {\"a\": 1} is wrong"] {
            let info = failure_info(FailureKind::Trap, detail, &["f".to_owned()]);
            assert_eq!((info.detail.as_str(), info.kind.as_str()), (detail, "trap"));
            assert_eq!(info.backtrace, ["f"]);
        }
    }
}
