use super::*;
use crate::test_support::{Fixture, Place, request};
use datafusion::arrow::array::*;
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::*;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use std::sync::Arc;

fn column(name: &str, array: impl Array + 'static) -> (String, ArrayRef, bool) {
    (name.to_owned(), Arc::new(array), true)
}

fn batch(columns: Vec<(String, ArrayRef, bool)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn encode_all(format: Format, batches: &[RecordBatch]) -> Vec<u8> {
    let mut encoder = Encoder::new(format, &batches[0].schema());
    let mut out = encoder.start().unwrap();
    for batch in batches {
        out.extend(encoder.batch(batch).unwrap());
    }
    out.extend(encoder.finish(r#"{"rows":2}"#).unwrap());
    out
}

type Entries = [(&'static str, Option<i32>)];

fn map_of(rows: &[Option<&Entries>]) -> MapArray {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut builder = MapBuilder::new(Some(names), StringViewBuilder::new(), Int32Builder::new());
    for row in rows {
        for (key, value) in row.unwrap_or_default() {
            builder.keys().append_value(key);
            builder.values().append_option(*value);
        }
        builder.append(row.is_some()).unwrap();
    }
    builder.finish()
}

/// Each column of two rows, and how both rows are spelled in JSON and in CSV.
#[expect(clippy::type_complexity, reason = "a table")]
fn spellings() -> Vec<((String, ArrayRef, bool), [&'static str; 2], [&'static str; 2])> {
    let item = Arc::new(Field::new("item", DataType::Int32, true));
    let list = ListArray::new(
        item.clone(),
        OffsetBuffer::from_lengths([3, 0]),
        Arc::new(Int32Array::from(vec![Some(1), None, Some(3)])),
        None,
    );
    let fixed = FixedSizeListArray::new(item, 2, Arc::new(Int32Array::from(vec![1, 2, 3, 4])), None);
    let structs = StructArray::new(
        Fields::from(vec![Field::new("a", DataType::Int32, true), Field::new("b \"c\"", DataType::Utf8, true)]),
        vec![Arc::new(Int32Array::from(vec![Some(1), None])), Arc::new(StringArray::from(vec![Some("x"), None]))],
        Some(NullBuffer::from(vec![true, true])),
    );
    let dictionary: DictionaryArray<Int32Type> = vec![Some("x"), None].into_iter().collect();
    let empty: &[(&str, Option<i32>)] = &[];
    vec![
        (column("null", NullArray::new(2)), ["null", "null"], ["", ""]),
        (column("bool", BooleanArray::from(vec![Some(true), None])), ["true", "null"], ["true", ""]),
        (column("i8", Int8Array::from(vec![-128, 127])), ["-128", "127"], ["-128", "127"]),
        (column("u32", UInt32Array::from(vec![0, u32::MAX])), ["0", "4294967295"], ["0", "4294967295"]),
        (
            column("exact", Int64Array::from(vec![9_007_199_254_740_992, -9_007_199_254_740_992])),
            ["9007199254740992", "-9007199254740992"],
            ["9007199254740992", "-9007199254740992"],
        ),
        (
            column("big", Int64Array::from(vec![9_007_199_254_740_993, i64::MIN])),
            ["\"9007199254740993\"", "\"-9223372036854775808\""],
            ["9007199254740993", "-9223372036854775808"],
        ),
        (
            column("u64", UInt64Array::from(vec![9_007_199_254_740_992, u64::MAX])),
            ["9007199254740992", "\"18446744073709551615\""],
            ["9007199254740992", "18446744073709551615"],
        ),
        (column("f64", Float64Array::from(vec![0.1, -1e300])), ["0.1", "-1e+300"], ["0.1", "-1e+300"]),
        (column("f32", Float32Array::from(vec![0.1, 2.0])), ["0.1", "2.0"], ["0.1", "2.0"]),
        (
            column("odd", Float64Array::from(vec![f64::NAN, f64::NEG_INFINITY])),
            ["\"NaN\"", "\"-Infinity\""],
            ["NaN", "-Infinity"],
        ),
        (
            column("text", StringViewArray::from(vec![Some("a \"b\"\n\u{1}ü\u{1F600}"), Some("")])),
            ["\"a \\\"b\\\"\\n\\u0001ü\u{1F600}\"", "\"\""],
            ["\"a \"\"b\"\"\n\u{1}ü\u{1F600}\"", "\"\""],
        ),
        (column("utf8", StringArray::from(vec![Some(" a"), None])), ["\" a\"", "null"], ["\" a\"", ""]),
        (column("large", LargeStringArray::from(vec!["a,b", "a;b"])), ["\"a,b\"", "\"a;b\""], ["\"a,b\"", "a;b"]),
        // RFC 4648, section 10: "f" and "foob"
        (
            column("binary", BinaryArray::from_vec(vec![b"f", b"foob"])),
            ["\"Zg==\"", "\"Zm9vYg==\""],
            ["Zg==", "Zm9vYg=="],
        ),
        (
            column("decimal", Decimal128Array::from(vec![12345, -5]).with_precision_and_scale(10, 3).unwrap()),
            ["\"12.345\"", "\"-0.005\""],
            ["12.345", "-0.005"],
        ),
        (
            column("time", TimestampNanosecondArray::from(vec![Some(-1), None]).with_timezone("UTC")),
            ["\"1969-12-31T23:59:59.999999999Z\"", "null"],
            ["1969-12-31T23:59:59.999999999Z", ""],
        ),
        (
            column("millis", TimestampMillisecondArray::from(vec![1_767_225_600_123, 0])),
            ["\"2026-01-01T00:00:00.123000000Z\"", "\"1970-01-01T00:00:00.000000000Z\""],
            ["2026-01-01T00:00:00.123000000Z", "1970-01-01T00:00:00.000000000Z"],
        ),
        (
            column("date", Date32Array::from(vec![0, 20_454])),
            ["\"1970-01-01\"", "\"2026-01-01\""],
            ["1970-01-01", "2026-01-01"],
        ),
        (column("list", list), ["[1,null,3]", "[]"], ["\"[1,null,3]\"", "[]"]),
        (column("fixed", fixed), ["[1,2]", "[3,4]"], ["\"[1,2]\"", "\"[3,4]\""]),
        (
            column("struct", structs),
            [r#"{"a":1,"b \"c\"":"x"}"#, r#"{"a":null,"b \"c\"":null}"#],
            [r#""{""a"":1,""b \""c\"""":""x""}""#, r#""{""a"":null,""b \""c\"""":null}""#],
        ),
        (
            column("map", map_of(&[Some(&[("k", Some(1)), ("k", Some(2)), ("ü", None)]), Some(empty)])),
            [r#"{"k":1,"ü":null}"#, "{}"],
            [r#""{""k"":1,""ü"":null}""#, "{}"],
        ),
        (column("no map", map_of(&[None, Some(&[("a", Some(1))])])), ["null", r#"{"a":1}"#], ["", r#""{""a"":1}""#]),
        (column("dictionary", dictionary), ["\"x\"", "null"], ["x", ""]),
    ]
}

#[test]
fn values_are_spelled_as_documented() {
    for (column, json, csv) in spellings() {
        let name = column.0.clone();
        let batch = batch(vec![column]);
        let data_type = serde_json::to_string(&batch.schema().field(0).data_type().to_string()).unwrap();
        let want = format!(
            "{{\"columns\":[{{\"name\":\"{name}\",\"type\":{data_type}}}],\"rows\":[[{}],\n[{}]],\"stats\":{{\"rows\":2}}}}",
            json[0], json[1]
        );
        assert_eq!(String::from_utf8(encode_all(Format::Json, std::slice::from_ref(&batch))).unwrap(), want);
        let want = format!("{{\"{name}\":{}}}\n{{\"{name}\":{}}}\n", json[0], json[1]);
        assert_eq!(String::from_utf8(encode_all(Format::NdJson, std::slice::from_ref(&batch))).unwrap(), want);
        let want = format!("{name}\r\n{}\r\n{}\r\n", csv[0], csv[1]);
        assert_eq!(String::from_utf8(encode_all(Format::Csv, &[batch])).unwrap(), want);
    }
}

#[test]
fn json_reads_back_and_slices_are_right() {
    let columns: Vec<_> = spellings().into_iter().map(|(column, ..)| column).collect();
    let json: Vec<[&str; 2]> = spellings().into_iter().map(|(_, json, _)| json).collect();
    let whole = batch(columns);
    let parts = [whole.slice(0, 1), whole.slice(1, 1)];
    let read: serde_json::Value = serde_json::from_slice(&encode_all(Format::Json, &parts)).unwrap();
    let same: serde_json::Value =
        serde_json::from_slice(&encode_all(Format::Json, std::slice::from_ref(&whole))).unwrap();
    assert_eq!(read, same);
    assert_eq!(read["columns"].as_array().unwrap().len(), json.len());
    for (row, values) in read["rows"].as_array().unwrap().iter().enumerate() {
        for (value, json) in values.as_array().unwrap().iter().zip(&json) {
            assert_eq!(value, &serde_json::from_str::<serde_json::Value>(json[row]).unwrap());
        }
    }
    let lines = String::from_utf8(encode_all(Format::NdJson, &parts)).unwrap();
    for (line, values) in lines.lines().zip(read["rows"].as_array().unwrap()) {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        for field in whole.schema().fields() {
            let index = whole.schema().index_of(field.name()).unwrap();
            assert_eq!(object[field.name()], values[index], "{}", field.name());
        }
    }
}

#[test]
fn an_object_has_no_name_twice() {
    let one = || Arc::new(Int32Array::from(vec![1])) as ArrayRef;
    let fields = ["a", "a", "a_2"].map(|name| Field::new(name, DataType::Int32, false));
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), vec![one(), one(), one()]).unwrap();
    let text = String::from_utf8(encode_all(Format::NdJson, &[batch])).unwrap();
    assert_eq!(text, "{\"a\":1,\"a_2\":1,\"a_2_2\":1}\n");
}

#[test]
fn arrow_streams_read_back_without_views() {
    let columns: Vec<_> = spellings().into_iter().map(|(column, ..)| column).collect();
    let whole = batch(columns);
    let bytes = encode_all(Format::ArrowStream, &[whole.slice(0, 1), whole.slice(1, 1)]);
    let read: Vec<RecordBatch> = StreamReader::try_new(bytes.as_slice(), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(read.len(), 2);
    let json = |batches: &[RecordBatch]| {
        let text: serde_json::Value = serde_json::from_slice(&encode_all(Format::Json, batches)).unwrap();
        text["rows"].clone()
    };
    assert_eq!(json(&read), json(&[whole]));
    assert!(!format!("{:?}", read[0].schema()).contains("View"));
}

fn parquet_rows(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

#[test]
fn parquet_reads_back_without_views() {
    let columns: Vec<_> = spellings().into_iter().map(|(column, ..)| column).collect();
    let whole = batch(columns);
    let bytes = encode_all(Format::Parquet, &[whole.slice(0, 1), whole.slice(1, 1)]);
    let read = parquet_rows(bytes);
    let json = |batches: &[RecordBatch]| {
        let text: serde_json::Value = serde_json::from_slice(&encode_all(Format::Json, batches)).unwrap();
        text["rows"].clone()
    };
    assert_eq!(json(&read), json(&[whole]));
    assert!(!format!("{:?}", read[0].schema()).contains("View"));
}

#[test]
fn parquet_widens_what_it_has_no_type_for() {
    let months = IntervalMonthDayNano { months: 1, days: 2, nanoseconds: 3 };
    let list = ListArray::new(
        Arc::new(Field::new("item", DataType::Timestamp(TimeUnit::Second, None), true)),
        OffsetBuffer::from_lengths([1]),
        Arc::new(TimestampSecondArray::from(vec![60])),
        None,
    );
    let columns = vec![
        column("interval", IntervalMonthDayNanoArray::from(vec![months])),
        column("seconds", TimestampSecondArray::from(vec![1_767_225_600]).with_timezone("UTC")),
        column("time", Time32SecondArray::from(vec![61])),
        column("date", Date64Array::from(vec![86_400_000])),
        column("duration", DurationNanosecondArray::from(vec![5])),
        column("list", list),
    ];
    let read = parquet_rows(encode_all(Format::Parquet, &[batch(columns)]));
    let text: serde_json::Value = serde_json::from_slice(&encode_all(Format::Json, &read)).unwrap();
    let want = [
        serde_json::json!("1 mons 2 days 0.000000003 secs"),
        serde_json::json!("2026-01-01T00:00:00.000000000Z"),
        serde_json::json!("00:01:01"),
        serde_json::json!("1970-01-02"),
        serde_json::json!("PT0.000000005S"),
        serde_json::json!(["1970-01-01T00:01:00.000000000Z"]),
    ];
    let row = &text["rows"][0];
    assert_eq!(row[0], want[0]);
    assert_eq!(row[1], want[1]);
    assert_eq!(row[2], want[2]);
    assert!(row[3].as_str().unwrap().starts_with(want[3].as_str().unwrap()), "{row}");
    assert_eq!(row[4], want[4]);
    assert_eq!(row[5], want[5]);
}

#[test]
fn parquet_goes_out_by_row_groups_and_holds_little() {
    // numbers without a pattern, which no encoding makes small
    let numbers = |part: u64| {
        let values = (0..8192_u64).map(|i| xxhash_rust::xxh3::xxh3_64(&(part * 8192 + i).to_le_bytes()));
        batch(vec![column("n", UInt64Array::from_iter_values(values))])
    };
    let mut encoder = Encoder::new(Format::Parquet, &numbers(0).schema());
    let mut bytes = encoder.start().unwrap();
    let mut parts = 0;
    for part in 0..256 {
        let out = encoder.batch(&numbers(part)).unwrap();
        parts += usize::from(!out.is_empty());
        assert!(out.len() < 6 << 20, "{}", out.len());
        bytes.extend(out);
    }
    // 256 × 8192 × 8 bytes are 16 MiB
    assert!((2..=16).contains(&parts), "{parts}");
    bytes.extend(encoder.finish("{}").unwrap());
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes.clone())).unwrap();
    for group in reader.metadata().row_groups() {
        assert!(matches!(group.column(0).compression(), Compression::ZSTD(_)));
    }
    let read: usize = parquet_rows(bytes).iter().map(RecordBatch::num_rows).sum();
    assert_eq!(read, 256 * 8192);
}

#[tokio::test]
async fn parquet_without_rows_has_its_columns() {
    let fixture = Fixture::empty(crate::QueryOptions::default(), Vec::new()).await;
    let (bytes, failed) = bytes_of(&fixture, Format::Parquet, "SELECT time, body, attributes FROM logs").await;
    assert!(failed.is_none());
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
    let names: Vec<&str> = reader.schema().fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!((names, reader.metadata().file_metadata().num_rows()), (vec!["time", "body", "attributes"], 0));
}

async fn body(fixture: &Fixture, format: Format, sql: &str) -> (String, Option<QueryError>) {
    let (bytes, failed) = bytes_of(fixture, format, sql).await;
    (String::from_utf8_lossy(&bytes).into_owned(), failed)
}

async fn bytes_of(fixture: &Fixture, format: Format, sql: &str) -> (Vec<u8>, Option<QueryError>) {
    let query = fixture.service.start(request(sql)).await.unwrap();
    let stream = encode(format, query, |error| format!("{{\"code\":\"{}\"}}", error.code()));
    futures::pin_mut!(stream);
    let mut bytes = Vec::new();
    let mut failed = None;
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => {
                assert!(failed.is_none(), "nothing follows an error");
                bytes.extend_from_slice(&chunk);
            }
            Err(error) => failed = Some(error),
        }
    }
    (bytes, failed)
}

#[tokio::test]
async fn whole_answers_end_with_statistics() {
    let fixture = Fixture::new(Place::Both).await;
    let (text, failed) =
        body(&fixture, Format::Json, "SELECT service, count(*) n FROM logs GROUP BY 1 ORDER BY 1").await;
    assert!(failed.is_none());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["rows"], serde_json::json!([["api", 120], ["db", 120], ["web", 120]]));
    assert_eq!(json["columns"], serde_json::json!([{"name":"service","type":"Utf8View"},{"name":"n","type":"Int64"}]));
    assert_eq!((&json["stats"]["rows"], &json["stats"]["truncated"]), (&3.into(), &false.into()));
    assert_eq!(json["stats"]["rows_scanned"], 360);
    assert!(json["stats"]["elapsed_ms"].as_f64().unwrap() > 0.0);
    let (text, failed) = body(&fixture, Format::Csv, "SELECT 1 AS a WHERE false").await;
    assert_eq!((text.as_str(), failed.is_none()), ("a\r\n", true));
    let (text, failed) = body(&fixture, Format::NdJson, "SELECT 1 AS a WHERE false").await;
    assert_eq!((text.as_str(), failed.is_none()), ("", true));
}

#[tokio::test]
async fn a_failure_on_the_way_cannot_be_taken_for_the_end() {
    let fixture = Fixture::empty(crate::QueryOptions::default(), Vec::new()).await;
    let sql = "SELECT 10 / (value - 50000) AS a FROM generate_series(1, 100000)";
    let (text, failed) = body(&fixture, Format::Json, sql).await;
    assert!(failed.is_none());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((json.get("stats"), &json["error"]["code"]), (None, &"invalid".into()));
    assert!(!json["rows"].as_array().unwrap().is_empty(), "rows came before the failure");
    let (text, failed) = body(&fixture, Format::NdJson, sql).await;
    assert!(failed.is_none());
    assert_eq!(text.lines().last(), Some("{\"error\":{\"code\":\"invalid\"}}"));
    let (bytes, failed) = bytes_of(&fixture, Format::Parquet, sql).await;
    assert!(matches!(failed, Some(QueryError::Data { .. })), "{failed:?}");
    assert!(ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).is_err());
    for format in [Format::Csv, Format::ArrowStream] {
        let (text, failed) = body(&fixture, format, sql).await;
        assert!(matches!(failed, Some(QueryError::Data { .. })), "{format:?}: {failed:?}");
        assert!(!text.is_empty());
    }
}
