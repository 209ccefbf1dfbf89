/** Suppresses the events of some services while they are deployed. */

import * as lincei from './lincei/index.js';

const MINUTE_NS = 60n * 10n ** 9n;
const settings = {};

/** The minute of the day of a time as `22:00`. */
function minutes(key) {
  const text = String(lincei.config[key] ?? '');
  const [, hours, rest] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 23 || Number(rest) > 59) {
    throw new Error(`${key} must be a time as 22:00, not "${text}"`);
  }
  return Number(hours) * 60 + Number(rest);
}

/** Called once, when `lincei.config` is there. What it throws says what is wrong with it. */
function start() {
  Object.assign(settings, { from: minutes('from'), until: minutes('until'), services: lincei.config.services ?? [] });
}

/** Called for each event. Gives an action, an array of them, or nothing. */
function onEvent(event, context) {
  const minute = Number((context.now / MINUTE_NS) % 1440n);
  const { from, until, services } = settings;
  const inside = from <= until ? minute >= from && minute < until : minute >= from || minute < until;
  if (inside && services.includes(lincei.label(event, 'service'))) return lincei.suppress('deploy window');
}

export const { describe, init, decide } = lincei.rule({
  name: '{{name}}',
  description: 'Suppresses the events of some services while they are deployed.',
  init: start,
  decide: onEvent,
});
