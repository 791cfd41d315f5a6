// Messages folded by their shape: what is said often, and what it takes.

import * as api from './api.js';
import { h, say } from './dom.js';
import { quoted } from './query.js';
import { bytes, count, nodes } from './text.js';

const LIMIT = 200;
const PLACEHOLDER = /<(?:N|UUID|IP4|DATE|TIME|DATETIME|STR)>/g;

/** The list of shapes. `options`: onPattern(element, pattern). */
export class Patterns {
  constructor(options) {
    this.options = options;
    this.element = h('div', { class: 'patterns', tabindex: '0', 'aria-label': 'Patterns', role: 'region', hidden: true });
  }

  /** Asks for the shapes of a query's messages. */
  async load(parameters, signal) {
    const { patterns, others, incomplete } = await api.patterns({ ...parameters, limit: LIMIT }, signal);
    const all = patterns.reduce((sum, each) => sum + each.hits, others.hits);
    const most = Math.max(...patterns.map((each) => each.hits), 1);
    say(`${count(patterns.length)} patterns of ${count(all)} records`);
    const more = others.hits ? h('p', { class: 'dim' },
      `${count(others.hits)} more records, ${bytes(others.bytes)}, have other patterns.`) : '';
    this.element.replaceChildren(patterns.length ? h('table', { class: 'plain' },
      h('thead', {}, h('tr', {}, ...['Records', '', 'Bytes', 'Pattern'].map((each) =>
        h('th', { scope: 'col' }, each)))),
      h('tbody', {}, ...patterns.map((each) => this.row(each, all, most)))) : h('p', {}, 'No record, no pattern.'), more);
    return incomplete;
  }

  row(pattern, all, most) {
    const part = Math.max(1, (pattern.hits / most) * 100);
    return h('tr', {}, h('td', { class: 'number' }, count(pattern.hits)),
      h('td', { class: 'share' }, h('i', { style: { '--part': `${part}%` } }),
        `${((pattern.hits / all) * 100).toFixed(1)} %`),
      h('td', { class: 'number' }, bytes(pattern.bytes)),
      h('td', {}, h('button', {
        type: 'button', class: 'shape', title: pattern.sample.slice(0, 500),
        onclick: (event) => this.options.onPattern(event.currentTarget, pattern.pattern),
      }, ...shape(pattern.pattern))));
  }
}

/** A pattern with its placeholders told from its text. */
function shape(pattern) {
  if (pattern === '') return [h('span', { class: 'dim' }, '(no message)')];
  const parts = [];
  let end = 0;
  for (const match of pattern.matchAll(PLACEHOLDER)) {
    parts.push(...nodes(pattern.slice(end, match.index)), h('em', {}, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, ...nodes(pattern.slice(end))];
}

/** The term that holds for messages of a pattern. */
export function patternTerm(pattern) {
  if (pattern === '') return '_msg:""';
  const isCut = pattern.endsWith('…');
  const text = isCut ? pattern.slice(0, -1) : pattern;
  const escape = (part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const expression = text.split(PLACEHOLDER).map(escape).join('.+');
  return `_msg:~${quoted(`(?s)^${expression}${isCut ? '' : '$'}`)}`;
}
