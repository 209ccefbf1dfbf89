/**
 * The batch as records: `process(record)`.
 *
 * A `Table` decodes a column when the first record touches it, and gives back only what changed.
 */

import { MAPS, TABLE_TYPES, camelCase, convert, decode, encode, mapOf, packBits } from './columns.js';

/** What `process` returns to drop a record. */
export const DROP = false;

/** Types of JavaScript whose values need no conversion. */
const PLAIN = { text: 'string', floats: 'number', bools: 'boolean' };

/** The columns of one call. `values` holds those that were touched, as arrays. */
export class Table {
  constructor(declared, batch, frame) {
    this.declared = declared;
    this.batch = batch;
    this.rows = frame.rows;
    this.values = new Map();
    this.copies = new Map();
    this.emitted = [];
    this.frame = new Map(frame.columns.map((column) => [column.id, column]));
    this.targets = new Map();
    this.writers = new Map();
    this.dropped = new Set();
    this.routes = new Map();
  }

  /** The items of a column, decoded when first asked for. */
  load(path) {
    let values = this.values.get(path);
    if (values === undefined) {
      values = this.#decode(path);
      this.values.set(path, values);
    }
    return values;
  }

  #decode(path) {
    const { declared } = this;
    if (declared.has(path) && !declared.reads(path)) return new Array(this.rows).fill(undefined);
    const name = mapOf(path);
    if (name && !declared.has(path) && declared.has(name)) {
      const key = path.slice(name.length + 1);
      return this.load(name).map((map) => (map && Object.hasOwn(map, key) ? map[key] : undefined));
    }
    const id = declared.id(path, this.batch);
    let column = this.frame.get(id);
    if (column === undefined) {
      // a key that is new needs no column to come over
      if (name && !this.#isPresent(id)) return new Array(this.rows).fill(undefined);
      column = this.batch.read(id);
    }
    return decode(column, this.rows, path);
  }

  #isPresent(id) {
    const mask = this.batch.present(id);
    try {
      return mask.count() > 0;
    } finally {
      mask[Symbol.dispose]();
    }
  }

  /** Changes an item of a column. */
  set(path, row, value) {
    const writer = this.writers.get(path) ?? this.#writer(path);
    const { values } = writer;
    const converted = typeof value === writer.plain ? value : convert(writer.type, value, path);
    if (this.copies.size) {
      // copies keep what the row was when they were made
      for (const copy of this.copies.get(row) ?? []) if (!copy.own.has(path)) copy.own.set(path, values[row]);
    }
    values[row] = converted;
  }

  #writer(path) {
    this.targets.set(path, this.declared.target(path));
    const type = this.declared.type(path);
    const writer = { type, values: this.load(path), plain: PLAIN[type] };
    this.writers.set(path, writer);
    return writer;
  }

  /** The map of a row as it is now, as a new object. */
  entries(name, row) {
    const { declared } = this;
    const entries = declared.has(name) || declared.any ? { ...this.load(name)[row] } : {};
    for (const key of declared.keys(name)) this.load(`${name}.${key}`);
    for (const [path, values] of this.values) {
      if (mapOf(path) !== name) continue;
      const key = path.slice(name.length + 1);
      if (values[row] === undefined) delete entries[key];
      else entries[key] = values[row];
    }
    return entries;
  }

  /** The row goes on by a route of the plugin. */
  route(row, name) {
    const number = this.declared.routes.get(name);
    if (number === undefined) throw new Error(`the plugin does not declare the route ${name}`);
    this.routes.set(row, number);
  }

  /** What became of the batch. */
  delta() {
    const rows = Array.from({ length: this.rows }, (_, row) => row);
    const set = [];
    for (const target of new Set(this.targets.values())) {
      const items = MAPS.includes(target) ? rows.map((row) => this.entries(target, row)) : this.values.get(target);
      set.push(this.#encode(target, items));
    }
    return {
      keep: this.dropped.size ? packBits(rows.map((row) => !this.dropped.has(row))) : undefined,
      set,
      emit: this.#emissions(),
      route: this.routes.size ? Uint16Array.from(rows, (row) => this.routes.get(row) ?? 0) : undefined,
    };
  }

  #encode(path, items) {
    return encode(this.declared.id(path, this.batch), this.declared.type(path), items);
  }

  #emissions() {
    const groups = new Map();
    for (const record of this.emitted) {
      const key = `${record.signal} ${record.row === undefined}`;
      groups.set(key, [...(groups.get(key) ?? []), record]);
    }
    return [...groups.values()].map((records) => this.#emission(records[0].signal, records));
  }

  /** A column of an emission counts for each new row: rows that did not set it repeat their source's. */
  #emission(signal, records) {
    const own = new Set(records.flatMap((record) => [...record.own.keys()]));
    const prefix = signal === undefined ? '' : `${signal}:`;
    const copied = records[0].row !== undefined;
    const targets = new Set(signal === undefined ? [...own].map((path) => this.declared.target(path)) : own);
    if (copied) for (const target of this.targets.values()) targets.add(target);
    const columns = [...targets].map((target) => {
      const path = prefix + target;
      const read = (record) => (prefix ? record.own.get(target) : MAPS.includes(target) ? record.entries(target) : record.get(target));
      return this.#encode(path, records.map((record) => convert(this.declared.type(path), read(record), path)));
    });
    return {
      signal: signal ?? this.#signal(),
      source: copied ? Uint32Array.from(records, (record) => record.row) : undefined,
      rows: { rows: records.length, columns },
    };
  }

  /** The signal of the batch. */
  #signal() {
    return this.batch.signal();
  }
}

