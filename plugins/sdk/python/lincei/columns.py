"""Columns as they cross the border, and the Python lists that authors see.

A list has one item for each row, `None` where a row has no value: `str` for text, `int` for ints,
`float` for floats, `bool` for bools, `dict` of text to text for attributes.
"""

import json
from itertools import accumulate

from wit_world.imports import columns as wit

TEXT = wit.ColumnType.TEXT
INTS = wit.ColumnType.INTS
FLOATS = wit.ColumnType.FLOATS
BOOLS = wit.ColumnType.BOOLS
ATTRIBUTES = wit.ColumnType.ATTRIBUTES

#: Python types and names that authors may write for a column's type.
TYPES = {
    str: TEXT, int: INTS, float: FLOATS, bool: BOOLS, dict: ATTRIBUTES,
    "text": TEXT, "ints": INTS, "floats": FLOATS, "bools": BOOLS, "attributes": ATTRIBUTES,
}

#: The maps of a table; `attributes.k` is the key `k` of one.
MAPS = ("attributes", "resource")

#: The signals, as they stand before the path of another signal's column: `metrics:value`.
SIGNALS = ("logs", "spans", "metrics")

_TEXTS = (
    "severity service body event_name trace_id span_id scope parent_span_id name kind status status_message "
    "parent_service parent_kind peer_name peer_type metric unit description temporality"
).split()
_INTS = (
    "time observed_time severity_number duration_ns start_time value_int series_id flags count scale "
    "zero_count positive_offset negative_offset"
).split()
_FLOATS = "value sum min max zero_threshold".split()

#: The flat columns of the tables and their types. A name means the same type in every table.
TABLE_TYPES = {
    **dict.fromkeys(_TEXTS, TEXT), **dict.fromkeys(_INTS, INTS), **dict.fromkeys(_FLOATS, FLOATS),
    **dict.fromkeys(MAPS, ATTRIBUTES), "monotonic": BOOLS,
}

_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1


class ColumnError(ValueError):
    """A column that the plugin did not declare, or a value that its type does not take."""


def _bare(path):
    signal, colon, rest = path.partition(":")
    return rest if colon and signal in SIGNALS else path


def type_of(path):
    """What a column of a table, or a key of a map, is read as unless the plugin says otherwise."""
    return TABLE_TYPES.get(_bare(path), TEXT)


def map_of(path):
    """The map that a path is a key of, as `attributes` for `attributes.http.route`, or None."""
    name, dot, key = path.partition(".")
    return name if dot and key and name in MAPS else None


def unpack_bits(bitmap, rows):
    """A bitmap as a text of `0` and `1`, row 0 first."""
    # a 1 above the last row keeps leading zeros, and hides whatever the host left there
    number = int.from_bytes(bitmap, "little") & ((1 << rows) - 1) | 1 << rows
    return bin(number)[:2:-1]


def pack_bits(flags):
    """Truth values as a bitmap."""
    digits = "".join(["1" if flag else "0" for flag in flags])
    return int(digits[::-1] or "0", 2).to_bytes((len(digits) + 7) // 8, "little")


def _unpack_text(text):
    offsets = text.offsets
    data = text.bytes
    if data.isascii():
        whole = data.decode("ascii")
        return [whole[start:end] for start, end in zip(offsets, offsets[1:])]
    return [data[start:end].decode("utf-8", "replace") for start, end in zip(offsets, offsets[1:])]


def _pack_text(items):
    whole = "".join(items)
    if whole.isascii():
        return wit.Text(list(accumulate(map(len, items), initial=0)), whole.encode("ascii"))
    parts = [item.encode("utf-8", "replace") if item else b"" for item in items]
    return wit.Text(list(accumulate(map(len, parts), initial=0)), b"".join(parts))


def _unpack_attributes(attributes):
    keys, values = _unpack_text(attributes.keys), _unpack_text(attributes.values)
    maps = []
    for start, end in zip(attributes.offsets, attributes.offsets[1:]):
        entries = dict(zip(keys[start:end], values[start:end]))
        if len(entries) != end - start:  # a key repeats, and its first entry counts
            entries = dict(zip(reversed(keys[start:end]), reversed(values[start:end])))
        maps.append(entries)
    return maps


def _pack_attributes(maps):
    keys, values, offsets = [], [], [0]
    for entries in maps:
        for key, value in (entries or {}).items():
            if value is not None:
                keys.append(as_text(key))
                values.append(as_text(value))
        offsets.append(len(keys))
    return wit.Attributes(offsets, _pack_text(keys), _pack_text(values))


def decode(column, rows):
    """A column as a list of `rows` items."""
    values = column.values
    if isinstance(values, wit.Values_Text):
        items = _unpack_text(values.value)
    elif isinstance(values, wit.Values_Bools):
        items = [bit == "1" for bit in unpack_bits(values.value, rows)]
    elif isinstance(values, wit.Values_Attributes):
        items = _unpack_attributes(values.value)
    else:
        items = list(values.value)
    if column.valid is None:
        return items
    return [item if bit == "1" else None for item, bit in zip(items, unpack_bits(column.valid, rows))]


def as_text(value):
    """A value as the tables keep it: numbers and booleans in their shortest form, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    raise ColumnError(f"a text cannot be set to a value of type {type(value).__name__}")


def _as_int(value):
    if isinstance(value, float) and value.is_integer() or isinstance(value, int):
        if _INT_MIN <= value <= _INT_MAX:
            return int(value)
        raise ColumnError(f"{value} does not fit into 64 bits")
    raise ColumnError(f"{value!r} is no integer")


def _as_float(value):
    if isinstance(value, (int, float)):
        return float(value)
    raise ColumnError(f"{value!r} is no number")


def _as_bool(value):
    if isinstance(value, bool):
        return value
    raise ColumnError(f"{value!r} is neither True nor False")


def _as_map(value):
    if isinstance(value, dict):
        return value
    raise ColumnError(f"{value!r} is no dict")


CONVERT = {TEXT: as_text, INTS: _as_int, FLOATS: _as_float, BOOLS: _as_bool, ATTRIBUTES: _as_map}
#: Types of Python whose values need no conversion; an int is checked against its 64 bits.
PLAIN = {TEXT: str, FLOATS: float, BOOLS: bool, ATTRIBUTES: dict}
_MISSING = {TEXT: "", INTS: 0, FLOATS: 0.0, BOOLS: False, ATTRIBUTES: None}


def convert(column_type, items, path):
    """A list with its items as the type takes them. Raises `ColumnError`, which names the path."""
    take = CONVERT[column_type]
    try:
        return [None if item is None else take(item) for item in items]
    except ColumnError as error:
        raise ColumnError(f"column {path}: {error}") from None


def encode(column_id, column_type, items):
    """A list, whose items are None or as the type takes them, as a column."""
    valid, values = None, items
    if None in items:
        missing = _MISSING[column_type]
        valid = pack_bits([item is not None for item in items])
        values = [missing if item is None else item for item in items]
    if column_type is TEXT:
        packed = wit.Values_Text(_pack_text(values))
    elif column_type is INTS:
        packed = wit.Values_Ints(values)
    elif column_type is FLOATS:
        packed = wit.Values_Floats(values)
    elif column_type is BOOLS:
        packed = wit.Values_Bools(pack_bits(values))
    else:
        packed = wit.Values_Attributes(_pack_attributes(values))
    return wit.Column(column_id, valid, packed)
