// Records as the page has them: the fields as they came, with what lists need of each at hand.

import { stamp } from './time.js';

const NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const WORDS = {
  verbose: 'trace', information: 'info', informational: 'info', notice: 'info', warning: 'warn', err: 'error',
  critical: 'fatal', crit: 'fatal', alert: 'fatal', emerg: 'fatal', emergency: 'fatal', panic: 'fatal',
};

/** The severities, least first; the last is of records that have none. */
export const SEVERITIES = [...NAMES, 'none'];

/** One of `SEVERITIES` for a name or a number as a source has it. */
export function severity(text) {
  const number = Number(text);
  if (text && number >= 1 && number <= 24) return NAMES[Math.floor((number - 1) / 4)];
  const word = String(text ?? '').toLowerCase().replace(/[0-9]$/, '');
  return NAMES.includes(word) ? word : (WORDS[word] ?? 'none');
}

/** A record of the API with its stamp and its severity. */
export function made(fields) {
  const named = fields.severity_number ?? fields.severity ?? fields.severity_text ?? fields.level;
  return { fields, stamp: stamp(fields._time ?? ''), severity: severity(named) };
}

/** The value of a field as it is listed and searched for. */
export function value(record, field) {
  if (field === 'severity') return record.severity;
  return record.fields[field] ?? '';
}

/** The service that wrote a record. */
export const service = (record) => record.fields['service.name'] ?? record.fields.service ?? '';

/** What names a record in the address: its time and its stream. */
export const key = (record) => `${record.fields._time}@${record.fields._stream_id ?? ''}`;

/** The message, or, of a record that has none, its other fields. */
export function message(record) {
  const text = record.fields._msg;
  if (text) return text;
  return own(record).map(([name, each]) => `${name}=${each}`).join(' ');
}

/** The fields that are neither the record's message nor where and when it was. */
export function own(record) {
  return Object.entries(record.fields).filter(([name]) => !name.startsWith('_'));
}

const byTime = (a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0);

/** The records, oldest first. */
export const oldestFirst = (records) => records.sort(byTime);

/** The records, newest first; those of one moment stay as they came. */
export const newestFirst = (records) => records.sort((a, b) => byTime(b, a));
