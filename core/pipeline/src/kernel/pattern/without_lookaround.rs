//! The usual Grok patterns, with those that need look-around or atomic groups written without: the `regex`
//! crate has neither, as it matches in linear time.
//!
//! They find the same in texts where the value stands between blanks or punctuation. A number right behind
//! another character, as the `2` of `1.2.3`, may be found where the original would not.

use grok::Grok;
use std::sync::LazyLock;

const PATTERNS: [(&str, &str); 16] = [
    ("BASE10NUM", r"(?:[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))"),
    ("BASE16NUM", r"(?:[+-]?(?:0x)?[0-9A-Fa-f]+)"),
    ("BASE16FLOAT", r"(?:\b[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)\b)"),
    ("IPV4", r"\b(?:25[0-5]|2[0-4][0-9]|[0-1]?[0-9]{1,2})(?:\.(?:25[0-5]|2[0-4][0-9]|[0-1]?[0-9]{1,2})){3}\b"),
    ("YEAR", r"(?:\d\d){1,2}"),
    ("SECOND", r"(?:60|[0-5]?[0-9])(?:[:.,][0-9]+)?"),
    ("TIME", r"%{HOUR}:%{MINUTE}(?::%{SECOND})"),
    ("HAPROXYTIME", r"%{HOUR:haproxy_hour}:%{MINUTE:haproxy_minute}(?::%{SECOND:haproxy_second})"),
    ("QUOTEDSTRING", r#"(?:"(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*'|`(?:\\.|[^\\`])*`)"#),
    ("WINPATH", r"(?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+"),
    ("RUUID", r"[0-9A-Fa-f]{32}"),
    ("IPTABLES4_FRAG", r"(?:CE|DF|MF)?(?: (?:CE|DF|MF))*"),
    ("MONGO_QUERY", r"\{ .* \}"),
    (
        "SYSLOGPAMSESSION",
        r"%{SYSLOGBASE} %{WORD:pam_module}\(%{DATA:pam_caller}\): session %{WORD:pam_session_state} for user %{USERNAME:username}(?: by %{GREEDYDATA:pam_by})?",
    ),
    ("RPROCESSING", r"\W*Processing by %{RCONTROLLER} as (?<format>\S+)(?:\W*Parameters: \{%{DATA:params}\}\W*)?"),
    (
        "CISCO_TAGGED_SYSLOG",
        r"^<%{POSINT:syslog_pri}>%{CISCOTIMESTAMP:timestamp}( %{SYSLOGHOST:sysloghost})? ?: [%]%{CISCOTAG:ciscotag}:",
    ),
];

/// Compiles Grok patterns.
pub(super) static GROK: LazyLock<Grok> = LazyLock::new(|| {
    let mut grok = Grok::with_default_patterns();
    for (name, pattern) in PATTERNS {
        grok.add_pattern(name, pattern);
    }
    grok
});
