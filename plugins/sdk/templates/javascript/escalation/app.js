/** Pages the last committer first. */

import * as lincei from './lincei/index.js';

/** Called for each step of an escalation. */
function onStep(incident, history) {
  const committer = lincei.label(incident, 'committer');
  if (committer && history.step === 0) {
    return lincei.page(lincei.person(committer), { note: 'last committer', nextAfter: 300 });
  }
  return lincei.pass();
}

export const { describe, init, next } = lincei.escalation({
  name: '{{name}}',
  description: 'Pages the last committer first.',
  next: onStep,
});
