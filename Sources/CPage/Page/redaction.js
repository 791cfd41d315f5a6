// The view of redaction: a text that is pasted, and what each rule of the configuration in force takes of it.

import { post } from './admin.js';
import { h, say } from './dom.js';
import { count, nodes } from './text.js';

const WAIT_MILLISECONDS = 250;
/** Bytes that the gateway takes. */
const MOST = 256 * 1024;
const FORMS = {
  text: 'Taken for the body of a record.', record: 'Taken for a record in OTLP JSON.',
  request: 'Taken for a request in OTLP JSON.',
};

export class RedactionView {
  constructor() {
    this.text = h('textarea', {
      'aria-label': 'Text or record', rows: 9, spellcheck: 'false', autocomplete: 'off',
      placeholder: 'Paste a line of log, or a record or request in OTLP JSON …', oninput: () => this.changed(),
    });
    this.processor = h('select', { 'aria-label': 'Processor', hidden: true, onchange: () => this.ask() });
    this.form = h('span', { class: 'dim' });
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.result = h('div', { class: 'taken' });
    this.element = h('div', { class: 'panel' },
      h('h1', {}, 'Redaction'),
      h('p', { class: 'dim' }, 'What the redaction of the configuration in force takes of a text. ',
        'It goes to this gateway and is not kept, logged or counted.'),
      this.text,
      h('div', { class: 'bar' }, this.processor,
        h('button', { type: 'button', onclick: () => this.clear() }, 'Clear'), this.form),
      this.problem, this.result);
    this.ask();
  }

  update() {}

  stop() {
    clearTimeout(this.timer);
    this.abort?.abort();
  }

  clear() {
    this.text.value = '';
    this.ask();
    this.text.focus();
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MILLISECONDS);
  }

  async ask() {
    this.stop();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const text = this.text.value;
    const bytes = new TextEncoder().encode(text).length;
    try {
      if (bytes > MOST) throw new Error(`The text has ${count(bytes)} bytes: the limit is ${count(MOST)}.`);
      const answer = await post('redaction', text, signal, { processor: this.processor.value });
      this.problem.hidden = true;
      this.show(answer, text !== '');
    } catch (error) {
      if (signal.aborted) return;
      this.problem.hidden = false;
      this.problem.textContent = error.message;
      this.result.replaceChildren();
    }
  }

  show({ processor, processors, form, rules, values, after }, hasText) {
    this.processor.hidden = processors.length < 2;
    this.processor.replaceChildren(...processors.map((id) =>
      h('option', { value: id, selected: id === processor }, id)));
    const none = processor ? '' : 'The configuration has no redaction: this is what the default detectors take. ';
    this.form.textContent = none + (hasText ? FORMS[form] : '');
    const found = rules.filter((each) => each.count > 0).sort((a, b) => b.count - a.count);
    const rest = rules.filter((each) => each.count === 0).map((each) => each.rule);
    const sum = found.reduce((all, each) => all + each.count, 0);
    const said = !hasText ? '' : sum ? `${count(sum)} ${sum === 1 ? 'match' : 'matches'} of ${count(found.length)} ` +
      `${found.length === 1 ? 'rule' : 'rules'}.` : 'Nothing is taken.';
    say(said);
    this.result.replaceChildren(
      h('p', { class: 'said' }, said), found.length ? table(found) : '',
      ...values.map((each, index) => value(each, found, index)),
      hasText && form !== 'text' ? whole(after) : '',
      h('details', {}, h('summary', {}, `${count(rest.length)} rules that are on and found nothing`),
        h('p', { class: 'dim' }, rest.join(', '))));
  }
}

function table(rules) {
  return h('table', { class: 'plain' },
    h('thead', {}, h('tr', {}, ...['Rule', 'Does', 'Times'].map((each) => h('th', { scope: 'col' }, each)))),
    h('tbody', {}, ...rules.map((each, index) => h('tr', {},
      h('th', { scope: 'row' }, h('span', { class: `mark of-${index % 6}` }, each.rule)), h('td', {}, each.action),
      h('td', { class: 'number' }, count(each.count))))));
}

/** A value before and after, with what was taken marked and named. */
function value({ owner, path, before, after, others }, rules, index) {
  const kind = (rule) => rules.findIndex((each) => each.rule === rule) % 6;
  const parts = before.map(({ text, rule }) => (rule
    ? h('mark', { class: `mark of-${kind(rule)}`, title: rule }, ...nodes(text), h('sup', {}, rule))
    : h('span', {}, ...nodes(text))));
  const title = path === 'body' && owner === 'record 1' ? 'Body' : `${owner}: ${path}`;
  const heading = h('h2', { id: `value-${index}` }, ...nodes(title));
  return h('section', { 'aria-labelledby': `value-${index}` }, heading,
    others.length > 0 && h('p', { class: 'dim' }, `Also, of what others had left: ${others.join(', ')}`),
    h('div', { class: 'sides' },
      h('figure', {}, h('figcaption', {}, 'Before'), h('pre', { class: 'message before' }, ...parts)),
      h('figure', {}, h('figcaption', {}, 'After'), after === null ? h('p', {}, 'Gone, with its key.')
        : h('pre', { class: 'message after' }, ...nodes(after)))));
}

function whole(text) {
  return h('details', {}, h('summary', {}, 'All that is left, in OTLP JSON'),
    h('pre', { class: 'message whole' }, ...nodes(text)));
}
