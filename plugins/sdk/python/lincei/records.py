"""The batch as records: `process(record)`.

A `Table` decodes a column when the first record touches it, and gives back only what changed.
"""

from collections.abc import MutableMapping

from wit_world.imports import columns as wit
from wit_world.imports import operators

from .columns import (
    CONVERT, MAPS, PLAIN, TABLE_TYPES, TYPES, ColumnError, convert, decode, encode, map_of, pack_bits,
    type_of,
)

#: What `process` returns to drop a record.
DROP = False

_SIGNALS = {"logs": wit.Signal.LOGS, "spans": wit.Signal.SPANS, "metrics": wit.Signal.METRICS}


class Declared:
    """What `describe` gives: columns by path, and routes by name."""

    def __init__(self, uses, signals, routes):
        self.any = any(use.path == "*" for use in uses)
        self.any_write = any(use.path == "*" and use.access is not wit.Access.READ for use in uses)
        self.signals = signals
        self.routes = {name: number for number, name in enumerate(routes, 1)}
        #: What `transform` is given, in every call.
        self.rows = None
        self._uses = {use.path: (number, use) for number, use in enumerate(uses) if use.path != "*"}
        self._asked = {}

    def type(self, path):
        """The type of a column."""
        found = self._uses.get(path)
        return found[1].type if found else type_of(path)

    def has(self, path):
        """Whether the column is in the list itself."""
        return path in self._uses

    def keys(self, name):
        """The keys of a map that are in the list."""
        return [path[len(name) + 1:] for path in self._uses if map_of(path) == name]

    def reads(self, path):
        """Whether the plugin may see the column."""
        found = self._uses.get(path)
        return found[1].access is not wit.Access.WRITE if found else self.any

    def target(self, path):
        """The column that is set to set `path`: itself, or its map where only that is in the list."""
        name = map_of(path)
        target = name if name and name in self._uses and path not in self._uses else path
        found = self._uses.get(target)
        if not (found[1].access is not wit.Access.READ if found else self.any_write):
            raise ColumnError(f"the plugin does not declare that it writes the column {path}")
        return target

    def known(self, path):
        """The id of a column if it has one by now."""
        found = self._uses.get(path)
        return found[0] if found else self._asked.get(path)

    def id(self, path, batch):
        """The id of a column. Raises `ColumnError` for one that the plugin may not use."""
        found = self._uses.get(path)
        if found:
            return found[0]
        known = self._asked.get(path)
        if known is None:
            if not self.any and ":" not in path:
                raise ColumnError(f"the plugin does not declare the column {path}")
            known = self._asked[path] = batch.use_column(path, type_of(path))
        return known


