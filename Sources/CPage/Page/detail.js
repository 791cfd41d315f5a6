// One record, whole: every field, and what can be done with each.

import { copy, h } from './dom.js';
import { own, service } from './records.js';
import { showWhole } from './text.js';

/** A panel beside the list. `options`: onTerm(field, value, without), onColumn(field), onContext, onTrace, onClose. */
export class Detail {
  constructor(options) {
    this.options = options;
    this.element = h('aside', { class: 'detail', 'aria-label': 'Record', tabindex: '-1', hidden: true });
  }

  get isOpen() { return !this.element.hidden; }

  /** Shows a record. */
  show(record) {
    this.record = record;
    const fields = record.fields;
    const message = h('pre', { class: 'message' });
    showWhole(message, fields._msg ?? '');
    const head = h('div', { class: 'bar' },
      h('span', { class: `badge of-${record.severity}` }, record.severity),
      h('strong', {}, service(record)), h('span', { class: 'grow' }),
      h('button', {
        type: 'button', 'aria-label': 'Close', title: 'Close (Esc)', onclick: this.options.onClose,
      }, '✕'));
    const actions = h('div', { class: 'bar' },
      this.options.onContext && fields._stream_id && h('button', {
        type: 'button', title: 'What the same source wrote before and after (c)',
        onclick: () => this.options.onContext(record),
      }, 'Context'),
      this.options.onTrace && fields.trace_id && h('button', {
        type: 'button', title: 'All records of the trace, of all services (t)',
        onclick: () => this.options.onTrace(fields.trace_id),
      }, 'Trace'),
      h('button', {
        type: 'button', title: 'Copy the record as JSON (y)',
        onclick: (event) => copy(JSON.stringify(fields, null, 2), event.currentTarget),
      }, 'Copy JSON'),
      fields._msg && h('button', {
        type: 'button', onclick: (event) => copy(fields._msg, event.currentTarget),
      }, 'Copy message'));
    const rows = [['_time', fields._time], ...own(record).sort(([a], [b]) => (a < b ? -1 : 1)),
      ...['_stream', '_stream_id'].filter((name) => fields[name]).map((name) => [name, fields[name]])];
    this.element.replaceChildren(head, actions, message,
      h('table', {}, h('caption', { class: 'unseen' }, 'Fields'),
        h('tbody', {}, ...rows.map(([name, value]) => this.row(name, String(value ?? ''))))));
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  row(name, value) {
    const [head, cell] = [h('th', { scope: 'row' }), h('td', { class: 'value' })];
    showWhole(head, name, 500);
    showWhole(cell, value, 4000);
    const button = (sign, text, action) => h('button', {
      type: 'button', class: 'small', title: text, 'aria-label': `${text}: ${name}`, onclick: action,
    }, sign);
    const { onTerm, onColumn } = this.options;
    const canSearch = onTerm && !['_time', '_stream'].includes(name);
    return h('tr', {}, head, cell, h('td', { class: 'does' },
      canSearch && button('+', 'Include', () => onTerm(name, value, false)),
      canSearch && button('−', 'Exclude', () => onTerm(name, value, true)),
      onColumn && !name.startsWith('_') && button('col', 'Column', () => onColumn(name)),
      button('copy', 'Copy', (event) => copy(value, event.currentTarget))));
  }

  close() {
    this.element.hidden = true;
    this.record = null;
  }
}
