// The fields of the records found, and the most frequent values of each with their counts.

import { h } from './dom.js';
import { severity } from './records.js';
import { brief, count, showLine } from './text.js';

const FIRST = ['severity', 'service.name'];
const HIDDEN = ['_msg', '_time', '_stream', '_stream_id', 'severity_number', 'trace_id', 'span_id'];
const SHOWN = 6;

/** Fields with values. `options`: onValue(element, field, value), onColumn(field), values(field), names(). */
export class Facets {
  constructor(options) {
    this.options = options;
    this.element = h('aside', { class: 'facets', 'aria-label': 'Fields' });
  }

  /** Shows an answer to `facets`. */
  show(facets) {
    const known = facets.filter((facet) => !HIDDEN.includes(facet.field_name) && facet.values.length);
    const place = (facet) => (FIRST.includes(facet.field_name) ? FIRST.indexOf(facet.field_name) : FIRST.length);
    known.sort((a, b) => place(a) - place(b));
    this.element.replaceChildren(...known.map((facet) => this.facet(facet)), this.all());
  }

  /** Says why there is nothing. */
  fail(text) {
    this.element.replaceChildren(h('p', { class: 'note' }, text));
  }

  facet({ field_name: field, values }) {
    const list = h('ul', {}, ...values.map((each, index) => this.value(field, each, values[0].hits, index >= SHOWN)));
    const details = h('details', { open: true }, h('summary', {}, named(field),
      !FIRST.includes(field) && h('button', {
        type: 'button', class: 'small', title: `Show ${field} as a column`, 'aria-label': `Show ${field} as a column`,
        onclick: (event) => {
          event.preventDefault();
          this.options.onColumn(field);
        },
      }, 'col')), list);
    if (values.length > SHOWN) details.append(more(list, values.length - SHOWN));
    return details;
  }

  value(field, { field_value: value, hits }, most, isHidden) {
    const text = h('span', { class: 'text' });
    showLine(text, value === '' ? '(empty)' : value, 200);
    const level = field === 'severity' ? `of-${severity(value)}` : '';
    const button = h('button', {
      type: 'button', class: `facet ${level}`, title: `${count(hits)} records`,
      onclick: (event) => this.options.onValue(event.currentTarget, field, value),
    }, h('i', { style: { '--part': `${Math.max(2, (hits / most) * 100)}%` } }), text, h('b', {}, brief(hits)));
    return h('li', { hidden: isHidden }, button);
  }

  /** All fields by name; the values of one are asked for when it is opened. */
  all() {
    const list = h('div', {});
    const details = h('details', {}, h('summary', {}, 'All fields'), list);
    details.addEventListener('toggle', () => {
      if (details.open) this.fill(list, this.options.names(), (each) => this.field(each));
    });
    return details;
  }

  field({ value: field, hits }) {
    const list = h('ul', {});
    const details = h('details', { class: 'inner' }, h('summary', {}, named(field), h('b', {}, brief(hits))), list);
    details.addEventListener('toggle', () => {
      if (!details.open) return;
      this.fill(list, this.options.values(field), (each, index, all) =>
        this.value(field, { field_value: each.value, hits: each.hits }, all[0].hits, false));
    });
    return details;
  }

  async fill(list, answer, made) {
    try {
      const all = await answer;
      list.replaceChildren(...all.map(made));
      if (!all.length) list.replaceChildren('None.');
    } catch (error) {
      if (error.name !== 'AbortError') list.replaceChildren(error.message);
    }
  }
}

function named(field) {
  const name = h('span', { class: 'text' });
  showLine(name, field, 200);
  return name;
}

function more(list, number) {
  const button = h('button', {
    type: 'button', class: 'small', onclick: () => {
      for (const item of list.children) item.hidden = false;
      button.remove();
    },
  }, `${number} more`);
  return button;
}
