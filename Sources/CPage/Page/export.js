// What is seen, taken along: as lines of JSON, as CSV, as a command.

import { address, recordsAddress, recordsFile } from './api.js';
import { download, say } from './dom.js';
import { count } from './text.js';
import { hasToken } from './token.js';

const MOST = 100_000;

/** The choices of the export menu for a query. In a table no cell is a formula of the spreadsheet that opens it. */
export function choices(parameters, onError) {
  const all = { ...parameters, limit: MOST };
  const table = { ...all, format: 'csv', formulas: 'disarmed' };
  const name = `sluice-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
  // A link takes no token along.
  const file = (asked, as) => (hasToken()
    ? () => recordsFile(asked).then((blob) => download(as, [blob], blob.type)).catch(onError) : recordsAddress(asked));
  return [
    [`NDJSON, up to ${count(MOST)} records`, file(all, `${name}.ndjson`), `${name}.ndjson`],
    [`CSV, up to ${count(MOST)} records`, file(table, `${name}.csv`), `${name}.csv`],
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
