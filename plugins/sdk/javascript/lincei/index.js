/**
 * Plugins for Lincei in JavaScript. One of `operator`, `fn`, `rule`, `notifier` and `escalation` makes what the
 * plugin exports:
 *
 *     import * as lincei from './lincei/index.js';
 *
 *     export const { describe, init, process, snapshot, restore } = lincei.operator({
 *       name: 'drop-debug', description: 'Drops debug records.',
 *       reads: { severity_number: 'ints', body: 'text' }, writes: { 'attributes.body.length': 'ints' },
 *       process(record) {
 *         if (record.severityNumber > 0 && record.severityNumber < 9) return lincei.DROP;
 *         record.attributes['body.length'] = lincei.utf8Length(record.body ?? '');
 *       },
 *     });
 *
 * `lincei.config` is the configuration, parsed. `console` goes to the plugin's log. What has no operating system
 * here is said in `sandbox.js`.
 */

import './sandbox.js';
import * as host from './host.js';
import { Declared, columnUses } from './columns.js';
import { Rows } from './expressions.js';
import { Table, run } from './records.js';

export { ColumnError } from './columns.js';
export { Column, Mask, Rows } from './expressions.js';
export { DROP, Record } from './records.js';
export * from './kinds.js';

/** The configuration that the host gave to `init`; the same object for as long as the instance lives. */
export const config = {};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const debug = (message) => host.write('debug', String(message));
export const info = (message) => host.write('info', String(message));
export const warn = (message) => host.write('warn', String(message));
export const error = (message) => host.write('error', String(message));

/** How many bytes a text has in UTF-8. */
export const utf8Length = (text) => encoder.encode(text).length;

/** The host's time in nanoseconds since the Unix epoch, a BigInt; operators only. */
export function now() {
  if (!host.now) throw new Error('plugins of this kind have no clock: the time is in their arguments');
  return host.now();
}

/** Adds to a counter of the plugin: 1 to 64 of `a-z`, `0-9` and `_`. */
export const count = (name, by = 1) => host.count(name, BigInt(by));

/** Sets a gauge of the plugin. */
export const gauge = (name, value) => host.gauge(name, value);

/** Keys and values that outlive the instance. Values are bytes; texts are kept as UTF-8. */
export const state = {
  get: (key) => host.stateGet(key) ?? undefined,
  getText(key) {
    const value = host.stateGet(key);
    return value === undefined || value === null ? undefined : decoder.decode(value);
  },
  set: (key, value) => host.stateSet(key, typeof value === 'string' ? encoder.encode(value) : value),
  delete: (key) => host.stateDelete(key),
  /** Adds to the number under a key, and gives the sum, a BigInt. */
  add: (key, by = 1) => host.stateAdd(key, BigInt(by)),
};

/** Takes over the configuration, a JSON object or nothing. */
export function configure(text) {
  for (const key of Object.keys(config)) delete config[key];
  if (text.trim()) Object.assign(config, JSON.parse(text));
}

/** What an exception says: the host's own failures come as an error that carries their text. */
export function messageOf(problem) {
  const payload = problem?.payload;
  if (payload !== undefined) return typeof payload === 'string' ? payload : String(payload.val ?? payload.tag ?? payload);
  return problem instanceof Error ? `${problem.name}: ${problem.message}` : String(problem);
}

function place(problem) {
  const frame = /([^/\s@]+\.js):(\d+):\d+/.exec((problem?.stack ?? '').split('\n').find((line) => !line.includes('lincei/')) ?? '');
  return frame ? `${frame[1]} line ${frame[2]}` : undefined;
}

/** Calls the author's code: whatever it throws becomes the error of the call. */
export function guarded(call, position) {
  try {
    return call();
  } catch (problem) {
    const row = position?.row === undefined ? undefined : `row ${position.row}`;
    const places = [place(problem), row].filter((text) => text !== undefined);
    throw places.length ? `${messageOf(problem)} (${places.join(', ')})` : messageOf(problem);
  }
}

/** One call of an operator: by record, or with all rows at once. Gives the delta. */
export function work(declared, batch, frame, position, { process, processBatch }) {
  if (process) {
    const table = new Table(declared, batch, frame);
    run(process, table, position);
    return table.delta();
  }
  const rows = new Rows(declared, batch, frame);
  try {
    processBatch(rows);
    rows.finish();
  } finally {
    rows.release();
  }
  return { keep: undefined, set: [], emit: [], route: undefined };
}

/**
 * An operator. Give one of `process`, `processBatch` and `transform`.
 *
 * `reads`, `writes` and `changes` (both) are objects of a column's path to `text`, `ints`, `floats`, `bools` or
 * `attributes`. `init()` is called after `config` is set. `snapshot()` gives, and `restore(memory)` takes, the
 * bytes that a next instance starts with; without them there may be several instances.
 */
export function operator({
  name, version = '0.1.0', description = '', signals = ['logs'], reads, writes, changes, routes = [], batchHint = 0,
  process, processBatch, transform, init, snapshot, restore,
}) {
  if ([process, processBatch, transform].filter(Boolean).length !== 1) {
    throw new TypeError('an operator has one of process, processBatch and transform');
  }
  const columns = columnUses(reads, writes, changes);
  const declared = new Declared(columns, signals, routes);
  const memory = snapshot ? 'instance' : 'none';
  const entries = { process, processBatch: processBatch ?? transform };
  return {
    describe: () => ({ name, version, description, signals, columns, batchHint, memory, routes }),
    init: (text) => guarded(() => {
      configure(text);
      init?.();
    }),
    process(batch, rows) {
      const position = { row: undefined };
      return guarded(() => work(declared, batch, rows, position, entries), position);
    },
    snapshot: () => (snapshot ? snapshot() : new Uint8Array()),
    restore: (bytes) => guarded(() => restore?.(bytes)),
  };
}