class Table:
    """The columns of one call. `values` holds those that were touched, as lists."""

    def __init__(self, declared, batch, frame):
        self.declared = declared
        self.batch = batch
        self.rows = frame.rows
        self.values = {}
        self.copies = {}
        self.emitted = []
        self._frame = {column.id: column for column in frame.columns}
        self._targets = {}
        self.writers = {}
        self._dropped = set()
        self._routes = {}

    def load(self, path):
        """The items of a column, decoded when first asked for."""
        values = self.values.get(path)
        if values is None:
            values = self.values[path] = self._decode(path)
        return values

    def _decode(self, path):
        declared = self.declared
        if declared.has(path) and not declared.reads(path):
            return [None] * self.rows  # only written: what it holds is not for the plugin
        name = map_of(path)
        if not declared.has(path) and name and declared.has(name):
            key = path[len(name) + 1:]
            return [(entries or {}).get(key) for entries in self.load(name)]
        number = declared.id(path, self.batch)
        column = self._frame.get(number)
        if column is None:
            if name and not self.batch.present(number).count():
                return [None] * self.rows  # a key that is new needs no column to come over
            column = self.batch.read(number)
        return decode(column, self.rows)

    def set(self, path, row, value):
        """Changes an item of a column."""
        values, plain, take = self.writers.get(path) or self._writer(path)
        if type(value) is not plain and value is not None:
            try:
                value = take(value)
            except ColumnError as error:
                raise ColumnError(f"column {path}: {error}") from None
        if self.copies:
            for copy in self.copies.get(row, ()):  # they keep what the row was when they were made
                copy._own.setdefault(path, values[row])
        values[row] = value

    def _writer(self, path):
        self._targets[path] = self.declared.target(path)
        column_type = self.declared.type(path)
        writer = self.writers[path] = self.load(path), PLAIN.get(column_type), CONVERT[column_type]
        return writer

    def entries(self, name, row):
        """The map of a row as it is now, as a new dict."""
        declared = self.declared
        whole = declared.has(name) or declared.any
        entries = dict(self.load(name)[row] or {}) if whole else {}
        for key in declared.keys(name):
            self.load(f"{name}.{key}")
        start = len(name) + 1
        for path, values in self.values.items():
            if path[:start] == name + ".":
                if values[row] is None:
                    entries.pop(path[start:], None)
                else:
                    entries[path[start:]] = values[row]
        return entries

    def drop(self, row):
        """The row leaves the batch."""
        self._dropped.add(row)

    def route(self, row, name):
        """The row goes on by a route. Raises `ValueError` for one that the plugin did not declare."""
        if name not in self.declared.routes:
            raise ValueError(f"the plugin does not declare the route {name!r}")
        self._routes[row] = self.declared.routes[name]

    def delta(self):
        """What became of the batch."""
        keep = route = None
        if self._dropped:
            keep = pack_bits([row not in self._dropped for row in range(self.rows)])
        if self._routes:
            route = [self._routes.get(row, 0) for row in range(self.rows)]
        changed = []
        for target in dict.fromkeys(self._targets.values()):
            if target in MAPS:
                items = [self.entries(target, row) for row in range(self.rows)]
            else:
                items = self.values[target]
            changed.append(self._encode(target, items))
        return operators.Delta(keep, changed, self._emissions(), route)

    def _encode(self, path, items):
        return encode(self.declared.id(path, self.batch), self.declared.type(path), items)

    def _convert_and_encode(self, path, items):
        return self._encode(path, convert(self.declared.type(path), items, path))

    def _emissions(self):
        groups = {}
        for record in self.emitted:
            groups.setdefault((record._signal, record._row is None), []).append(record)
        return [self._emission(signal, records) for (signal, _), records in groups.items()]

    def _emission(self, signal, records):
        """A column of an emission counts for each new row: rows that did not set it repeat their source's."""
        own = dict.fromkeys(path for record in records for path in record._own)
        if signal is not None:
            columns = [
                self._convert_and_encode(f"{signal}:{path}", [record._own.get(path) for record in records])
                for path in own
            ]
        else:
            targets = dict.fromkeys(map(self.declared.target, own))
            if records[0]._row is not None:
                targets.update(dict.fromkeys(self._targets.values()))
            columns = []
            for target in targets:
                read = NewRecord._entries if target in MAPS else NewRecord._get
                columns.append(self._convert_and_encode(target, [read(record, target) for record in records]))
        source = None if records[0]._row is None else [record._row for record in records]
        return operators.Emission(_SIGNALS[signal or self._signal()], source, wit.Frame(len(records), columns))

    def _signal(self):
        """The batch's own signal."""
        own = self.batch.signal()
        return next(name for name, signal in _SIGNALS.items() if signal == own)


_NO_WRITER = None, None, None
_NUMBERS = int, float


class Attributes(MutableMapping):
    """The attributes of a record: reading, setting, deleting, `in`, iterating."""

    __slots__ = ("_table", "_row", "_prefix")

    def __init__(self, table, row, prefix):
        self._table = table
        self._row = row
        self._prefix = prefix

    def _get(self, key):
        table, path = self._table, self._prefix + key
        values = table.values.get(path)
        return (table.load(path) if values is None else values)[self._row]

    def __getitem__(self, key):
        value = self._get(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key, default=None):
        """The value of a key, or `default`."""
        value = self._get(key)
        return default if value is None else value

    def __contains__(self, key):
        return self._get(key) is not None

    def __setitem__(self, key, value):
        table, path = self._table, self._prefix + key
        values, plain, _ = table.writers.get(path, _NO_WRITER)
        # what most records set, without a further call
        if type(value) is plain and not table.copies:
            values[self._row] = value
        elif plain is str and type(value) in _NUMBERS and not table.copies:
            values[self._row] = repr(value)
        else:
            table.set(path, self._row, value)

    def __delitem__(self, key):
        if key not in self:
            raise KeyError(key)
        self[key] = None

    def _entries(self):
        return self._table.entries(self._prefix[:-1], self._row)

    def __iter__(self):
        return iter(self._entries())

    def items(self):
        """Keys and values, as they are now."""
        return self._entries().items()

    def __len__(self):
        return len(self._entries())

    def __repr__(self):
        return repr(self._entries())


class NewAttributes(Attributes):
    """The attributes of a record that is added."""

    __slots__ = ("_record",)

    def __init__(self, record, prefix):
        self._record = record
        self._prefix = prefix

    def _get(self, key):
        return self._record._get(self._prefix + key)

    def __setitem__(self, key, value):
        self._record._set(self._prefix + key, value)

    def _entries(self):
        return self._record._entries(self._prefix[:-1])


