/**
 * Sends messages to a group of WeCom (企业微信) by its group bot.
 *
 * The bot's web hook takes markdown of at most 4096 bytes, and says what went wrong in `errcode` of an answer with
 * HTTP 200 (WeCom developer documentation, "Group Robot Configuration" and "Global Error Codes").
 */

import * as lincei from './lincei/index.js';

const ENDPOINT = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';
const CONTENT_BYTES_MAX = 4096;
const BUSY = -1;
const RATE_LIMITED = 45009; // more than 20 messages a minute
const RATE_LIMIT_SECONDS = 60;
const SECRET_NAME = /^[A-Z][A-Z0-9_]*$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const settings = {};

/** Reads the configuration: `{"secret": "WECOM_KEY"}` names the secret with the bot's key. */
function start() {
  const { secret = 'WECOM_KEY' } = lincei.config;
  if (!SECRET_NAME.test(secret)) throw new Error(`secret must be a name as WECOM_KEY, not "${secret}"`);
  settings.url = `${ENDPOINT}?key=\${secret:${secret}}`;
}

/** A text cut to at most so many bytes of UTF-8, between characters. */
function cut(text, bytesMax) {
  const bytes = encoder.encode(text);
  if (bytes.length <= bytesMax) return text;
  let end = Math.max(bytesMax, 0);
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end -= 1; // a byte within a character
  return decoder.decode(bytes.subarray(0, end));
}

/** The message in WeCom's markdown. The link at its end is kept whole: what is too long is the text. */
function content({ subject, text, url }) {
  const head = subject ? `**${subject}**\n` : '';
  const link = url ? `\n[${url}](${url})` : '';
  const rest = CONTENT_BYTES_MAX - lincei.utf8Length(head) - lincei.utf8Length(link);
  return cut(rest >= 0 ? head + cut(text, rest) + link : head, CONTENT_BYTES_MAX);
}

function deliver(message) {
  const response = lincei.postJson(settings.url, { msgtype: 'markdown', markdown: { content: content(message) } });
  lincei.raiseForStatus(response);
  let answer;
  try {
    answer = response.json();
  } catch {
    throw new lincei.Failure('the answer of WeCom is no JSON', { retry: true });
  }
  const { errcode, errmsg = '' } = answer;
  if (errcode === 0) return;
  if (errcode === RATE_LIMITED) {
    throw new lincei.Failure(`wecom ${errcode}: ${errmsg}`, { retry: true, retryAfter: RATE_LIMIT_SECONDS });
  }
  throw new lincei.Failure(`wecom ${errcode}: ${errmsg}`, { retry: errcode === BUSY });
}

export const { describe, init, send } = lincei.notifier({
  name: 'wecom',
  version: '1.0.0',
  description: 'Sends messages to a WeCom group by its group bot.',
  init: start,
  send: deliver,
});
