// What is seen, taken along: as lines of JSON, as CSV, as a command.

import { address, recordsAddress, streamed } from './api.js';
import { download, say } from './dom.js';
import { count } from './text.js';
import { hasToken } from './token.js';

const MOST = 100_000;

/** The choices of the export menu for a query. */
export function choices(parameters, columns, onError) {
  const all = { ...parameters, limit: MOST };
  const name = `sluice-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
  return [
    [`NDJSON, up to ${count(MOST)} records`, hasToken() ? () => asLines(all, `${name}.ndjson`).catch(onError)
      : recordsAddress(all), `${name}.ndjson`],
    [`CSV, up to ${count(MOST)} records`, () => asCSV(all, columns, `${name}.csv`).catch(onError)],
    ['Copy as a curl command', () => navigator.clipboard.writeText(curl(all)).then(() => say('Copied'), onError)],
    ['Copy a link to this view', () =>
      navigator.clipboard.writeText(location.href).then(() => say('Copied'), onError)],
  ];
}

/** The same records on a command line; nothing of a query is read by the shell. */
export function curl(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  const single = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const url = new URL(address('select/logsql/query', {}).slice(0, -1), location.href).href;
  const parts = given.map(([key, value]) => `--data-urlencode ${single(`${key}=${value}`)}`);
  return `curl -s ${single(url)} ${parts.join(' ')}`;
}

async function asLines(parameters, name) {
  const lines = [];
  for await (const some of streamed(parameters)) {
    for (const record of some) lines.push(`${JSON.stringify(record.fields)}\n`);
  }
  download(name, lines, 'application/x-ndjson');
  say(`${count(lines.length)} records`);
}

async function asCSV(parameters, columns, name) {
  const names = new Set(['_time', 'severity', 'service.name', ...columns, '_msg']);
  const records = [];
  for await (const some of streamed(parameters)) records.push(...some);
  for (const record of records) for (const field of Object.keys(record.fields)) names.add(field);
  const fields = [...names];
  const lines = [fields, ...records.map((record) => fields.map((field) =>
    (field === 'severity' ? record.severity : record.fields[field] ?? '')))].map(row);
  download(name, [lines.join('')], 'text/csv');
  say(`${count(records.length)} records`);
}

/** A line of CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it. */
export function row(values) {
  const cells = values.map((value) => {
    const text = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}
