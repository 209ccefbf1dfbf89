"""The batch as columns: `transform(rows)` and `process_batch(rows)`.

`rows.body`, `rows.attributes["k"]` stand for whole columns: comparing them gives a `Mask`, and everything
is computed by the host's kernels. `rows["body"]` is the same column as a Python list.
"""

from wit_world.imports import kernels

from .columns import MAPS, ColumnError, convert, decode, encode, map_of, pack_bits, unpack_bits

_SCRATCH = "scratch:"
_SCRATCH_ATTRIBUTE = "attributes.lincei.scratch."


def _constant(value):
    if isinstance(value, bool):
        return kernels.Value_Truth(value)
    if isinstance(value, int):
        return kernels.Value_Int(value)
    if isinstance(value, float):
        return kernels.Value_Float(value)
    if isinstance(value, str):
        return kernels.Value_Text(value)
    raise TypeError(f"a column is compared with, or set to, a text, number or boolean, not {type(value).__name__}")


class Mask:
    """A truth value for each row. Combine with `&`, `|` and `~`."""

    __slots__ = ("_handle", "_rows")

    def __init__(self, handle, rows):
        self._handle = handle
        self._rows = rows

    def __and__(self, other):
        return Mask(self._handle.and_(self._rows._mask(other)), self._rows)

    def __or__(self, other):
        return Mask(self._handle.or_(self._rows._mask(other)), self._rows)

    def __invert__(self):
        return Mask(self._handle.not_(), self._rows)

    def __bool__(self):
        raise TypeError("a mask has a truth value for each row: combine masks with &, | and ~")

    def count(self):
        """How many rows are set."""
        return self._handle.count()

    def any(self):
        """Whether a row is set."""
        return self.count() > 0

    def to_list(self):
        """The truth values as a list."""
        return [bit == "1" for bit in unpack_bits(self._handle.bits(), len(self._rows))]


class Column:
    """A column, or one field of the JSON in it. Comparing gives a `Mask`; a missing value compares with nothing."""

    def __init__(self, rows, path, where=None):
        self._rows = rows
        self._path = path
        self._where = where
        self._fields = {}

    __hash__ = object.__hash__

    def _id(self):
        return self._rows._id(self._path)

    def _call(self, kernel, *arguments):
        return Mask(getattr(self._rows._kernels(), kernel)(self._id(), *arguments), self._rows)

    def _compare(self, comparison, value):
        return self._call("compare", comparison, _constant(value))

    def __eq__(self, value):
        return ~self.present() if value is None else self._compare(kernels.Comparison.EQ, value)

    def __ne__(self, value):
        return self.present() if value is None else self._compare(kernels.Comparison.NE, value)

    def __lt__(self, value):
        return self._compare(kernels.Comparison.LT, value)

    def __le__(self, value):
        return self._compare(kernels.Comparison.LE, value)

    def __gt__(self, value):
        return self._compare(kernels.Comparison.GT, value)

    def __ge__(self, value):
        return self._compare(kernels.Comparison.GE, value)

    def __bool__(self):
        raise TypeError("a column has a value for each row: compare it, and combine masks with &, | and ~")

    def isin(self, values):
        """Rows whose text is one of these."""
        return self._call("one_of", [str(value) for value in values])

    def contains(self, text, ignore_case=False):
        """Rows whose text has this in it."""
        return self._call("contains", text, ignore_case)

    def startswith(self, text):
        """Rows whose text starts with this."""
        return self._call("starts_with", text)

    def endswith(self, text):
        """Rows whose text ends with this."""
        return self._call("ends_with", text)

    def matches(self, pattern):
        """Rows whose text matches a regular expression (syntax of Rust's `regex`) anywhere."""
        return self._call("matches", pattern)

    def present(self):
        """Rows that have a value."""
        return self._call("present")

    def json(self, path):
        """A field of the JSON object in this text: a key, or keys with full stops between them."""
        field = self._fields.get(path)
        if field is None:
            field = self._fields[path] = Json(self, path)
        return field

    def _extract(self, kernel, arguments, fields):
        rows = self._rows
        handle, source = rows._kernels(), self._id()
        targets = [(path, column._path) for path, column in fields.items()]
        extractions = [kernels.Extraction(path, rows._id(target)) for path, target in targets]
        mask = Mask(getattr(handle, kernel)(source, *arguments, extractions), rows)
        for _, target in targets:
            rows._wrote(target)
        return mask

    def json_into(self, fields):
        """Parses the JSON once and sets a column from each field: `{"user.id": rows.attributes["user.id"]}`.

        Rows without a field keep what its column had. Gives the rows that are JSON objects.
        """
        return self._extract("json", (), fields)

    def regex_into(self, pattern, groups):
        """Sets columns from the named groups of a pattern. Gives the rows that match."""
        return self._extract("regex", (pattern,), groups)

    def grok_into(self, pattern, fields):
        """Sets columns from a Grok pattern. Gives the rows that match."""
        return self._extract("grok", (pattern,), fields)

    def logfmt_into(self, keys):
        """Sets columns from `key=value` pairs. Gives the rows that have at least one of the keys."""
        return self._extract("logfmt", (), keys)

    def _change(self, kernel, *arguments):
        result = getattr(self._rows._kernels(), kernel)(self._id(), *arguments)
        self._rows._wrote(self._path)
        return result

    def redact(self, pattern, replacement="***"):
        """Replaces every match of a pattern. Gives the rows that had one."""
        return Mask(self._change("redact", pattern, replacement), self._rows)

    def hash(self, key):
        """Replaces values by the first 32 hexadecimal digits of their HMAC-SHA-256."""
        self._change("hash", key, self._where)

    def truncate(self, bytes_max):
        """Cuts texts to at most so many bytes, between characters."""
        self._change("truncate", bytes_max)

    def lowercase(self):
        """ASCII letters to small ones."""
        self._change("lowercase")

    def clear(self):
        """Takes the values away."""
        self._change("clear", self._where)

    def to_list(self):
        """The column as a list."""
        return self._rows._list(self._id())


