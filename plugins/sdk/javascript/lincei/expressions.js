/**
 * The batch as columns: `transform(rows)` and `processBatch(rows)`.
 *
 * `rows.body`, `rows.attributes.k` stand for whole columns: comparing them gives a `Mask`, and everything is
 * computed by the host's kernels. `rows.list('body')` is the same column as an array.
 */

import { ColumnError, MAPS, TABLE_TYPES, camelCase, convert, decode, encode, mapOf, packBits, unpackBits } from './columns.js';

const SCRATCH = 'scratch:';
const SCRATCH_ATTRIBUTE = 'attributes.lincei.scratch.';

function constant(value) {
  switch (typeof value) {
    case 'string':
      return { tag: 'text', val: value };
    case 'boolean':
      return { tag: 'truth', val: value };
    case 'bigint':
      return { tag: 'int', val: value };
    case 'number':
      return Number.isSafeInteger(value) ? { tag: 'int', val: BigInt(value) } : { tag: 'float', val: value };
    default:
      throw new TypeError(`a column is compared with, or set to, a text, number or boolean, not ${typeof value}`);
  }
}

/** A truth value for each row. */
export class Mask {
  constructor(handle, rows) {
    this.handle = rows.own(handle);
    this.rows = rows;
  }

  and(other) {
    return new Mask(this.handle.and(this.rows.handleOf(other)), this.rows);
  }

  or(other) {
    return new Mask(this.handle.or(this.rows.handleOf(other)), this.rows);
  }

  not() {
    return new Mask(this.handle.not(), this.rows);
  }

  /** How many rows are set. */
  count() {
    return this.handle.count();
  }

  /** Whether a row is set. */
  any() {
    return this.count() > 0;
  }

  toList() {
    return unpackBits(this.handle.bits(), this.rows.length);
  }
}

/** A column. Comparing gives a `Mask`; a missing value compares with nothing. */
export class Column {
  constructor(rows, path, where) {
    this.rows = rows;
    this.path = path;
    this.where = where;
  }

  id() {
    return this.rows.id(this.path);
  }

  call(kernel, ...values) {
    const batch = this.rows.kernels();
    return new Mask(batch[kernel](this.id(), ...values), this.rows);
  }

  eq(value) { return this.call('compare', 'eq', constant(value)); }
  ne(value) { return this.call('compare', 'ne', constant(value)); }
  lt(value) { return this.call('compare', 'lt', constant(value)); }
  le(value) { return this.call('compare', 'le', constant(value)); }
  gt(value) { return this.call('compare', 'gt', constant(value)); }
  ge(value) { return this.call('compare', 'ge', constant(value)); }

  /** Rows whose text is one of these. */
  isIn(values) { return this.call('oneOf', Array.from(values, String)); }

  contains(text, ignoreCase = false) { return this.call('contains', text, ignoreCase); }
  startsWith(text) { return this.call('startsWith', text); }
  endsWith(text) { return this.call('endsWith', text); }

  /** Rows whose text matches a regular expression (syntax of Rust's `regex`) anywhere. */
  matches(pattern) { return this.call('matches', pattern); }

  /** Rows that have a value. */
  present() { return this.call('present'); }

  /** A field of the JSON object in this text: a key, or keys with full stops between them. */
  json(path) {
    return new Json(this, path);
  }

  extract(kernel, values, fields) {
    const batch = this.rows.kernels();
    const source = this.id();
    const targets = Object.entries(fields);
    const extractions = targets.map(([path, column]) => ({ path, into: this.rows.id(column.path) }));
    const mask = new Mask(batch[kernel](source, ...values, extractions), this.rows);
    for (const [, column] of targets) this.rows.wrote(column.path);
    return mask;
  }

  /**
   * Parses the JSON once and sets a column from each field: `{ 'user.id': rows.attributes['user.id'] }`. Rows
   * without a field keep what its column had. Gives the rows that are JSON objects.
   */
  jsonInto(fields) { return this.extract('json', [], fields); }

  /** Sets columns from the named groups of a pattern. Gives the rows that match. */
  regexInto(pattern, groups) { return this.extract('regex', [pattern], groups); }

  /** Sets columns from a Grok pattern. Gives the rows that match. */
  grokInto(pattern, fields) { return this.extract('grok', [pattern], fields); }

  /** Sets columns from `key=value` pairs. Gives the rows that have at least one of the keys. */
  logfmtInto(keys) { return this.extract('logfmt', [], keys); }

