/**
 * Columns as they cross the border, and the arrays that authors see.
 *
 * An array has one item for each row, `undefined` where a row has no value: strings for text, numbers for ints
 * (a BigInt where a number would lose digits; always for points in time, which are nanoseconds), numbers for
 * floats, booleans for bools, plain objects of strings for attributes.
 */

export const SIGNALS = ['logs', 'spans', 'metrics'];

/** The maps of a table; `attributes.k` is the key `k` of one. */
export const MAPS = ['attributes', 'resource'];

const TEXTS =
  'severity service body event_name trace_id span_id scope parent_span_id name kind status status_message ' +
  'parent_service parent_kind peer_name peer_type metric unit description temporality';
const TIMES = 'time observed_time start_time';
const INTS = 'severity_number duration_ns value_int series_id flags count scale zero_count positive_offset negative_offset';
const FLOATS = 'value sum min max zero_threshold';

/** The flat columns of the tables and their types. A name means the same type in every table. */
export const TABLE_TYPES = new Map([
  ...TEXTS.split(' ').map((name) => [name, 'text']),
  ...`${TIMES} ${INTS}`.split(' ').map((name) => [name, 'ints']),
  ...FLOATS.split(' ').map((name) => [name, 'floats']),
  ...MAPS.map((name) => [name, 'attributes']),
  ['monotonic', 'bools'],
]);

const TIME_NAMES = new Set(TIMES.split(' '));
const TYPES = new Set(['text', 'ints', 'floats', 'bools', 'attributes']);
const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A column that the plugin did not declare, or a value that its type does not take. */
export class ColumnError extends Error {
  name = 'ColumnError';
}

/** `severityNumber` for `severity_number`. */
export const camelCase = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

function bare(path) {
  const colon = path.indexOf(':');
  return colon > 0 && SIGNALS.includes(path.slice(0, colon)) ? path.slice(colon + 1) : path;
}

/** What a column of a table, or a key of a map, is read as unless the plugin says otherwise. */
export const typeOf = (path) => TABLE_TYPES.get(bare(path)) ?? 'text';

/** The map that a path is a key of, as `attributes` for `attributes.http.route`; or undefined. */
export function mapOf(path) {
  return MAPS.find((name) => path.length > name.length + 1 && path.startsWith(name) && path[name.length] === '.');
}

/** A bitmap as an array of booleans. */
export function unpackBits(bitmap, rows) {
  const flags = new Array(rows);
  for (let row = 0; row < rows; row++) flags[row] = (bitmap[row >> 3] & (1 << (row & 7))) !== 0;
  return flags;
}

/** Truth values as a bitmap. */
export function packBits(flags) {
  const bitmap = new Uint8Array((flags.length + 7) >> 3);
  for (let row = 0; row < flags.length; row++) if (flags[row]) bitmap[row >> 3] |= 1 << (row & 7);
  return bitmap;
}

function unpackText({ offsets, bytes }) {
  const items = new Array(offsets.length - 1);
  const whole = decoder.decode(bytes);
  const ascii = whole.length === bytes.length;
  for (let row = 0; row < items.length; row++) {
    const start = offsets[row];
    const end = offsets[row + 1];
    items[row] = ascii ? whole.slice(start, end) : decoder.decode(bytes.subarray(start, end));
  }
  return items;
}

function packText(items) {
  const whole = items.join('');
  const bytes = encoder.encode(whole);
  const ascii = bytes.length === whole.length;
  if (ascii) {
    const offsets = new Uint32Array(items.length + 1);
    for (let row = 0; row < items.length; row++) offsets[row + 1] = offsets[row] + items[row].length;
    return { offsets, bytes };
  }
  return packParts(items.map((item) => encoder.encode(item)));
}

function packParts(parts) {
  const offsets = new Uint32Array(parts.length + 1);
  for (let row = 0; row < parts.length; row++) offsets[row + 1] = offsets[row] + parts[row].length;
  const bytes = new Uint8Array(offsets[parts.length]);
  for (let row = 0; row < parts.length; row++) bytes.set(parts[row], offsets[row]);
  return { offsets, bytes };
}

function unpackAttributes({ offsets, keys, values }) {
  const names = unpackText(keys);
  const texts = unpackText(values);
  const maps = new Array(offsets.length - 1);
  for (let row = 0; row < maps.length; row++) {
    const map = {};
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) {
      if (!Object.hasOwn(map, names[entry])) map[names[entry]] = texts[entry];
    }
    maps[row] = map;
  }
  return maps;
}

function packAttributes(maps) {
  const names = [];
  const texts = [];
  const offsets = new Uint32Array(maps.length + 1);
  maps.forEach((map, row) => {
    for (const [name, value] of Object.entries(map ?? {})) {
      if (value !== undefined && value !== null) {
        names.push(name);
        texts.push(asText(value));
      }
    }
    offsets[row + 1] = names.length;
  });
  return { offsets, keys: packText(names), values: packText(texts) };
}

function unpackInts(list, time) {
  const items = new Array(list.length);
  if (time) {
    for (let row = 0; row < items.length; row++) items[row] = list[row];
    return items;
  }
  // two halves of 32 bits are much cheaper to read than a BigInt
  const halves = new Int32Array(list.buffer, list.byteOffset, list.length * 2);
  for (let row = 0; row < items.length; row++) {
    const high = halves[2 * row + 1];
    const number = high * 4294967296 + (halves[2 * row] >>> 0);
    items[row] = Number.isSafeInteger(number) ? number : list[row];
  }
  return items;
}

