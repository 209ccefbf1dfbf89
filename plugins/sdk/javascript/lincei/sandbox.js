/**
 * Makes the engine live without an operating system.
 *
 * A plugin has no WASI: what the engine would ask of it traps, and a trap throws the instance away. So time comes
 * from the host's clock, `console` goes to the plugin's log, and timers and `fetch` throw an error that a script
 * can see. `Math.random` and `crypto.randomUUID` are seeded from the host's clock, in worlds without a clock from a
 * constant: good for sampling and jitter, not for secrets. There is no `Intl`; the time zone is UTC.
 */

import * as host from './host.js';

const LINE_CHARACTERS_MAX = 4096;
const RealDate = Date;

function nowMs() {
  if (!host.now) throw new Error('plugins of this kind have no clock: the time is in their arguments');
  return Number(host.now() / 1000000n);
}

RealDate.now = nowMs;
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(nowMs()).toString(),
  construct: (target, values, self) => Reflect.construct(target, values.length ? values : [nowMs()], self),
});
RealDate.prototype.constructor = globalThis.Date;

// xoshiro128** (Blackman and Vigna, 2018), with splitmix32 to spread the seed
let words;

function seedWords() {
  let seed = host.now ? Number(host.now() % 4294967296n) : 0x9e3779b9;
  return Array.from({ length: 4 }, () => {
    seed = (seed + 0x9e3779b9) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  });
}

const rotate = (word, bits) => (word << bits) | (word >>> (32 - bits));

function random32() {
  words ??= seedWords();
  const result = Math.imul(rotate(Math.imul(words[1], 5), 7), 9) >>> 0;
  const shifted = words[1] << 9;
  words[2] ^= words[0];
  words[3] ^= words[1];
  words[1] ^= words[2];
  words[0] ^= words[3];
  words[2] ^= shifted;
  words[3] = rotate(words[3], 11);
  return result;
}

Math.random = () => (random32() * 2097152 + (random32() >>> 11)) / 9007199254740992;

function randomUUID() {
  const digits = Array.from({ length: 4 }, () => random32().toString(16).padStart(8, '0')).join('');
  const variant = '89ab'[parseInt(digits[16], 16) & 3];
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}

function shown(value) {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return String(value);
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}` : item));
  } catch {
    return String(value);
  }
}

const writer = (level) => (...values) => {
  for (const line of values.map(shown).join(' ').split('\n')) host.write(level, line.slice(0, LINE_CHARACTERS_MAX));
};

const denied = (what) => () => {
  throw new Error(`plugins have no ${what}`);
};

function replace(object, values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

const silent = () => {};
replace(globalThis, {
  console: {
    debug: writer('debug'), log: writer('info'), info: writer('info'), warn: writer('warn'), error: writer('error'),
    trace: writer('debug'), dir: writer('info'), assert: (truth, ...values) => truth || writer('error')('assertion failed', ...values),
    time: silent, timeEnd: silent, timeLog: silent, group: silent, groupEnd: silent, table: writer('info'),
  },
  performance: { now: nowMs, timeOrigin: 0 },
  crypto: { randomUUID, getRandomValues: denied('source of secure random numbers'), subtle: undefined },
  setTimeout: denied('timers'), setInterval: denied('timers'), clearTimeout: silent, clearInterval: silent,
  fetch: denied('network except through the notifiers\' http'),
  Request: undefined, Response: undefined, Headers: undefined,
});
