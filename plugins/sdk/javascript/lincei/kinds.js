/** Functions for SQL, rules, notifiers and escalations. */

import * as host from './host.js';
import { convert, decode, encode } from './columns.js';
import { configure, guarded, messageOf } from './index.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A scalar function for SQL: `call` gets the arguments of one row, `undefined` for null, and gives its result.
 * `args` are types of columns, `returns` is one.
 */
export function fn({ name, version = '0.1.0', description = '', args, returns, volatility = 'immutable', call }) {
  return {
    describe: () => ({ name, version, description, arguments: args, returns, volatility }),
    call(frame) {
      const position = { row: undefined };
      return guarded(() => {
        const columns = frame.columns.map((column) => decode(column, frame.rows));
        const results = new Array(frame.rows);
        for (let row = 0; row < frame.rows; row++) {
          position.row = row;
          results[row] = convert(returns, call(...columns.map((column) => column[row])), name);
        }
        return encode(0, returns, results);
      }, position);
    },
  };
}

const start = (init) => (text) => guarded(() => {
  configure(text);
  init?.();
});

/** The value of a label of an event, alert or incident. */
export const label = ({ labels }, key) => labels.find((item) => item.key === key)?.value;

/** A rule: `decide(event, context)` gives an action, an array of them, or nothing. */
export function rule({ name, version = '0.1.0', description = '', decide, init }) {
  return {
    describe: () => ({ name, version, description }),
    init: start(init),
    decide: (event, context) => guarded(() => [decide(event, context) ?? []].flat()),
  };
}

export const setSummary = (text) => ({ tag: 'set-summary', val: text });
/** `critical`, `error`, `warning` or `info`. */
export const setSeverity = (severity) => ({ tag: 'set-severity', val: severity });
export const setService = (service) => ({ tag: 'set-service', val: service });
/** The key that events are counted under. */
export const setKey = (key) => ({ tag: 'set-key', val: key });
export const setLabel = (key, value) => ({ tag: 'set-label', val: { key, value } });
/** Another set of rules decides. */
export const route = (rules) => ({ tag: 'route', val: rules });
/** Count the event, but tell nobody. */
export const suppress = (reason) => ({ tag: 'suppress', val: reason });
/** Tell nobody for so many seconds; a recovery before that ends it. */
export const suspend = (seconds) => ({ tag: 'suspend', val: seconds });
export const trigger = () => ({ tag: 'trigger' });
export const recover = () => ({ tag: 'recover' });
/** Forget the event. */
export const forget = (reason) => ({ tag: 'drop', val: reason });
/** Keep bytes or a text for the next event of the same key. */
export const remember = (memory) => ({ tag: 'remember', val: typeof memory === 'string' ? encoder.encode(memory) : memory });
/** Ask no further rules. */
export const stopRules = () => ({ tag: 'stop' });

/** Why a message was not delivered. Thrown by `send`. */
export class Failure extends Error {
  name = 'Failure';

  constructor(detail, { retry = false, retryAfter = 0 } = {}) {
    super(detail);
    Object.assign(this, { retry, retryAfter });
  }
}

/**
 * A notifier: `send(message)` gives the provider's own id, or nothing, and throws a `Failure` if the message was
 * not delivered. A failure of HTTP that is not caught is one: with another try, unless the request is not allowed.
 */
export function notifier({ name, version = '0.1.0', description = '', send, init }) {
  return {
    describe: () => ({ name, version, description }),
    init: start(init),
    send(message) {
      try {
        return { providerId: String(send(message) ?? '') };
      } catch (problem) {
        const { message: detail, retry = false, retryAfter = 0 } = problem ?? {};
        throw problem instanceof Failure ? { detail, retry, retryAfter } : { detail: messageOf(problem), retry: false, retryAfter: 0 };
      }
    },
  };
}

/** Whether `${secret:NAME}` can be used in a URL, header or body. */
export const secretExists = (name) => host.exists(name);

/** What a server answered. */
export class Response {
  constructor({ status, headers, body }) {
    Object.assign(this, { status, headers, body });
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  /** The value of a header by its name in any case, or undefined. */
  header(name) {
    return this.headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;
  }

  /** Seconds of a `Retry-After` header that gives seconds, else 0. */
  get retryAfter() {
    const value = (this.header('retry-after') ?? '').trim();
    return /^\d{1,9}$/.test(value) ? Number(value) : 0;
  }

  text() {
    return decoder.decode(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }
}

/** Sends a request. `body` is bytes or a text. Throws a `Failure` if there is no answer. */
export function http(method, url, { headers = {}, body = '', timeoutMs = 0 } = {}) {
  const request = {
    method,
    url,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    body: typeof body === 'string' ? encoder.encode(body) : body,
    timeoutMs,
  };
  try {
    return new Response(host.send(request));
  } catch (problem) {
    const { tag = 'failed', val } = problem?.payload ?? {};
    throw new Failure(`http ${tag}${val === undefined ? '' : `: ${val}`}`, { retry: tag === 'failed' || tag === 'timeout' });
  }
}

/** Sends a value as JSON by POST. */
export const postJson = (url, value, { headers = {}, timeoutMs = 0 } = {}) =>
  http('POST', url, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value), timeoutMs });

/** Throws the `Failure` of an answer that is not 2xx: 429 and 5xx can be tried again. */
export function raiseForStatus(response) {
  if (response.ok) return;
  const retry = response.status === 429 || response.status >= 500;
  throw new Failure(`the receiver answered ${response.status}`, { retry, retryAfter: retry ? response.retryAfter : 0 });
}

/** An escalation: `next(incident, history)` gives `page(…)`, `wait(…)`, `pass()` or `stop(…)`. */
export function escalation({ name, version = '0.1.0', description = '', next, init }) {
  return {
    describe: () => ({ name, version, description }),
    init: start(init),
    next: (incident, history) => guarded(() => next(incident, history)),
  };
}

export const person = (name) => ({ tag: 'person', val: name });
/** Whoever is on call. */
export const schedule = (name) => ({ tag: 'schedule', val: name });
export const team = (name) => ({ tag: 'team', val: name });
export const channel = (name) => ({ tag: 'channel', val: name });
/** Pages people; the next step is asked for after `nextAfter` seconds, at least 10. */
export const page = (targets, { note = '', nextAfter = 300 } = {}) => ({ tag: 'page', val: { targets: [targets].flat(), note, nextAfter } });
/** Ask again in so many seconds; at least 10. */
export const wait = (seconds) => ({ tag: 'wait', val: seconds });
/** Go on with the policy's own next step. */
export const pass = () => ({ tag: 'pass' });
/** Nobody else is to be paged. */
export const stop = (reason) => ({ tag: 'stop', val: reason });