/** Reading, setting and deleting a record's attributes as those of an object. */
const attributesHandler = {
  get: ({ record, prefix }, key) => (typeof key === 'string' ? record.get(prefix + key) : undefined),
  set: ({ record, prefix }, key, value) => (record.set(prefix + key, value), true),
  has: ({ record, prefix }, key) => typeof key === 'string' && record.get(prefix + key) !== undefined,
  deleteProperty: ({ record, prefix }, key) => (record.set(prefix + key, undefined), true),
  ownKeys: ({ record, prefix }) => Object.keys(record.entries(prefix.slice(0, -1))),
  getOwnPropertyDescriptor({ record, prefix }, key) {
    const value = typeof key === 'string' ? record.get(prefix + key) : undefined;
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
  },
};

/** The same for a row of the batch, whose columns are at hand; what most records set takes no further call. */
const rowHandler = {
  ...attributesHandler,
  get({ table, row, prefix }, key) {
    if (typeof key !== 'string') return undefined;
    const path = prefix + key;
    return (table.values.get(path) ?? table.load(path))[row];
  },
  set({ table, row, prefix }, key, value) {
    const path = prefix + key;
    const writer = table.writers.get(path);
    if (writer !== undefined && typeof value === writer.plain && table.copies.size === 0) writer.values[row] = value;
    else table.set(path, row, value);
    return true;
  },
};

/**
 * One row. Each column of the table is a property in camelCase, undefined where it has no value; `time` is in
 * nanoseconds since the Unix epoch, a BigInt. `record.get(path)` and `record.set(path, value)` take any column.
 */
export class Record {
  constructor(table, row) {
    this.table = table;
    this.row = row;
    this.maps = undefined;
  }

  /** A map by the prefix of its columns. */
  map(prefix) {
    return new Proxy({ record: this, table: this.table, row: this.row, prefix }, rowHandler);
  }

  get(path) {
    const { table } = this;
    return (table.values.get(path) ?? table.load(path))[this.row];
  }

  set(path, value) {
    this.table.set(path, this.row, value);
  }

  entries(name) {
    return this.table.entries(name, this.row);
  }

  /** A new record that starts as this one is now; it is added when `process` returns it. */
  copy() {
    return this.table && remember(new NewRecord(this.table, this.row));
  }

  /** Adds a record of another signal: `record.emit('metrics', { metric: 'logins', value: 1 })`. */
  emit(signal, values) {
    this.table.emitted.push(new NewRecord(this.table, undefined, signal, Object.entries(values)));
  }

  /** The record goes on by this route of the plugin instead of the next step. */
  route(name) {
    this.table.route(this.row, name);
  }
}

function remember(copy) {
  const { copies } = copy.table;
  if (copy.row !== undefined) copies.set(copy.row, [...(copies.get(copy.row) ?? []), copy]);
  return copy;
}

for (const name of TABLE_TYPES.keys()) {
  Object.defineProperty(Record.prototype, camelCase(name), MAPS.includes(name)
    ? {
        get() {
          this.maps ??= {};
          return (this.maps[name] ??= this.map(`${name}.`));
        },
        set(entries) {
          for (const key of Object.keys(this.entries(name))) if (!(key in entries)) this.set(`${name}.${key}`, undefined);
          for (const [key, value] of Object.entries(entries)) this.set(`${name}.${key}`, value);
        },
      }
    : {
        get() {
          const { table } = this;
          return (table.values.get(name) ?? table.load(name))[this.row];
        },
        set(value) { this.set(name, value); },
      });
}

/** A record that is added: it starts as a copy of a row, or empty. */
export class NewRecord extends Record {
  constructor(table, row, signal, values) {
    super(table, row);
    this.signal = signal;
    this.own = new Map(values);
  }

  get(path) {
    return this.own.has(path) || this.row === undefined ? this.own.get(path) : super.get(path);
  }

  set(path, value) {
    this.own.set(path, value ?? undefined);
  }

  map(prefix) {
    return new Proxy({ record: this, prefix }, attributesHandler);
  }

  entries(name) {
    const entries = this.row === undefined ? {} : super.entries(name);
    for (const [path, value] of this.own) if (mapOf(path) === name) entries[path.slice(name.length + 1)] = value;
    return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
  }

  copy() {
    return remember(new NewRecord(this.table, this.row, this.signal, this.own));
  }

  route() {
    throw new Error('a record that is added cannot take a route');
  }
}

for (const name of TABLE_TYPES.keys()) {
  if (MAPS.includes(name)) continue;
  const own = { get() { return this.get(name); }, set(value) { this.set(name, value); } };
  Object.defineProperty(NewRecord.prototype, camelCase(name), own);
}

/** Calls `process(record)` for each row. `position` is told the row, so that a failure can name it. */
export function run(process, table, position) {
  for (let row = 0; row < table.rows; row++) {
    position.row = row;
    const record = new Record(table, row);
    const result = process(record);
    if (result === undefined) continue;
    if (result === null || result === true || result === record) continue;
    const added = result === false ? [] : Array.isArray(result) ? result : [result];
    if (!added.includes(record)) table.dropped.add(row);
    for (const item of added) {
      if (item instanceof NewRecord) table.emitted.push(item);
      else if (item !== record) throw new TypeError('process returns nothing, DROP, its record, or an array of it and its copies');
    }
  }
  position.row = undefined;
}