/** A column as an array of `rows` items; `path` tells whether it holds points in time. */
export function decode(column, rows, path) {
  const { tag, val } = column.values;
  let items;
  if (tag === 'text') items = unpackText(val);
  else if (tag === 'ints') items = unpackInts(val, TIME_NAMES.has(path));
  else if (tag === 'floats') items = Array.from(val);
  else if (tag === 'bools') items = unpackBits(val, rows);
  else items = unpackAttributes(val);
  if (column.valid) {
    const valid = column.valid;
    for (let row = 0; row < rows; row++) if (!(valid[row >> 3] & (1 << (row & 7)))) items[row] = undefined;
  }
  return items;
}

/** A value as the tables keep it: numbers and booleans in their shortest form, the rest as JSON. */
export function asText(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item));
    default:
      throw new ColumnError(`a text cannot be set to a ${typeof value}`);
  }
}

function asInt(value) {
  if (typeof value === 'bigint' ? value >= INT_MIN && value <= INT_MAX : Number.isSafeInteger(value)) return value;
  throw new ColumnError(`${JSON.stringify(String(value))} is no integer, or does not fit into 64 bits`);
}

function asFloat(value) {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw new ColumnError(`${JSON.stringify(String(value))} is no number`);
}

function asBool(value) {
  if (typeof value === 'boolean') return value;
  throw new ColumnError(`${JSON.stringify(String(value))} is neither true nor false`);
}

function asMap(value) {
  if (typeof value === 'object') return value;
  throw new ColumnError(`${JSON.stringify(String(value))} is no object`);
}

const CONVERT = { text: asText, ints: asInt, floats: asFloat, bools: asBool, attributes: asMap };
const MISSING = { text: '', ints: 0, floats: 0, bools: false, attributes: undefined };

/** A value as a type takes it. Throws `ColumnError`, which names the path. */
export function convert(type, value, path) {
  if (value === undefined || value === null) return undefined;
  try {
    return CONVERT[type](value);
  } catch (error) {
    if (error instanceof ColumnError) error.message = `column ${path}: ${error.message}`;
    throw error;
  }
}

/** An array, whose items are undefined or as the type takes them, as a column. */
export function encode(id, type, items) {
  let valid;
  let values = items;
  if (items.includes(undefined)) {
    valid = packBits(items.map((item) => item !== undefined));
    values = items.map((item) => (item === undefined ? MISSING[type] : item));
  }
  let val;
  if (type === 'text') val = packText(values);
  else if (type === 'ints') val = BigInt64Array.from(values, BigInt);
  else if (type === 'floats') val = Float64Array.from(values);
  else if (type === 'bools') val = packBits(values);
  else val = packAttributes(values);
  return { id, valid, values: { tag: type, val } };
}

/** The list of columns for `describe` from three objects of path to type, for read, write and both. */
export function columnUses(reads, writes, changes) {
  const uses = [];
  for (const [paths, access] of [[reads, 'read'], [writes, 'write'], [changes, 'read-write']]) {
    for (const [path, type] of Object.entries(paths ?? {})) {
      if (!TYPES.has(type)) throw new ColumnError(`column ${path}: ${type} is no type of a column`);
      uses.push({ path, type, access });
    }
  }
  return uses;
}

/** What `describe` gives: columns by path, and routes by name. */
export class Declared {
  constructor(uses, signals, routes) {
    const any = uses.find((use) => use.path === '*');
    this.any = any !== undefined;
    this.anyWrite = this.any && any.access !== 'read';
    this.signals = signals;
    this.routes = new Map(routes.map((name, index) => [name, index + 1]));
    this.uses = new Map(uses.map((use, id) => [use.path, { id, ...use }]));
    this.uses.delete('*');
    this.asked = new Map();
  }

  type(path) {
    return this.uses.get(path)?.type ?? typeOf(path);
  }

  has(path) {
    return this.uses.has(path);
  }

  /** The keys of a map that are in the list. */
  keys(name) {
    return [...this.uses.keys()].filter((path) => mapOf(path) === name).map((path) => path.slice(name.length + 1));
  }

  /** Whether the plugin may see the column. */
  reads(path) {
    const use = this.uses.get(path);
    return use ? use.access !== 'write' : this.any;
  }

  /** The column that is set to set `path`: itself, or its map where only that is in the list. */
  target(path) {
    const name = mapOf(path);
    const target = name && this.uses.has(name) && !this.uses.has(path) ? name : path;
    const use = this.uses.get(target);
    if (use ? use.access === 'read' : !this.anyWrite) {
      throw new ColumnError(`the plugin does not declare that it writes the column ${path}`);
    }
    return target;
  }

  /** The id of a column if it has one by now. */
  known(path) {
    return this.uses.get(path)?.id ?? this.asked.get(path);
  }

  /** The id of a column. Throws for one that the plugin may not use. */
  id(path, batch) {
    let id = this.known(path);
    if (id === undefined) {
      if (!this.any && !path.includes(':')) throw new ColumnError(`the plugin does not declare the column ${path}`);
      id = batch.useColumn(path, typeOf(path));
      this.asked.set(path, id);
    }
    return id;
  }
}
