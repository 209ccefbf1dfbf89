/** Drops what is below INFO, measures bodies, and classes failed requests. */

import * as lincei from './lincei/index.js';

/** Called for each log record. Nothing keeps it, `lincei.DROP` drops it. */
function onRecord(record) {
  const severity = record.severityNumber ?? 0;
  if (severity >= 1 && severity <= 8) return lincei.DROP; // 0 stands for unknown
  if (record.body !== undefined) record.attributes['body.length'] = lincei.utf8Length(record.body);
  const status = record.attributes['http.response.status_code'] ?? 0;
  if (status >= 500) record.attributes['error.class'] = 'server';
  else if (status >= 400) record.attributes['error.class'] = 'client';
}

export const { describe, init, process, snapshot, restore } = lincei.operator({
  name: '{{name}}',
  description: 'Drops what is below INFO, measures bodies, and classes failed requests.',
  signals: ['logs'],
  reads: { severity_number: 'ints', body: 'text', 'attributes.http.response.status_code': 'ints' },
  writes: { 'attributes.body.length': 'ints' },
  // read, too, so that records that do not set it keep the class they have
  changes: { 'attributes.error.class': 'text' },
  process: onRecord,
});
