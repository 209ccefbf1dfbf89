//! Levels as numbers: OpenTelemetry logs data model, "Field: SeverityNumber", and its appendix B
//! for the names that other systems use.

/// Column `severity` of a number 1-24; `None` for any other.
pub(crate) const fn name(number: u8) -> Option<&'static str> {
    match number {
        1..=4 => Some("TRACE"),
        5..=8 => Some("DEBUG"),
        9..=12 => Some("INFO"),
        13..=16 => Some("WARN"),
        17..=20 => Some("ERROR"),
        21..=24 => Some("FATAL"),
        _ => None,
    }
}

/// The longest word that [`number_of`] knows.
const WORD_BYTES_MAX: usize = 13;

/// The number of a level's name in any case, as loggers in the field write it.
///
/// Python's and .NET's `critical` is their highest level, so FATAL; `crit` is syslog's and is
/// ERROR2, as appendix B has it.
pub(crate) fn number_of(text: &str) -> Option<u8> {
    let text = text.trim();
    let mut lower = [0; WORD_BYTES_MAX];
    let lower = lower.get_mut(..text.len())?;
    lower.copy_from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"trace" | b"finest" | b"verbose" | b"silly" | b"all" => 1,
        b"trace2" => 2,
        b"trace3" => 3,
        b"trace4" => 4,
        b"debug" | b"dbg" | b"fine" | b"finer" | b"debug1" => 5,
        b"debug2" => 6,
        b"debug3" => 7,
        b"debug4" => 8,
        b"info" | b"inf" | b"information" | b"informational" | b"config" | b"log" | b"default" => 9,
        b"info2" | b"notice" | b"note" | b"success" => 10,
        b"info3" => 11,
        b"info4" => 12,
        b"warn" | b"warning" | b"wrn" => 13,
        b"warn2" => 14,
        b"warn3" => 15,
        b"warn4" => 16,
        b"error" | b"err" | b"eror" | b"severe" | b"failure" => 17,
        b"error2" | b"crit" => 18,
        b"error3" | b"alert" => 19,
        b"error4" => 20,
        b"fatal" | b"critical" | b"panic" | b"dpanic" | b"emerg" | b"emergency" => 21,
        b"fatal2" => 22,
        b"fatal3" => 23,
        b"fatal4" => 24,
        _ => return None,
    })
}

/// Syslog's 0-7 (RFC 5424 table 2), as journald's `PRIORITY` and GELF's `level` have it too.
pub(crate) const fn from_syslog(priority: u64) -> Option<u8> {
    Some(match priority {
        0 => 21,
        1 => 19,
        2 => 18,
        3 => 17,
        4 => 13,
        5 => 10,
        6 => 9,
        7 => 5,
        _ => return None,
    })
}

/// The levels of bunyan and pino, 10-60.
pub(crate) const fn from_bunyan(level: u64) -> Option<u8> {
    Some(match level {
        10 => 1,
        20 => 5,
        30 => 9,
        40 => 13,
        50 => 17,
        60 => 21,
        _ => return None,
    })
}

/// One letter, as logcat, klog and glog write it.
pub(crate) const fn from_letter(letter: u8) -> Option<u8> {
    Some(match letter {
        b'V' | b'T' => 1,
        b'D' => 5,
        b'I' => 9,
        b'N' => 10,
        b'W' => 13,
        b'E' => 17,
        b'C' | b'F' => 21,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_logs_data_model() {
        for (numbers, want) in [
            (0..=0, None),
            (1..=4, Some("TRACE")),
            (5..=8, Some("DEBUG")),
            (9..=12, Some("INFO")),
            (13..=16, Some("WARN")),
            (17..=20, Some("ERROR")),
            (21..=24, Some("FATAL")),
            (25..=255, None),
        ] {
            for number in numbers {
                assert_eq!(name(number), want, "{number}");
            }
        }
    }

    #[test]
    fn words_of_the_field_have_a_number() {
        for (text, want) in [
            ("INFO", Some("INFO")),
            ("Information", Some("INFO")),
            ("warning", Some("WARN")),
            (" Warn ", Some("WARN")),
            ("err", Some("ERROR")),
            ("crit", Some("ERROR")),
            ("CRITICAL", Some("FATAL")),
            ("notice", Some("INFO")),
            ("panic", Some("FATAL")),
            ("informational", Some("INFO")),
            ("", None),
            ("informationals", None),
            ("hello", None),
            ("5", None),
            ("wärn", None),
        ] {
            assert_eq!(number_of(text).and_then(name), want, "{text:?}");
        }
    }

    #[test]
    fn syslog_numbers_follow_appendix_b() {
        // OpenTelemetry logs data model, appendix B, column "Syslog"
        let want = [21, 19, 18, 17, 13, 10, 9, 5];
        for (priority, number) in want.into_iter().enumerate() {
            assert_eq!(from_syslog(priority as u64), Some(number));
        }
        assert_eq!(from_syslog(8), None);
    }
}
