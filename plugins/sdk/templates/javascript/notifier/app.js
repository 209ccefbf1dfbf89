/** Posts messages as JSON to a web hook. */

import * as lincei from './lincei/index.js';

/** Called once, when `lincei.config` is there. What it throws says what is wrong with it. */
function start() {
  if (!lincei.config.url) throw new Error('url is missing');
}

/** Called for each message. Gives the provider's own id, or nothing; throws a `lincei.Failure`. */
function deliver(message) {
  const response = lincei.postJson(lincei.config.url, { subject: message.subject, text: message.text });
  lincei.raiseForStatus(response);
}

export const { describe, init, send } = lincei.notifier({
  name: '{{name}}',
  description: 'Posts messages as JSON to a web hook.',
  init: start,
  send: deliver,
});