  change(kernel, ...values) {
    const batch = this.rows.kernels();
    const result = batch[kernel](this.id(), ...values);
    this.rows.wrote(this.path);
    return result;
  }

  /** Replaces every match of a pattern. Gives the rows that had one. */
  redact(pattern, replacement = '***') {
    return new Mask(this.change('redact', pattern, replacement), this.rows);
  }

  /** Replaces values by the first 32 hexadecimal digits of their HMAC-SHA-256. */
  hash(key) { this.change('hash', key, this.where); }

  /** Cuts texts to at most so many bytes, between characters. */
  truncate(bytesMax) { this.change('truncate', bytesMax); }

  /** ASCII letters to small ones. */
  lowercase() { this.change('lowercase'); }

  /** Takes the values away. */
  clear() { this.change('clear', this.where); }

  /** The column as an array. */
  toList() {
    return this.rows.listOf(this.id(), this.path);
  }
}

/** A field of the JSON in a column. Assigning it to a column, or comparing it, makes the host parse. */
class Json extends Column {
  constructor(source, field) {
    super(source.rows, undefined);
    this.source = source;
    this.field = field;
  }

  id() {
    return this.rows.field(this.source, this.field);
  }

  change() {
    throw new TypeError('assign the field to a column first, and change that');
  }

  json(path) {
    return new Json(this.source, `${this.field}.${path}`);
  }
}

/** A map of all rows: its keys are columns, which can be assigned and deleted. */
const keysHandler = {
  get: ({ rows, name, where }, key) => (typeof key === 'string' ? new Column(rows, `${name}.${key}`, where) : undefined),
  set: ({ rows, name, where }, key, value) => (rows.assign(`${name}.${key}`, value, where), true),
  deleteProperty: ({ rows, name, where }, key) => (new Column(rows, `${name}.${key}`, where).clear(), true),
};

/** Gives an object a property for each column: reading gives a `Column`, setting assigns. */
function columnProperties(prototype, rowsOf, whereOf) {
  for (const name of TABLE_TYPES.keys()) {
    Object.defineProperty(prototype, camelCase(name), {
      get() {
        const [rows, where] = [rowsOf(this), whereOf(this)];
        return MAPS.includes(name) ? new Proxy({ rows, name, where }, keysHandler) : new Column(rows, name, where);
      },
      set(value) {
        if (MAPS.includes(name)) throw new TypeError(`set keys of a map, as rows.${name}.key`);
        rowsOf(this).assign(name, value, whereOf(this));
      },
    });
  }
}

/** Some of the rows: what is assigned through it changes these only. */
class Where {
  constructor(rows, handle) {
    Object.assign(this, { rows, handle });
  }

  column(path) {
    return new Column(this.rows, path, this.handle);
  }

  set(path, value) {
    this.rows.assign(path, value, this.handle);
  }
}
columnProperties(Where.prototype, (where) => where.rows, (where) => where.handle);

/** All rows of a call. */
export class Rows {
  constructor(declared, batch, frame) {
    this.declared = declared;
    this.batch = batch;
    this.length = frame.rows;
    this.frame = new Map(frame.columns.map((column) => [column.id, column]));
    this.pending = new Map();
    this.pendingSource = undefined;
    this.fields = new Map();
    this.scratch = [];
    this.handles = [];
  }

  /** Any column by its path. */
  column(path) {
    return new Column(this, path);
  }

  /** A column as an array, undefined in rows without a value. */
  list(path) {
    return this.listOf(this.id(path), path);
  }

  /** Sets a column: from an array, another column, a field, a constant, or `undefined` to clear it. */
  set(path, value) {
    this.assign(path, value, undefined);
  }

  /** Drops all but these rows: a mask, or an array of truth values. */
  keep(where) {
    const handle = this.handleOf(where);
    this.kernels().keep(handle);
  }

  /** Drops these rows: a mask, or an array of truth values. */
  drop(where) {
    const handle = this.handleOf(where);
    this.kernels().discard(handle);
  }

  /** These rows, for assigning: `rows.where(mask).attributes.k = 'v'`. */
  where(mask) {
    return new Where(this, this.handleOf(mask));
  }

  /** A share of the rows, 0 to 1; rows with the same text in the column `by` are all in or all out. */
  sample(ratio, by) {
    const column = by?.id();
    return new Mask(this.kernels().sample(column, ratio), this);
  }

  /** A mask of an array of truth values. */
  mask(flags) {
    return new Mask(this.batch.maskOf(packBits(flags)), this);
  }

