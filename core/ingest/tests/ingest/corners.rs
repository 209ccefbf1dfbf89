//! Corners of the wire format, by hand: the decoders and prost must agree on each, and on what is
//! written here.

use crate::check::{NOW_NS, Outcome, check_logs, check_metrics, check_traces};
use crate::wire::{attribute, bytes, end_group, fixed64, group, number, request, varint};

const ONE: Outcome = Outcome::Read { stored: 1, rejected: 0 };
const NOTHING: Outcome = Outcome::Read { stored: 0, rejected: 0 };
const REFUSED: Outcome = Outcome::Refused;

type Case = (&'static str, Vec<u8>, Outcome);

fn run(cases: Vec<Case>, check: fn(&[u8]) -> Outcome) {
    for (name, body, want) in cases {
        assert_eq!(check(&body), want, "{name}");
    }
}

/// `record` after a field that makes it a record of its own.
fn with(parts: &[Vec<u8>]) -> Vec<u8> {
    request(parts.concat())
}

#[test]
fn fields_and_groups() {
    let text = |field| bytes(field, "x");
    run(
        vec![
            ("empty", vec![], NOTHING),
            ("an empty record", request([]), ONE),
            ("field number 0", vec![0x00, 0x00], REFUSED),
            ("field number 0 in a record", request([0x02, 0x00]), REFUSED),
            ("wire type 6", vec![0x0e, 0x00], REFUSED),
            ("wire type 7", request([0x0f, 0x00]), REFUSED),
            ("a key of 33 bits", request(varint(1 << 32)), REFUSED),
            ("a key cut short", vec![0x8a], REFUSED),
            ("a length cut short", vec![0x0a, 0x80], REFUSED),
            ("a length beyond the body", vec![0x0a, 0x05, 0x00], REFUSED),
            ("a length beyond its message", bytes(1, [0x12, 0x05, 0x00]), REFUSED),
            ("a length of 2^63", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], REFUSED),
            ("a message as a number", number(1, 5), REFUSED),
            ("unknown number", [number(99, u64::MAX), request([])].concat(), ONE),
            ("unknown fixed64", with(&[fixed64(1000, 7)]), ONE),
            ("unknown fixed64 cut short", request([&[0xf9, 0x3e][..], &[0; 7]].concat()), REFUSED),
            ("unknown fixed32", request([0xfd, 0x3e, 1, 2, 3, 4]), ONE),
            ("unknown bytes", with(&[bytes(536_870_911, "anything \u{fffd}")]), ONE),
            ("unknown group", with(&[group(50, [number(1, 1), text(0x7f)].concat())]), ONE),
            ("unknown nested groups", with(&[group(50, group(51, group(50, [])))]), ONE),
            ("unknown group without an end", request([0x93, 0x03]), REFUSED),
            ("unknown group with another's end", request([varint(50 << 3 | 3), end_group(51)].concat()), REFUSED),
            ("the end of no group", request(end_group(50)), REFUSED),
            ("a known field as a group", request(group(5, [])), REFUSED),
            ("field number 0 in a group", request(group(50, [0x00])), REFUSED),
            ("bytes where a fixed64 belongs", with(&[bytes(1, "12345678")]), REFUSED),
            ("a varint where a fixed64 belongs", with(&[number(1, 1)]), REFUSED),
            ("a fixed64 where a varint belongs", with(&[fixed64(2, 1)]), REFUSED),
            ("a fixed64 cut short", request([0x09, 1, 2, 3]), REFUSED),
            ("a fixed32 cut short", request([0x45, 1, 2, 3]), REFUSED),
        ],
        check_logs,
    );
}

