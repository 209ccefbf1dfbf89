"""Reads Parquet files that the engine wrote, with pyarrow and with DuckDB, and compares every row
with what the formulas below give. `interop.rs` has the same formulas; nothing else is shared.

usage: interop_check.py TABLE ROWS FILE CRC32
"""

import math
import struct
import sys
import zlib

import duckdb
import pyarrow
import pyarrow.parquet

START_NS = 1_795_359_600_000_000_000
STEP_NS = 100_000_001


def log(i):
    service = ["payment", "größe", "gateway"][i % 3]
    level = i % 25
    attributes = [] if i % 4 == 0 else [("i", str(i)), ("k.ü→", "v" * (i % 40)), ("none", None if i % 2 else "")]
    return {
        "time": START_NS + i * STEP_NS,
        "observed_time": None if i % 3 == 0 else START_NS + i * STEP_NS - 7,
        "severity_number": level,
        "severity": f"S{level}" if level else None,
        "service": service,
        "body": None if i % 10 == 0 else f"line {i} → 日本 '\"\\\n🚒",
        "event_name": "evt" if i % 7 == 0 else None,
        "trace_id": f"{i:032x}" if i % 5 == 0 else None,
        "span_id": f"{i:016x}" if i % 5 == 0 else None,
        "attributes": attributes,
        "resource": [("service.name", service), ("host", f"h{i % 10}")],
        "scope": None if i % 2 else "scope",
    }


def span(i):
    service = ["payment", "größe", "gateway"][i % 3]
    event = lambda n: {"time": START_NS + i + n, "name": f"e{n}", "attributes": [("n", str(n))] * n}
    link = {"trace_id": f"{i:032X}", "span_id": f"{i:016X}", "attributes": []}
    return {
        "time": START_NS + i * STEP_NS,
        "duration_ns": -(2**63) if i == 3 else 2**63 - 1 if i == 4 else i * 1000,
        "trace_id": f"{i // 10:032x}",
        "span_id": f"{i:016x}",
        "parent_span_id": f"{i - 1:016x}" if i % 10 else None,
        "name": f"GET /{i % 50}",
        "kind": ["SERVER", "CLIENT"][i % 2],
        "service": service,
        "status": ["UNSET", "OK", "ERROR"][i % 3],
        "status_message": "boom" if i % 3 == 2 else None,
        "attributes": [("i", str(i))],
        "resource": [],
        "scope": None,
        "events": [event(n) for n in range(i % 4)],
        "links": [link] if i % 6 == 0 else [],
        "parent_service": None,
        "parent_kind": None,
        "peer_name": None,
        "peer_type": None,
    }


def metric(i):
    value = [None, math.nan, math.inf, -0.0, i / 7][i % 5]
    histogram = i % 3 == 0
    exemplar = {
        "time": START_NS + i,
        "value": i / 3,
        "trace_id": None if i % 2 else f"{i:032x}",
        "span_id": None,
        "attributes": [("x", None)],
    }
    row = dict.fromkeys(METRIC_COLUMNS)
    row |= {
        "time": START_NS + i * STEP_NS,
        "start_time": START_NS - i,
        "metric": f"http.server.duration.{i % 3}",
        "kind": "histogram" if histogram else "sum",
        "unit": "ms",
        "monotonic": [None, True, False][i % 3],
        "value": value,
        "value_int": (i - 10) * 2**48 + 1 if i % 4 == 0 else None,
        "series_id": 2**64 - 1 - i % 11,
        "flags": 2**32 - 1 if i % 2 else 0,
        "service": "payment",
        "attributes": [("i", str(i))],
        "resource": [],
        "scale": -(i % 20),
    }
    if histogram:
        row |= {
            "count": i,
            "bucket_bounds": [n / 4 for n in range(i % 5)],
            "bucket_counts": [2**64 - 1 - n for n in range(i % 5 + 1)],
            "quantiles": [{"quantile": 0.5, "value": float(i)}],
            "exemplars": [exemplar] * (i % 2),
        }
    return row


METRIC_COLUMNS = """time start_time metric kind unit description temporality monotonic value value_int series_id flags
service attributes resource scope count sum min max bucket_bounds bucket_counts scale zero_count zero_threshold
positive_offset positive_counts negative_offset negative_counts quantiles exemplars""".split()

# The keys that enough rows have to get a column of their own, in the columns' order, and its type.
# What they leave in the maps: entries without a value.
COLUMNS = {
    "logs": [
        ("attributes", "i", int),
        ("attributes", "k.ü→", str),
        ("attributes", "none", str),
        ("resource", "host", str),
        ("resource", "service.name", str),
    ],
    "spans": [("attributes", "i", int)],
    "metrics": [("attributes", "i", int)],
}


def stored(row, columns):
    """A row as the file has it."""
    row = dict(row)
    taken = {}
    for column, key, kind in columns:
        value = dict(row[column]).get(key)
        taken[f"{column}.{key}"] = None if value is None else kind(value)
        row[column] = [entry for entry in row[column] if entry[0] != key or entry[1] is None]
    return row | taken


FORMULAS = {"logs": log, "spans": span, "metrics": metric}
ORDERS = {
    "logs": lambda row: (row["service"].encode(), -row["time"]),
    "spans": lambda row: (row["service"].encode(), -row["time"]),
    "metrics": lambda row: (row["metric"].encode(), row["series_id"], row["time"]),
}