  handleOf(where) {
    if (where instanceof Mask) return where.handle;
    if (!Array.isArray(where)) throw new TypeError('rows are chosen by a mask or an array of truth values');
    if (where.length !== this.length) throw new RangeError(`${where.length} truth values for ${this.length} rows`);
    return this.own(this.batch.maskOf(packBits(where)));
  }

  /** Remembers a mask of the host, to give it back when the call is over. */
  own(handle) {
    this.handles.push(handle);
    return handle;
  }

  id(path) {
    return this.declared.id(path, this.batch);
  }

  /** The batch, after what was put off: every use of a kernel comes through here. */
  kernels() {
    if (this.pending.size) {
      const fields = [...this.pending].map(([path, field]) => ({ path: field, into: this.id(path) }));
      const paths = [...this.pending.keys()];
      this.pending.clear();
      this.own(this.batch.json(this.id(this.pendingSource), fields));
      for (const path of paths) this.wrote(path);
    }
    return this.batch;
  }

  listOf(id, path) {
    const batch = this.kernels();
    return decode(this.frame.get(id) ?? batch.read(id), this.length, path);
  }

  /** What is known of a column no longer holds, nor of its map or its keys. */
  wrote(path) {
    const name = mapOf(path);
    this.frame.delete(this.declared.known(path));
    if (name) this.frame.delete(this.declared.known(name));
    if (MAPS.includes(path)) this.frame.clear();
    for (const [key, { source }] of this.fields) {
      if (source === path || source === name || mapOf(source) === path) this.fields.delete(key);
    }
  }

  assign(path, value, where) {
    if (this.declared.target(path) !== path) {
      throw new ColumnError(`to set the column ${path} of all rows, declare it and not its map`);
    }
    if (value instanceof Json && where === undefined && value.source.path !== path) {
      this.#putOff(value, path);
      return;
    }
    const batch = this.kernels();
    const id = this.id(path);
    if (value instanceof Json) {
      const source = value.id();
      const there = this.own(batch.present(source));
      batch.copy(source, id, where === undefined ? there : this.own(there.and(where)));
    } else if (value instanceof Column) {
      batch.copy(value.id(), id, where);
    } else if (value === undefined || value === null) {
      batch.clear(id, where);
    } else if (Array.isArray(value)) {
      this.#write(id, path, value, where);
    } else {
      batch.put(id, constant(value), where);
    }
    this.wrote(path);
  }

  #write(id, path, values, where) {
    if (where !== undefined) throw new TypeError('an array sets a column in all rows');
    if (values.length !== this.length) throw new RangeError(`${values.length} values for ${this.length} rows`);
    const type = this.declared.type(path);
    this.batch.write(encode(id, type, values.map((value) => convert(type, value, path))));
  }

  /** Fields of one source that are assigned in a row are parsed once, before the next kernel. */
  #putOff(value, path) {
    const source = value.source.path;
    if (this.pending.size && (source !== this.pendingSource || this.pending.has(path))) this.kernels();
    this.pendingSource = source;
    this.pending.set(path, value.field);
  }

  /** The id of a column that holds a field: it is made once as long as the source stays as it is. */
  field(source, field) {
    const key = JSON.stringify([source.path, field]);
    if (!this.fields.has(key)) {
      const batch = this.kernels();
      const id = this.#scratchColumn();
      this.own(batch.json(source.id(), [{ path: field, into: id }]));
      this.fields.set(key, { source: source.path, id });
    }
    return this.fields.get(key).id;
  }

  #scratchColumn() {
    for (const prefix of [SCRATCH, SCRATCH_ATTRIBUTE]) {
      const path = prefix + this.scratch.length;
      try {
        const id = this.id(path);
        this.scratch.push({ path, id });
        this.batch.clear(id, undefined);
        return id;
      } catch {
        continue;
      }
    }
    throw new ColumnError('a field that is compared needs a column: assign it to one, or declare `*`');
  }

  /** Does what was put off, and leaves no trace of scratch columns. */
  finish() {
    const batch = this.kernels();
    for (const { path, id } of this.scratch) if (path.startsWith(SCRATCH_ATTRIBUTE)) batch.clear(id, undefined);
  }

  /** Gives the host's masks back. */
  release() {
    for (const handle of this.handles.splice(0)) handle[Symbol.dispose]?.();
  }
}
columnProperties(Rows.prototype, (rows) => rows, () => undefined);