#[test]
fn varints() {
    let record = |bytes: &[u8]| request([&[0x10], bytes].concat());
    run(
        vec![
            ("ten bytes", record(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), ONE),
            ("more than 64 bits", record(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), REFUSED),
            ("eleven bytes", record(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), REFUSED),
            ("padded with zeros", record(&[0x89, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), ONE),
            ("cut short", record(&[0x80, 0x80]), REFUSED),
            ("a negative enum", with(&[number(2, u64::MAX)]), ONE),
            ("an enum of 33 bits", with(&[number(2, (1 << 32) + 9)]), ONE),
            ("a boolean of 2", with(&[attribute(6, "b", number(2, 2))]), ONE),
            ("a count of 33 bits", with(&[number(7, (1 << 32) + 3)]), ONE),
        ],
        check_logs,
    );
}

#[test]
fn every_string_is_checked() {
    let bad = [0xc3, 0x28];
    let logs = vec![
        ("schema url of a resource", bytes(1, bytes(3, bad)), REFUSED),
        ("schema url of a scope", bytes(1, bytes(2, bytes(3, bad))), REFUSED),
        ("scope name", bytes(1, bytes(2, bytes(1, bytes(1, bad)))), REFUSED),
        ("scope version", bytes(1, bytes(2, bytes(1, bytes(2, bad)))), REFUSED),
        ("resource attribute", bytes(1, bytes(1, bytes(1, bytes(1, bad)))), REFUSED),
        ("entity key", bytes(1, bytes(1, bytes(3, bytes(3, bad)))), REFUSED),
        ("severity text", with(&[bytes(3, bad)]), REFUSED),
        ("severity text that is replaced", with(&[bytes(3, bad), bytes(3, "INFO")]), REFUSED),
        ("event name", with(&[bytes(12, bad)]), REFUSED),
        ("body", with(&[bytes(5, bytes(1, bad))]), REFUSED),
        ("body that is replaced", with(&[bytes(5, [bytes(1, bad), number(2, 1)].concat())]), REFUSED),
        ("key", with(&[bytes(6, bytes(1, bad))]), REFUSED),
        ("in an array", with(&[bytes(5, bytes(5, bytes(1, bytes(1, bad))))]), REFUSED),
        (
            "in an array that is replaced",
            with(&[bytes(5, [bytes(5, bytes(1, bytes(1, bad))), bytes(1, "x")].concat())]),
            REFUSED,
        ),
        ("a key in a map", with(&[bytes(5, bytes(6, bytes(1, bytes(1, bad))))]), REFUSED),
        ("bytes may be anything", with(&[bytes(5, bytes(7, bad))]), ONE),
        // a record that is refused for its time is checked all the same
        ("in a refused record", with(&[fixed64(1, u64::MAX), bytes(6, bytes(1, bad))]), REFUSED),
    ];
    run(logs, check_logs);
    let spans = [3u64, 5].map(|field| ("trace state, name", with(&[bytes(field, bad)]), REFUSED));
    let nested = [(11u64, 2u64), (13, 3), (15, 2)]
        .map(|(field, inner)| ("event, link, status", with(&[bytes(field, bytes(inner, bad))]), REFUSED));
    run(spans.into_iter().chain(nested).collect(), check_traces);
    let metrics = [1u64, 2, 3].map(|field| ("name, description, unit", with(&[bytes(field, bad)]), REFUSED));
    run(metrics.to_vec(), check_metrics);
}

#[test]
fn what_repeats_is_merged_or_replaced() {
    let list = |text: &str| bytes(5, bytes(1, bytes(1, text)));
    let map = |text: &str| bytes(6, attribute(1, text, bytes(1, text)));
    let body = |parts: &[Vec<u8>]| with(&[bytes(5, parts.concat())]);
    let bodies = |parts: &[Vec<u8>]| with(&parts.iter().map(|part| bytes(5, part)).collect::<Vec<_>>());
    let resource = |name: &str| bytes(1, attribute(1, name, bytes(1, "v")));
    let scope = |name: &str| bytes(1, bytes(1, name));
    let logs = vec![
        ("text replaces text", body(&[bytes(1, "a"), bytes(1, "b")]), ONE),
        ("arrays are joined", body(&[list("a"), list("b")]), ONE),
        ("maps are joined", body(&[map("a"), map("b"), map("a")]), ONE),
        ("an array begins anew behind a text", body(&[list("a"), bytes(1, "x"), list("b")]), ONE),
        ("a map replaces an array", body(&[list("a"), map("b")]), ONE),
        ("an empty list stays", body(&[bytes(5, []), bytes(5, [])]), ONE),
        ("an index for profiles is a value", body(&[bytes(1, "a"), number(8, 1)]), ONE),
        ("bodies are merged", bodies(&[list("a"), list("b"), vec![]]), ONE),
        ("an empty body changes nothing", bodies(&[bytes(1, "a"), vec![]]), ONE),
        (
            "values of an attribute are merged",
            with(&[bytes(6, [bytes(1, "k"), bytes(2, list("a")), bytes(1, "l"), bytes(2, list("b"))].concat())]),
            ONE,
        ),
        (
            "resources and scopes are merged, in any order",
            bytes(
                1,
                [
                    bytes(2, [bytes(2, []), scope("a"), bytes(1, bytes(2, "1")), scope("b")].concat()),
                    resource("x"),
                    bytes(3, "first"),
                    resource("y"),
                    bytes(3, "last"),
                ]
                .concat(),
            ),
            ONE,
        ),
        ("times", with(&[fixed64(1, 1), fixed64(1, NOW_NS.cast_unsigned())]), ONE),
    ];
    run(logs, check_logs);
}

#[test]
fn nesting_ends_where_prost_ends_it() {
    // one level of array is two messages, and the body is the fourth: 4 + 2 * 48 = 100
    for levels in 40..60 {
        let mut value = bytes(1, "x");
        let mut unknown = number(99, 1);
        let mut grouped = group(99, []);
        for _ in 0..levels {
            value = bytes(5, bytes(1, value));
            unknown = bytes(6, bytes(1, bytes(2, unknown)));
            grouped = group(77, group(77, grouped));
        }
        let deep = check_logs(&with(&[bytes(5, value)]));
        assert_eq!(deep, if levels <= 48 { ONE } else { REFUSED }, "{levels}");
        check_logs(&with(&[bytes(5, unknown)]));
        check_logs(&with(&[grouped]));
    }
}

#[test]
fn repeated_numbers_are_packed_or_not() {
    let now = fixed64(3, NOW_NS.cast_unsigned());
    let point = |parts: &[Vec<u8>]| with(&[bytes(9, bytes(1, [now.clone(), parts.concat()].concat()))]);
    let two = [1u64.to_le_bytes(), 2u64.to_le_bytes()].concat();
    let bound = 1f64.to_bits();
    let buckets = |body: Vec<u8>| with(&[bytes(10, bytes(1, [now.clone(), bytes(8, body)].concat()))]);
    run(
        vec![
            ("packed", point(&[bytes(6, &two), bytes(7, bound.to_le_bytes())]), ONE),
            ("one by one", point(&[fixed64(6, 1), fixed64(6, 2), fixed64(7, bound)]), ONE),
            ("both", point(&[fixed64(6, 1), fixed64(7, bound), bytes(7, bound.to_le_bytes()), bytes(6, &two)]), ONE),
            ("empty", point(&[bytes(6, []), bytes(7, [])]), ONE),
            ("not whole", point(&[bytes(6, &two[..15])]), REFUSED),
            ("as varints", point(&[number(6, 1)]), REFUSED),
            ("packed varints", buckets(bytes(2, [1, 2, 0x80, 1])), ONE),
            ("varints one by one", buckets([number(2, 1), number(2, 300), number(1, 3)].concat()), ONE),
            ("a packed varint cut short", buckets(bytes(2, [1, 0x80])), REFUSED),
            ("varints as fixed64", buckets(fixed64(2, 1)), REFUSED),
        ],
        check_metrics,
    );
}

#[test]
fn the_last_kind_of_data_counts() {
    let point = |value: f64| bytes(1, [fixed64(3, NOW_NS.cast_unsigned()), fixed64(4, value.to_bits())].concat());
    let gauge = |value| bytes(5, point(value));
    let sum = |value| bytes(7, [point(value), number(2, 2), number(3, 1)].concat());
    let bad_point = bytes(5, bytes(1, bytes(7, bytes(1, [0xff]))));
    run(
        vec![
            ("gauges are joined", with(&[gauge(1.0), gauge(2.0)]), Outcome::Read { stored: 2, rejected: 0 }),
            ("a sum replaces a gauge", with(&[gauge(1.0), sum(2.0)]), ONE),
            ("and the other way round", with(&[sum(1.0), sum(2.0), gauge(3.0)]), ONE),
            ("what is replaced is checked", with(&[bad_point, sum(2.0)]), REFUSED),
            ("the name may come last", with(&[sum(2.0), bytes(7, number(2, 1)), bytes(1, "name"), bytes(3, "s")]), ONE),
            ("an unknown kind", with(&[bytes(13, point(1.0))]), NOTHING),
            ("no kind", with(&[bytes(1, "name")]), NOTHING),
        ],
        check_metrics,
    );
}

/// A key is compared to the one at its position in the record before.
#[test]
fn keys_repeat_from_record_to_record_or_do_not() {
    let text = |value: &str| bytes(2, bytes(1, value));
    let value = text("v");
    let plain = |key: &str| bytes(6, [bytes(1, key), value.clone()].concat());
    let long_key = "k".repeat(200);
    // the length 3 in two bytes, which prost reads too
    let long_length = bytes(6, [&[0x0a, 0x83, 0x00][..], b"key", &value].concat());
    let records: Vec<(&str, Vec<u8>)> = vec![
        ("a key", plain("key")),
        ("the same", plain("key")),
        ("a prefix", plain("ke")),
        ("a longer one", plain("keys")),
        ("of the same length", plain("kez")),
        ("two", [plain("key"), plain("two")].concat()),
        ("two, the other way", [plain("two"), plain("key")].concat()),
        ("a length in two bytes", long_length),
        ("the value first", bytes(6, [value.clone(), bytes(1, "key")].concat())),
        ("the key twice", bytes(6, [bytes(1, "key"), bytes(1, "other"), value.clone()].concat())),
        ("the value twice", bytes(6, [bytes(1, "key"), value.clone(), text("w")].concat())),
        ("no key", bytes(6, &value)),
        ("an empty key", plain("")),
        ("an empty key again", plain("")),
        ("no value", bytes(6, bytes(1, "key"))),
        ("a long key", plain(&long_key)),
        ("a long key again", plain(&long_key)),
        ("not only ASCII", plain("schl\u{fc}ssel")),
        ("not only ASCII again", plain("schl\u{fc}ssel")),
    ];
    for (first, one) in &records {
        for (second, other) in &records {
            let body = [request(one), request(other), request(one)].concat();
            let want = Outcome::Read { stored: 3, rejected: 0 };
            assert_eq!(check_logs(&body), want, "{first}, then {second}");
        }
        let broken = bytes(6, [bytes(1, b"ke\xff"), value.clone()].concat());
        assert_eq!(check_logs(&[request(one), request(&broken)].concat()), REFUSED, "{first}, then no UTF-8");
        let cut = bytes(6, [&[0x0a, 0x03][..], b"ke"].concat());
        assert_eq!(check_logs(&[request(one), request(&cut)].concat()), REFUSED, "{first}, then cut short");
    }
}
