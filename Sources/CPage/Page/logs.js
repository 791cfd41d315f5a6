// The view of logs: a box, a histogram, fields, the list, and the record that is open.

import { Detail } from './detail.js';
import { copy, h, say } from './dom.js';
import { choices } from './export.js';
import { Facets } from './facets.js';
import { Histogram } from './histogram.js';
import { columnsFor, decorate } from './columns.js';
import { List } from './list.js';
import { Live } from './live.js';
import { openMenu } from './menu.js';
import { patternTerm, Patterns } from './patterns.js';
import { excludingTerm, including, isTraceID, split, term } from './query.js';
import { key, value } from './records.js';
import { Search } from './search.js';
import { SearchBar } from './searchbar.js';
import { firstRecord, noStore } from './start.js';
import { change, current } from './state.js';
import { count, seconds, showLine } from './text.js';
import { nanos, rangeOf } from './time.js';
import * as api from './api.js';

export class LogsView {
  constructor() {
    this.bar = new SearchBar({
      onQuery: (text) => this.ask(text),
      onExport: (button) => this.openExport(button),
    });
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.banner = h('div', { class: 'banner', hidden: true });
    this.histogram = new Histogram({
      onZoom: (from, to) => this.zoom(from, to),
      onSeverity: (at, name) => this.openValue(at, 'severity', name),
    });
    this.facets = new Facets({
      onValue: (at, field, text) => this.openValue(at, field, text), onColumn: (field) => this.toggleColumn(field),
      names: () => api.fieldNames(this.search.parameters), values: (field) =>
        api.fieldValues({ ...this.search.parameters, field, limit: 50 }),
    });
    this.list = new List({
      name: 'record', label: 'Records', decorate,
      onOpen: (record) => this.open(record), onNearOldest: () => this.search.more(),
      onSelect: (record) => { if (this.detail.isOpen) this.open(record); },
      onValue: (cell, record) => this.openValue(cell, cell.dataset.field, value(record, cell.dataset.field)),
      onScroll: () => this.live.scrolled(),
    });
    this.detail = new Detail({
      onTerm: (field, text, without) => this.addTerm(field, text, without),
      onColumn: (field) => this.toggleColumn(field),
      onContext: (record) => this.goToContext(record),
      onTrace: (trace) => change({ trace, around: '', record: '', live: '' }), onClose: () => this.closeDetail(),
    });
    this.pill = h('button', { type: 'button', class: 'pill', hidden: true, onclick: () => this.live.resume() });
    this.note = h('div', { class: 'note', hidden: true });
    this.patterns = new Patterns({ onPattern: (at, pattern) => this.openPattern(at, pattern) });
    this.search = new Search(this);
    this.live = new Live(this);
    this.element = h('div', { class: 'logs' }, this.bar.element, this.problem, this.banner, this.histogram.element,
      h('div', { class: 'body' }, this.facets.element,
        h('div', { class: 'records' }, this.pill, this.note, this.list.element, this.patterns.element),
        this.detail.element));
  }

  /** Shows what the address says. */
  update() {
    const state = current();
    const before = this.state;
    this.state = state;
    const isOther = (...names) => !before || names.some((name) => before[name] !== state[name]);
    this.bar.show(state);
    const isPlain = !state.trace && !state.around;
    this.histogram.element.hidden = this.facets.element.hidden = !isPlain;
    if (isOther('columns', 'range', 'from', 'trace', 'around')) {
      this.list.setColumns(columnsFor(state, (field) => this.toggleColumn(field)));
    }
    const isFolded = isPlain && Boolean(state.patterns);
    this.patterns.element.hidden = !isFolded;
    this.list.element.hidden = isFolded;
    if (isOther('q', 'range', 'from', 'to', 'trace', 'around', 'patterns')) {
      this.load();
    } else if (isOther('order')) {
      this.list.setRows(this.list.rows, { isReversed: this.isReversed });
    }
    if (isOther('q', 'live', 'trace', 'around')) this.live.use(isPlain && state.live ? state.q || '*' : null);
    if (!state.record && this.detail.isOpen) this.detail.close();
  }