def plain(value):
    """A double as its bits, so that NaN equals NaN and -0 differs from 0."""
    if isinstance(value, float):
        return ("double", struct.pack("<d", value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def same(what, found, expected):
    if plain(found) != plain(expected):
        sys.exit(f"{what}\n   found {found!r}\nexpected {expected!r}")


def timestamps_as_integers(kind):
    """The same Arrow type with int64 in place of timestamps: Python's datetime has no nanoseconds."""
    types = pyarrow.types
    if types.is_timestamp(kind):
        return pyarrow.int64()
    if types.is_struct(kind):
        fields = [kind.field(n) for n in range(kind.num_fields)]
        return pyarrow.struct([field.with_type(timestamps_as_integers(field.type)) for field in fields])
    if types.is_list(kind):
        return pyarrow.list_(kind.value_field.with_type(timestamps_as_integers(kind.value_type)))
    return kind


def check_pyarrow(path, expected):
    # verifies the CRC of every page
    file = pyarrow.parquet.ParquetFile(path, page_checksum_verification=True)
    same("time zone", str(file.schema_arrow.field("time").type), "timestamp[ns, tz=UTC]")
    same("footer", file.metadata.metadata[b"lincei.format_version"], b"2")
    table = file.read()
    columns = [column.cast(timestamps_as_integers(column.type)) for column in table.columns]
    table = pyarrow.table(columns, names=table.column_names)
    rows = table.to_pylist()
    same("pyarrow: rows", len(rows), len(expected))
    for found, row in zip(rows, expected):
        same("pyarrow: columns", list(found), list(row))
        for column in row:
            same(f"pyarrow: {column} of {row['time']}", found[column], row[column])
    # the page index and the statistics must not hide rows
    first = expected[len(expected) // 2]
    name = "metric" if "metric" in first else "service"
    filtered = pyarrow.parquet.read_table(path, filters=[(name, "==", first[name])], columns=[name])
    same("pyarrow: filter", filtered.num_rows, sum(row[name] == first[name] for row in expected))
    check_flipped(path)


def check_flipped(path):
    """The checksums that pyarrow verified are there: it refuses a flipped bit in a page."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    column = pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0)
    data[column.data_page_offset + column.total_compressed_size - 1] ^= 1
    reader = pyarrow.BufferReader(bytes(data))
    try:
        pyarrow.parquet.ParquetFile(reader, page_checksum_verification=True).read()
    except OSError as error:
        same("pyarrow: names the checksum", "CRC" in str(error), True)
    else:
        sys.exit("pyarrow: read a page with a flipped bit")


def check_duckdb(path, table, expected):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    query = lambda sql: db.execute(sql.replace("FILE", f"read_parquet('{path}', hive_partitioning = false)")).fetchall()
    same("duckdb: rows", query("SELECT count(*) FROM FILE"), [(len(expected),)])
    names = [name for name, *_ in query("DESCRIBE SELECT * FROM FILE")]
    same("duckdb: columns", names, list(expected[0]))

    flat = [name for name in names if not any(isinstance(row[name], list) for row in expected)]
    # whole nanoseconds, which Python's datetime does not have
    select = [f"epoch_ns({name})" if name.endswith("time") else f'"{name}"' for name in flat]
    found = query(f"SELECT {', '.join(select)} FROM FILE")
    for values, row in zip(found, expected):
        for name, value in zip(flat, values):
            same(f"duckdb: {name} of {row['time']}", value, row[name])

    found = query("SELECT cardinality(attributes), cardinality(resource) FROM FILE")
    for values, row in zip(found, expected):
        same(f"duckdb: maps of {row['time']}", values, (len(row["attributes"]), len(row["resource"])))
    by_value = query("""SELECT count(*) FROM FILE WHERE "attributes.i" BETWEEN 100 AND 199""")
    same("duckdb: selects by attribute", by_value, [(sum(1 for r in expected if r["attributes.i"] in SOME),)])
    NESTED[table](query, expected)


SOME = set(range(100, 200))


def duckdb_logs(query, expected):
    found = query("""SELECT "attributes.k.ü→", "resource.host" FROM FILE WHERE service = 'größe'""")
    want = [row for row in expected if row["service"] == "größe"]
    want = [(row["attributes.k.ü→"], row["resource.host"]) for row in want]
    same("duckdb: selects by service", found, want)


def duckdb_spans(query, expected):
    found = query("SELECT len(events), events[2].name, events[3].attributes['n'], links[1].span_id FROM FILE")
    for values, row in zip(found, expected):
        events, links = row["events"], row["links"]
        want = (
            len(events),
            events[1]["name"] if len(events) > 1 else None,
            "2" if len(events) > 2 else None,
            links[0]["span_id"] if links else None,
        )
        same(f"duckdb: nested columns of {row['time']}", values, want)


def duckdb_metrics(query, expected):
    found = query("SELECT bucket_bounds, bucket_counts, quantiles[1].value, exemplars[1].value FROM FILE")
    for values, row in zip(found, expected):
        exemplars = row["exemplars"] or []
        want = (
            row["bucket_bounds"],
            row["bucket_counts"],
            row["quantiles"][0]["value"] if row["quantiles"] else None,
            exemplars[0]["value"] if exemplars else None,
        )
        same(f"duckdb: nested columns of {row['time']}", list(values), list(want))


NESTED = {"logs": duckdb_logs, "spans": duckdb_spans, "metrics": duckdb_metrics}


def main():
    table, rows, path, crc = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    expected = sorted(map(FORMULAS[table], range(rows)), key=ORDERS[table])
    expected = [stored(row, COLUMNS[table]) for row in expected]
    with open(path, "rb") as file:
        same("crc-32 of the object", zlib.crc32(file.read()), crc)
    check_pyarrow(path, expected)
    check_duckdb(path, table, expected)
    print(f"{table}: {rows} rows are equal")


main()
