"""Brings the answers of different engines into one form, and compares them."""
import math

import pyarrow as pa

# share of an approximate answer's values that must be near, and how near
NEAR_SHARE, NEAR = 0.98, 0.05


def rows_of(query, table, dialect, start_ns):
    """Tuples of plain values; times count from the data set's start, in nanoseconds."""
    columns = table.columns
    if query.sql.startswith("SELECT *"):
        columns = [table.column(dialect["time"]), table.column(dialect["body"])]
    if query.columns.endswith("l"):
        # three columns, or one that holds lists of three
        plain, rest = len(query.columns) - 1, columns[len(query.columns) - 1:]
        lists = rest[0].to_pylist() if len(rest) == 1 else zip(*(column.to_pylist() for column in rest))
        columns = columns[:plain]
        values = [_values(kind, column, start_ns) for kind, column in zip(query.columns, columns)]
        return [(*keys, *map(float, floats)) for *keys, floats in zip(*values, lists)]
    values = [_values(kind, column, start_ns) for kind, column in zip(query.columns, columns)]
    return list(zip(*values))


def _values(kind, column, start_ns):
    if kind == "t":
        if pa.types.is_timestamp(column.type):
            times = column.cast(pa.timestamp("ns", column.type.tz)).cast(pa.int64()).to_pylist()
        else:
            times = [seconds * 10**9 for seconds in column.to_pylist()]
        return [time - start_ns for time in times]
    if kind == "s":
        return [_text(value) for value in column.to_pylist()]
    return [int(value) for value in column.to_pylist()]


def _text(value):
    return (value.decode() if isinstance(value, bytes) else value) or None


def difference(query, got, want):
    """What is wrong with an answer, or None."""
    if len(got) != len(want):
        return f"{len(got)} rows instead of {len(want)}"
    if query.check == "top":
        last = want[-1][1] if want else 0
        got, want = ([row for row in rows if row[1] > last] for rows in (got, want))
        return _first(sorted(got), sorted(want))
    if query.check in ("near", "within"):
        return _near(query, got, want)
    return _first(got, want)


def _first(got, want):
    for number, (a, b) in enumerate(zip(got, want)):
        if len(a) != len(b) or not all(_same(x, y) for x, y in zip(a, b)):
            return f"row {number} is {a!r} instead of {b!r}"
    return None if len(got) == len(want) else f"{len(got)} rows instead of {len(want)} before the last ties"


def _same(a, b):
    # engines differ in how finely they divide between two neighbours
    return math.isclose(a, b, rel_tol=1e-5) if isinstance(a, float) else a == b


def _near(query, got, want):
    keys = len(query.columns) - 1
    if [row[:keys] for row in got] != [row[:keys] for row in want]:
        return "other groups"
    values = [value for row in got for value in row[keys:]]
    exact = [value for row in want for value in row[keys:]]
    if query.check == "within":
        bounds = list(zip(exact[::2], exact[1::2]))
    else:
        bounds = [(value * (1 - NEAR), value * (1 + NEAR)) for value in exact]
    near = sum(low <= value <= high for value, (low, high) in zip(values, bounds, strict=True))
    return None if near >= NEAR_SHARE * len(values) else f"only {near} of {len(values)} values are near the exact ones"
