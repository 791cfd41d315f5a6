// What the columns of the list are, and how each record fills them.

import { h } from './dom.js';
import { message, service, value } from './records.js';
import { seconds, showLine } from './text.js';
import { clock, dayAndClock, nanos } from './time.js';

const TIME = {
  name: 'Time', width: '13ch', class: 'time', cell: (cell, record) => { cell.textContent = clock(record.stamp); },
};
const DAY = { ...TIME, width: '19ch', cell: (cell, record) => { cell.textContent = dayAndClock(record.stamp); } };
const SEVERITY = {
  name: 'Severity', width: '8ch', class: 'severity', field: 'severity',
  cell: (cell, record) => { cell.textContent = record.severity === 'none' ? '' : record.severity; },
};
const SERVICE = {
  name: 'Service', width: 'minmax(8ch, 16ch)', class: 'service', field: 'service.name',
  cell: (cell, record) => {
    showLine(cell, service(record), 100);
    cell.style.setProperty('--hue', hue(service(record)));
  },
};
const MESSAGE = {
  name: 'Message', width: 'minmax(30ch, 1fr)', class: 'text', cell: (cell, record) => showLine(cell, message(record)),
};

/** The columns for what the address says; `remove` takes one of the chosen away. */
export function columnsFor(state, remove) {
  const chosen = state.columns.split(',').filter((field) => field).map((field) => ({
    name: field, head: h('span', { class: 'removable' }, h('span', {}, field), h('button', {
      type: 'button', 'aria-label': `Remove the column ${field}`, onclick: () => remove(field),
    }, '✕')),
    width: 'minmax(10ch, 22ch)', field, class: 'chosen',
    cell: (cell, record) => showLine(cell, value(record, field), 300),
  }));
  const isToday = !state.from && ['5m', '15m', '1h', '6h'].includes(state.range) && !state.around;
  return [state.trace ? since() : isToday ? TIME : DAY, SEVERITY, SERVICE, ...chosen, MESSAGE];
}

/** Time since the start of the trace; `start` is told with the first record that is seen to be earliest. */
function since() {
  return {
    name: 'Since start', width: '13ch', class: 'time', cell: (cell, record) => {
      const start = record.traceStart;
      cell.textContent = start ? `+${seconds(Number(nanos(record.stamp) - nanos(start)) / 1e9)}` : clock(record.stamp);
      cell.title = record.fields._time;
    },
  };
}

/** Marks a row with its severity. */
export function decorate(row, record) {
  row.className = `row of-${record.severity}`;
}

/** A hue for a name, the same each time. */
function hue(text) {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 3600;
  return sum / 10;
}