  /** Traces and contexts are read from the top, as they happened. */
  get isReversed() { return this.state.order === 'oldest' || Boolean(this.state.trace || this.state.around); }

  /** Asks for everything anew. */
  load() {
    this.fail(null);
    this.note.hidden = true;
    this.search.begin(this.state);
  }

  stop() {
    this.search.stop();
    this.live.use(null);
  }

  // What the search has found.

  /** Shows records; `isMore`: older ones were added. */
  showRecords(rows, { isMore = false } = {}) {
    this.list.setRows(rows, { isReversed: this.isReversed, isKept: isMore });
    if (!isMore) this.openNamed();
  }

  /** Opens the record that the address names. */
  openNamed() {
    const { record } = this.state;
    if (!record) return;
    const index = this.list.find((each) => key(each) === record);
    if (index < 0) return;
    this.list.select(index, true);
    this.open(this.list.at(index));
  }

  /** Shows the records of a trace, and how long it took. */
  showTrace(rows, trace) {
    const services = new Set(rows.map((each) => each.fields['service.name'] ?? ''));
    const span = rows.length ? Number(nanos(rows[0].stamp) - nanos(rows[rows.length - 1].stamp)) / 1e9 : 0;
    const id = h('code', {});
    showLine(id, trace, 64);
    this.tell(h('span', {}, 'Trace ', id,
      `: ${count(rows.length)} records of ${services.size} services in ${seconds(span)}`));
    this.showRecords(rows);
    if (!this.state.record) this.list.element.scrollTop = 0;
    if (!rows.length) this.explain('No record has this trace id.');
  }

  /** Shows what one source wrote around a record. */
  showContext(rows, named, more) {
    this.tell(h('span', {}, 'What the same source wrote before and after'),
      h('button', { type: 'button', onclick: more }, 'More'));
    this.list.setRows(rows, { isReversed: true });
    const index = this.list.find((each) => key(each) === named);
    if (index >= 0) this.list.select(index, true);
    if (!rows.length) this.explain('The record is not stored any more.');
  }

  /** Says above the list what it is a list of; nothing for plain records. */
  tell(...children) {
    this.banner.hidden = children.length === 0;
    this.banner.replaceChildren(...children, h('span', { class: 'grow' }),
      h('button', { type: 'button', title: 'Esc', onclick: () => this.leave() }, 'Back to the search'));
  }

  /** Says in place of records why there are none. */
  explain(...children) {
    this.note.hidden = false;
    this.note.replaceChildren(...children);
    say(this.note.textContent.slice(0, 200));
  }