class Json(Column):
    """A field of the JSON in a column. Assigning it to a column, or comparing it, makes the host parse."""

    def __init__(self, source, field):
        super().__init__(source._rows, None)
        self._source = source
        self._field = field

    def _id(self):
        return self._rows._field(self._source, self._field)

    def _change(self, kernel, *arguments):
        raise TypeError("assign the field to a column first, and change that")

    def json(self, path):
        """A field within this field."""
        return Json(self._source, f"{self._field}.{path}")


class Keys:
    """A map of all rows: `rows.attributes["k"]` is a column, which can be assigned and deleted."""

    def __init__(self, rows, name, where=None):
        self._rows = rows
        self._prefix = name + "."
        self._where = where
        self._columns = {}

    def __getitem__(self, key):
        column = self._columns.get(key)
        if column is None:
            column = self._columns[key] = Column(self._rows, self._prefix + key, self._where)
        return column

    def __setitem__(self, key, value):
        self._rows._assign(self._prefix + key, value, self._where)

    def __delitem__(self, key):
        self[key].clear()


class Where:
    """Some of the rows: what is assigned through it changes these only."""

    def __init__(self, rows, mask):
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_handle", mask)

    def __getattr__(self, name):
        if name in MAPS:
            return Keys(self._rows, name, self._handle)
        return Column(self._rows, name, self._handle)

    def __setattr__(self, name, value):
        self._rows._assign(name, value, self._handle)


