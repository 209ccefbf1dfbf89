/**
 * Takes secrets and personal data out of logs before they are stored: by patterns in the body and in URLs, and by
 * replacing names of users with a keyed hash. All work is done by the host's kernels.
 */

import * as lincei from './lincei/index.js';

/** Patterns in the syntax of Rust's `regex`, which has no look-around. `$1` and the like are groups. */
const PATTERNS = {
  email: ['[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,}', '[email]'],
  card: ['\\b(?:\\d{4}[ -]?){3}\\d{1,7}\\b', '[card]'],
  bearer: ['(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}', '$1 [token]'],
  aws_key: ['\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b', '[aws key]'],
  private_key: ['-----BEGIN [A-Z ]*PRIVATE[ ]KEY-----[^-]*-----END [A-Z ]*PRIVATE[ ]KEY-----', '[private key]'],
  password: ['(?i)\\b(password|passwd|secret|token|api_key)(["\']?\\s*[=:]\\s*["\']?)[^\\s"\'&,;}]+', '$1$2[secret]'],
};
const COLUMNS = ['body', 'attributes.url.full', 'attributes.url.query', 'attributes.exception.message'];
const HASHED = ['attributes.user.id', 'attributes.user.email', 'attributes.user.name'];
const DROPPED = ['attributes.http.request.header.authorization', 'attributes.http.request.header.cookie'];

let chosen = [];

/** `{"patterns": ["email", "card"], "extra": [{"pattern": "…", "replacement": "…"}], "hash_key": "…"}` */
function start() {
  const { patterns = Object.keys(PATTERNS), extra = [], hash_key: key } = lincei.config;
  for (const name of patterns) if (!(name in PATTERNS)) throw new Error(`there is no pattern "${name}"`);
  if (key !== undefined && (typeof key !== 'string' || key.length < 16)) throw new Error('hash_key has less than 16 characters');
  chosen = patterns.map((name) => [name, ...PATTERNS[name]]);
  extra.forEach(({ pattern, replacement = '[redacted]' }, place) => chosen.push([`extra_${place}`, pattern, replacement]));
}

function redact(rows) {
  for (const path of COLUMNS) {
    for (const [name, pattern, replacement] of chosen) {
      const found = rows.column(path).redact(pattern, replacement).count();
      if (found > 0) lincei.count(`redacted_${name}`, found);
    }
  }
  for (const path of DROPPED) rows.column(path).clear();
  if (lincei.config.hash_key) for (const path of HASHED) rows.column(path).hash(lincei.config.hash_key);
}

export const { describe, init, process, snapshot, restore } = lincei.operator({
  name: 'redact',
  version: '1.0.0',
  description: 'Takes secrets and personal data out of bodies, URLs and names of users.',
  signals: ['logs'],
  changes: Object.fromEntries([...COLUMNS, ...HASHED, ...DROPPED].map((path) => [path, 'text'])),
  init: start,
  transform: redact,
});
