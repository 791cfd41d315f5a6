// The box, the time, and what is done with what is found.

import { h } from './dom.js';
import { change } from './state.js';
import { RANGES } from './time.js';

/** The row above all. `options`: onQuery(text), onExport(button). */
export class SearchBar {
  constructor(options) {
    this.box = h('input', {
      type: 'search', class: 'box', 'aria-label': 'Search', placeholder: 'Words, "phrases", field:value, -without …',
      autocomplete: 'off', spellcheck: 'false', maxlength: '16000', 'aria-keyshortcuts': '/',
    });
    this.range = h('select', { 'aria-label': 'Time', onchange: () => this.choose() },
      ...RANGES.map(([name, text]) => h('option', { value: name }, text)),
      h('option', { value: 'between' }, 'Between …'));
    const moment = (label) => h('input', {
      type: 'datetime-local', step: '0.001', 'aria-label': label, onchange: () => this.between(),
    });
    [this.from, this.to] = [moment('From'), moment('To')];
    this.times = h('span', { class: 'times' }, this.from, '–', this.to,
      h('button', { type: 'button', title: 'Three times as long', onclick: () => this.wider() }, 'Wider'));
    this.order = h('button', { type: 'button', 'aria-keyshortcuts': 'o', onclick: () => change({
      order: this.state.order === 'newest' ? 'oldest' : 'newest',
    }) });
    this.live = h('button', {
      type: 'button', class: 'live', 'aria-keyshortcuts': 'l',
      onclick: () => change({ live: this.state.live ? '' : '1' }),
    }, 'Live');
    this.patterns = h('button', {
      type: 'button', 'aria-keyshortcuts': 'p', title: 'Messages of the same shape, folded',
      onclick: () => change({ patterns: this.state.patterns ? '' : '1', live: '' }),
    }, 'Patterns');
    this.element = h('form', { class: 'searchbar', role: 'search', onsubmit: (event) => {
      event.preventDefault();
      this.shownQuery = null;
      options.onQuery(this.box.value);
    } }, this.box, h('button', { class: 'primary' }, 'Search'), this.range, this.times, this.live, this.patterns, this.order,
    h('button', { type: 'button', onclick: (event) => options.onExport(event.currentTarget) }, 'Export'));
  }

  focus() {
    this.box.focus();
    this.box.select();
  }

  /** Shows what the address says. */
  show(state) {
    this.state = state;
    if (state.q !== this.shownQuery) this.box.value = state.q;
    this.shownQuery = state.q;
    this.range.value = state.from ? 'between' : state.range;
    this.times.hidden = !state.from;
    [this.from.value, this.to.value] = [local(state.from), local(state.to)];
    this.order.textContent = state.order === 'newest' ? 'Newest first' : 'Newest last';
    this.live.setAttribute('aria-pressed', Boolean(state.live));
    this.patterns.setAttribute('aria-pressed', Boolean(state.patterns));
  }

  choose() {
    if (this.range.value !== 'between') {
      change({ range: this.range.value, from: '', to: '' });
      return;
    }
    const span = RANGES.find(([name]) => name === this.state.range)?.[2] ?? 86_400_000;
    change({ from: new Date(Date.now() - span).toISOString(), to: new Date().toISOString(), live: '' });
  }

  between() {
    const iso = (input) => (input.value ? new Date(input.value).toISOString() : '');
    change({ from: iso(this.from), to: iso(this.to) });
  }

  wider() {
    const from = Date.parse(this.state.from);
    const to = Date.parse(this.state.to) || Date.now();
    const span = Math.max(to - from, 2);
    change({ from: new Date(from - span).toISOString(), to: new Date(to + span).toISOString() });
  }
}

/** A moment as the browser's field takes it: in local time. */
function local(iso) {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return '';
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 23);
}