class Rows:
    """All rows of a call.

    One object serves every call of an instance: the columns that a script names are made once.
    """

    def __init__(self, declared):
        own = self.__dict__
        own["_declared"] = declared
        own["_targets"] = set()
        own["_extractions"] = {}

    def _begin(self, batch, frame):
        own = self.__dict__
        own["_batch"] = batch
        own["_length"] = frame.rows
        own["_frame"] = {column.id: column for column in frame.columns}
        own["_pending"] = {}
        own["_pending_source"] = None
        own["_fields"] = {}
        own["_scratch"] = []

    def _end(self):
        """The batch is lent: nothing may hold it when the call is over."""
        own = self.__dict__
        own["_batch"] = None
        own["_frame"] = {}

    def __len__(self):
        return self._length

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        column = self.__dict__[name] = Keys(self, name) if name in MAPS else Column(self, name)
        return column

    def __setattr__(self, name, value):
        if name not in MAPS:
            self._assign(name, value, None)
        elif not isinstance(value, Keys):
            raise TypeError(f"set keys of a map, as rows.{name}[\"key\"]")

    def __getitem__(self, path):
        """A column as a list, None in rows without a value."""
        return self._list(self._id(path))

    def __setitem__(self, path, values):
        """Sets a column from a list of as many items as there are rows."""
        self._assign(path, values, None)

    def keep(self, where):
        """Drops all but these rows: a mask, or a list of truth values."""
        handle = self._mask(where)
        self._kernels().keep(handle)

    def drop(self, where):
        """Drops these rows: a mask, or a list of truth values."""
        handle = self._mask(where)
        self._kernels().discard(handle)

    def where(self, mask):
        """These rows, for assigning: `rows.where(mask).attributes["k"] = "v"`."""
        return Where(self, self._mask(mask))

    def sample(self, ratio, by=None):
        """A share of the rows, 0 to 1; rows with the same text in the column `by` are all in or all out."""
        column = None if by is None else by._id()
        return Mask(self._kernels().sample(column, ratio), self)

    def mask(self, flags):
        """A mask of a list of truth values."""
        return Mask(self._mask(flags), self)

    def _mask(self, where):
        if isinstance(where, Mask):
            return where._handle
        if isinstance(where, (list, tuple)):
            if len(where) != self._length:
                raise ValueError(f"{len(where)} truth values for {self._length} rows")
            return self._batch.mask_of(pack_bits(where))
        raise TypeError(f"rows are chosen by a mask or a list, not by {type(where).__name__}")

    def _id(self, path):
        return self._declared.id(path, self._batch)

    def _kernels(self):
        """The batch, after what was put off: every use of a kernel comes through here."""
        if self._pending:
            pending, source = self._pending, self._pending_source
            self.__dict__["_pending"] = {}
            self._batch.json(self._id(source), [self._extraction(*field) for field in pending.items()])
            for path in pending:
                self._wrote(path)
        return self._batch

    def _extraction(self, path, field):
        known = self._extractions.get((path, field))
        if known is None:
            known = self._extractions[path, field] = kernels.Extraction(field, self._id(path))
        return known

    def _list(self, number):
        batch = self._kernels()
        column = self._frame.get(number)
        return decode(batch.read(number) if column is None else column, self._length)

    def _wrote(self, path):
        """What is known of a column no longer holds, nor of its map or its keys."""
        if not self._frame and not self._fields:
            return
        name = map_of(path)
        for number in [self._declared.known(path), self._declared.known(name)]:
            self._frame.pop(number, None)
        if path in MAPS:
            self._frame.clear()
        for source, field in list(self._fields):
            if source in (path, name) or map_of(source) == path:
                del self._fields[source, field]

    def _assign(self, path, value, where):
        if path not in self._targets:
            if self._declared.target(path) != path:
                raise ColumnError(f"to set the column {path} of all rows, declare it and not its map")
            self._targets.add(path)
        if isinstance(value, Json) and where is None and value._source._path != path:
            self._put_off(value, path)
            return
        batch, number = self._kernels(), self._id(path)
        if isinstance(value, Json):
            source = value._id()
            there = batch.present(source)
            batch.copy(source, number, there if where is None else there.and_(where))
        elif isinstance(value, Column):
            batch.copy(value._id(), number, where)
        elif value is None:
            batch.clear(number, where)
        elif isinstance(value, (list, tuple)):
            self._write(number, path, value, where)
        else:
            batch.put(number, _constant(value), where)
        self._wrote(path)

    def _write(self, number, path, values, where):
        if where is not None:
            raise TypeError("a list sets a column in all rows")
        if len(values) != self._length:
            raise ValueError(f"{len(values)} values for {self._length} rows")
        column_type = self._declared.type(path)
        self._batch.write(encode(number, column_type, convert(column_type, values, path)))

    def _put_off(self, value, path):
        """Fields of one source that are assigned in a row are parsed once, before the next kernel."""
        source = value._source._path
        if self._pending and (source != self._pending_source or path in self._pending):
            self._kernels()
        self.__dict__["_pending_source"] = source
        self._pending[path] = value._field

    def _field(self, source, field):
        """The id of a column that holds a field: it is made once as long as the source stays as it is."""
        key = source._path, field
        if key not in self._fields:
            batch, number = self._kernels(), self._scratch_column()
            batch.json(source._id(), [kernels.Extraction(field, number)])
            self._fields[key] = number
        return self._fields[key]

    def _scratch_column(self):
        place = len(self._scratch)
        for path in (f"{_SCRATCH}{place}", f"{_SCRATCH_ATTRIBUTE}{place}"):
            try:
                number = self._id(path)
            except Exception:
                continue
            self._scratch.append((path, number))
            self._batch.clear(number, None)
            return number
        raise ColumnError("a field that is compared needs a column: assign it to one, or declare `*`")

    def _finish(self):
        """Does what was put off, and leaves no trace of scratch columns."""
        batch = self._kernels()
        for path, number in self._scratch:
            if path.startswith(_SCRATCH_ATTRIBUTE):
                batch.clear(number, None)