class Record:
    """One row. Each column of the table is an attribute of the same name, None where it has no value.

    `time` is in nanoseconds since the Unix epoch; `record["path"]` is any column by its path.
    """

    __slots__ = ("_table", "_row", *(f"_{name}" for name in MAPS))

    _signal = None
    _is_new = False

    def __init__(self, table, row):
        self._table = table
        self._row = row

    def _get(self, path):
        table = self._table
        values = table.values.get(path)
        return (table.load(path) if values is None else values)[self._row]

    def _set(self, path, value):
        self._table.set(path, self._row, value)

    def _entries(self, name):
        return self._table.entries(name, self._row)

    def _map(self, prefix):
        return Attributes(self._table, self._row, prefix)

    def __getitem__(self, path):
        return self._get(path)

    def __setitem__(self, path, value):
        self._set(path, value)

    def copy(self):
        """A new record that starts as this one is now; it is added when `process` returns it."""
        copy = NewRecord(self._table, self._row)
        self._table.copies.setdefault(self._row, []).append(copy)
        return copy

    def emit(self, signal, values):
        """Adds a record of another signal: `record.emit("metrics", {"metric": "logins", "value": 1.0})`."""
        self._table.emitted.append(NewRecord(self._table, None, signal, values))

    def route(self, name):
        """The record goes on by this route of the plugin instead of the next step."""
        self._table.route(self._row, name)


def _column_property(path):
    def get(self):
        values = self._table.values.get(path)
        return self._get(path) if values is None or self._is_new else values[self._row]

    def set_(self, value):
        self._set(path, value)

    return property(get, set_, doc=f"The column `{path}`.")


def _map_property(name):
    prefix, slot = name + ".", "_" + name

    def get(self):
        mapping = getattr(self, slot, None)
        if mapping is None:
            mapping = self._map(prefix)
            setattr(self, slot, mapping)
        return mapping

    def set_(self, entries):
        mapping = self._map(prefix)
        for key in list(mapping):
            if key not in entries:
                del mapping[key]
        mapping.update(entries)

    return property(get, set_, doc=f"The map `{name}`.")


for _name in TABLE_TYPES:
    setattr(Record, _name, (_map_property if _name in MAPS else _column_property)(_name))


class NewRecord(Record):
    """A record that is added: it starts as a copy of a row, or empty."""

    __slots__ = ("_own", "_signal")

    _is_new = True

    def __init__(self, table, row, signal=None, values=()):
        self._table = table
        self._row = row
        self._signal = signal
        self._own = dict(values)

    def _get(self, path):
        if path in self._own or self._row is None:
            return self._own.get(path)
        return super()._get(path)

    def _set(self, path, value):
        self._own[path] = value

    def _map(self, prefix):
        return NewAttributes(self, prefix)

    def _entries(self, name):
        entries = {} if self._row is None else super()._entries(name)
        start = len(name) + 1
        for path, value in self._own.items():
            if map_of(path) == name:
                entries[path[start:]] = value
        return {key: value for key, value in entries.items() if value is not None}

    def copy(self):
        """A second record like this one."""
        copy = NewRecord(self._table, self._row, self._signal, self._own)
        if self._row is not None:
            self._table.copies.setdefault(self._row, []).append(copy)
        return copy

    def route(self, name):
        """Records that are added do not pass this operator again, nor take its routes."""
        raise ValueError("a record that is added cannot take a route")


def run(function, table, position):
    """Calls `process(record)` for each row. `position` is told the row, so that a failure can name it."""
    for row in range(table.rows):
        position.row = row
        record = Record(table, row)
        result = function(record)
        if result is None or result is record or result is True:
            continue
        if result is False:
            table.drop(row)
            continue
        added = [result] if isinstance(result, Record) else list(result)
        if not any(item is record for item in added):
            table.drop(row)
        for item in added:
            if isinstance(item, NewRecord):
                table.emitted.append(item)
            elif item is not record:
                raise TypeError("process returns None, DROP, its record, or a list of it and its copies")
    position.row = None


def column_uses(reads, writes, changes):
    """The list of columns for `describe` from three dicts of path to type, for read, write and both."""
    uses = []
    for paths, access in ((reads, wit.Access.READ), (writes, wit.Access.WRITE), (changes, wit.Access.READ_WRITE)):
        for path, kind in paths.items():
            if kind not in TYPES:
                raise ColumnError(f"column {path}: {kind!r} is no type of a column")
            uses.append(wit.ColumnUse(path, TYPES[kind], access))
    return uses
