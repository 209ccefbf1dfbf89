/**
 * The JavaScript script operator: one component, whose `init` gets the user's script as text.
 *
 * The configuration is `{"source": "…", "config": {…}}`. The script defines one of `process(record)`,
 * `processBatch(rows)` and `transform(rows)`, and may define `init()`. Names of the SDK are there without an import.
 *
 * A failure is a JSON object: `type` and `message`; `line` and `column` in the script, from 1; `row`, the place of
 * the record in the batch, from 0; and `traceback`, outermost call first, with `line`, `function` and `text`.
 */

import * as lincei from './lincei/index.js';
import { Declared } from './lincei/columns.js';

const FILE = 'script.js';
const FRAMES_MAX = 20;
const MESSAGE_CHARACTERS_MAX = 2000;
const TEXT_CHARACTERS_MAX = 200;
const ENTRIES = ['process', 'processBatch', 'transform'];
const SIGNALS = ['logs', 'spans', 'metrics'];
const COLUMNS = [{ path: '*', type: 'text', access: 'read-write' }];

const declared = new Declared(COLUMNS, SIGNALS, []);
const runScript = globalThis.eval;
let lines = [];
let entries = {};

/** The script's own calls in an error's stack, of which the middle is left out where there are many. */
function frames(problem) {
  const found = [];
  for (const call of (problem?.stack ?? '').split('\n')) {
    const frame = /^(.*?)@(.*?):(\d+):(\d+)$/.exec(call);
    if (!frame || !frame[2].endsWith(FILE_MARK)) continue;
    const line = Math.min(Number(frame[3]), lines.length);
    const text = (lines[line - 1] ?? '').trim().slice(0, TEXT_CHARACTERS_MAX);
    found.push({ line, column: Number(frame[4]), function: frame[1] || '<script>', text });
  }
  found.reverse();
  return found.length > FRAMES_MAX ? [...found.slice(0, FRAMES_MAX / 2), ...found.slice(-FRAMES_MAX / 2)] : found;
}

/** What ends the file name of a frame of the script: it runs in the `eval` of this module. */
const FILE_MARK = '> eval';

function failure(problem, row) {
  const calls = frames(problem);
  const last = calls.at(-1);
  const isError = problem instanceof Error && problem.payload === undefined;
  const told = {
    line: last?.line ?? 1,
    column: last?.column,
    type: isError ? problem.name : problem?.payload === undefined ? 'Error' : 'HostError',
    message: (isError ? problem.message : lincei.messageOf(problem)).slice(0, MESSAGE_CHARACTERS_MAX),
    row,
    traceback: calls.map(({ line, function: name, text }) => ({ line, function: name, text })),
  };
  if (problem instanceof SyntaxError && !last) {
    const within = problem.lineNumber <= lines.length;
    told.line = within ? problem.lineNumber : Math.max(lines.length, 1);
    told.column = within ? problem.columnNumber : undefined;
  }
  return JSON.stringify(told);
}

function guarded(call, position) {
  try {
    return call();
  } catch (problem) {
    throw failure(problem, position?.row);
  }
}

function load(text) {
  const { source, config } = JSON.parse(text);
  lines = source.split('\n');
  const dynamicImport = lines.findIndex((line) => /^(?!\s*(\/\/|\*)).*\bimport\s*\(/.test(line));
  if (dynamicImport >= 0) {
    throw Object.assign(new SyntaxError('import() is not there: a script has no modules'), { lineNumber: dynamicImport + 1, columnNumber: 1 });
  }
  lincei.configure(JSON.stringify(config ?? {}));
  Object.assign(globalThis, lincei, { lincei, config: lincei.config, process: undefined });
  // the value of a script is that of its last statement; declarations with const are seen by nothing else
  const names = [...ENTRIES, 'init'].map((name) => `${name}: typeof ${name} === 'function' ? ${name} : undefined`);
  const defined = runScript(`${source}\n;({ ${names.join(', ')} })`);
  const found = ENTRIES.filter((name) => defined[name] !== undefined);
  if (found.length !== 1) {
    throw new ReferenceError(
      `define one of process(record), processBatch(rows) and transform(rows); found ${found.join(' and ') || 'none'}`);
  }
  entries = { process: defined.process, processBatch: defined.processBatch ?? defined.transform };
  defined.init?.();
}

export function describe() {
  return {
    name: 'javascript', version: '1.0.0', description: 'Runs a script in JavaScript.', signals: SIGNALS, columns: COLUMNS,
    batchHint: 0, memory: 'none', routes: [],
  };
}

export function init(text) {
  guarded(() => load(text));
}

export function process(batch, rows) {
  const position = { row: undefined };
  return guarded(() => lincei.work(declared, batch, rows, position, entries), position);
}

export function snapshot() {
  return new Uint8Array();
}

export function restore() {}