  /** Nothing was found: what else there is to do. */
  async explainNone(hasAny) {
    if (!hasAny) {
      const pipelines = await api.pipelines().catch(() => null);
      const addresses = pipelines?.receivers?.flatMap((each) => each.addresses) ?? [];
      const http = addresses.find((each) => each.endsWith(':4318')) ?? addresses.at(-1) ?? 'localhost:4318';
      this.explain(firstRecord(http.replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')));
      return;
    }
    const all = h('button', { type: 'button', onclick: () => change({ range: 'all', from: '', to: '' }) },
      'Search all that is stored');
    const isWhole = rangeOf(this.state).from === null;
    this.explain(h('p', {}, 'No record is what you ask for.'), isWhole ? '' : all);
  }

  /** Says why an answer has not all that was asked for; null if it has. */
  warn(reason) {
    if (reason) this.fail(new Error(`This is not all: ${reason}.`));
  }

  /** Says what went wrong; null for nothing. */
  fail(error) {
    if (error?.name === 'AbortError') return;
    if (error?.status === 404) {
      this.list.setRows([]);
      this.explain(noStore());
      return;
    }
    this.problem.hidden = !error;
    this.problem.textContent = error?.message ?? '';
  }

  // What the user asks for.

  /** Searches for what is in the box; for the same again if that is there already. */
  ask(text) {
    const trace = isTraceID(text) ? text.trim().toLowerCase() : '';
    const q = trace ? '' : text.trim();
    this.list.element.focus();
    if (q === this.state.q && trace === this.state.trace && !this.state.around) this.load();
    else change({ q, trace, around: '', record: '' });
  }

  zoom(from, to) {
    change({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), live: '' });
  }

  addTerm(field, text, without) {
    change({ q: including(this.state.q, term(field, text), without), trace: '', around: '' });
  }

  toggleColumn(field) {
    const columns = this.state.columns.split(',').filter((each) => each);
    const others = columns.filter((each) => each !== field);
    change({ columns: (others.length < columns.length ? others : [...columns, field]).join(',') });
  }

  openValue(at, field, text) {
    const wanted = term(field, text);
    const has = split(this.state.q)?.includes(wanted);
    const title = h('span', {});
    showLine(title, `${field}: ${text}`, 60);
    openMenu(at, [
      has ? ['Do not ask for it', () => change({ q: excludingTerm(this.state.q, wanted) })]
        : ['Include', () => this.addTerm(field, text, false)],
      ['Exclude', () => this.addTerm(field, text, true)],
      ['Only this', () => change({ q: wanted, trace: '', around: '' })],
      ...(field === 'severity' ? [['This and worse', () => change({
        q: including(this.state.q.replace(/(^|\s)-?severity[:>=<]+\S+/g, ' '), `severity>=${text}`),
      })]] : field === 'service.name' ? [] : [['Add or remove the column', () => this.toggleColumn(field)]]),
      ['Copy', () => copy(text)],
    ], title.textContent);
  }

  openPattern(at, pattern) {
    const wanted = patternTerm(pattern);
    const include = (query, without) => change({ q: including(query, wanted, without), patterns: '' });
    openMenu(at, [
      ['Show its records', () => include(this.state.q, false)],
      ['Exclude', () => change({ q: including(this.state.q, wanted, true) })],
      ['Only this', () => include('', false)],
      ['Copy', () => copy(pattern)],
    ], 'Pattern');
  }

  openExport(button) {
    openMenu(button, choices(this.search.parameters, (error) => this.fail(error)), 'Take along');
  }

  open(record) {
    this.detail.show(record);
    this.state.record = key(record);
    change({ record: this.state.record }, true);
  }

  closeDetail() {
    this.detail.close();
    this.list.element.focus();
    this.state.record = '';
    change({ record: '' }, true);
  }

  goToContext(record) {
    if (record.fields._stream_id) change({ around: key(record), trace: '', record: '', live: '' });
  }

  leave() { change({ trace: '', around: '', record: '' }); }

  /** A key that no field has taken. */
  pressed(event) {
    const record = this.list.selected >= 0 ? this.list.at(this.list.selected) : null;
    const actions = {
      '/': () => this.bar.focus(),
      Escape: () => this.escape(event),
      l: () => change({ live: this.state.live ? '' : '1', patterns: '' }),
      p: () => change({ patterns: this.state.patterns ? '' : '1', live: '' }),
      o: () => change({ order: this.state.order === 'newest' ? 'oldest' : 'newest' }),
      g: () => this.list.goToNewest(),
      G: () => this.list.select(this.list.isReversed ? 0 : this.list.length - 1),
      c: () => record && this.goToContext(record),
      t: () => record?.fields.trace_id && change({ trace: record.fields.trace_id, around: '', record: '', live: '' }),
      y: () => record && copy(JSON.stringify(record.fields, null, 2)),
    };
    // Keys that buttons and fields know keep their meaning there.
    const isOnList = !event.target.closest('button, a, summary') || 'jk'.includes(event.key);
    if (event.key in actions) {
      event.preventDefault();
      actions[event.key]();
    } else if (event.key === 'Enter' && isOnList && record) {
      this.open(record);
    } else if (isOnList && this.list.moved(event.key)) {
      event.preventDefault();
      this.list.element.focus({ preventScroll: true });
    }
  }

  escape(event) {
    if (event.target.closest('input')) event.target.blur();
    else if (this.detail.isOpen) this.closeDetail();
    else if (this.state.trace || this.state.around) this.leave();
    else this.list.unselect();
  }
}
