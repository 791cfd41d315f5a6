// A list of which only what is seen exists: a hundred thousand rows cost no more than fifty.

import { h } from './dom.js';

const ROW_PIXELS = 24;
const BEYOND = 12;

/** A grid of records with one that is selected. `options`: label, columns, fill, onSelect, onOpen, onEnds, onScroll. */
export class List {
  constructor(options) {
    this.options = options;
    this.rows = [];
    this.isReversed = false;
    this.selected = -1;
    this.shown = new Map();
    this.spare = [];
    this.head = h('div', { class: 'row head', role: 'row' });
    this.space = h('div', { class: 'space', role: 'rowgroup' });
    this.element = h('div', {
      class: 'list', role: 'grid', tabindex: '0', 'aria-label': options.label, onscroll: () => this.scrolled(),
      onclick: (event) => this.clicked(event),
    }, this.head, this.space);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  get length() { return this.rows.length; }

  /** The record that stands at a place; rows are kept newest first, whichever way they are shown. */
  at(index) { return this.rows[this.isReversed ? this.rows.length - 1 - index : index]; }

  /** The place of a record; -1 if it is not there. */
  find(isMeant) {
    const index = this.rows.findIndex(isMeant);
    return index < 0 || !this.isReversed ? index : this.rows.length - 1 - index;
  }

  /** Names the columns: `[{ name, width, cell }]`. */
  setColumns(columns) {
    this.columns = columns;
    this.element.style.setProperty('--columns', columns.map((column) => column.width).join(' '));
    this.head.replaceChildren(...columns.map((column) =>
      h('div', { role: 'columnheader', class: 'cell' }, column.head ?? column.name)));
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
    this.spare = [];
    this.draw();
  }

  /** Shows other rows. `isKept`: what is seen stays where it is although rows are added before it. */
  setRows(rows, { isReversed = this.isReversed, isKept = false } = {}) {
    const element = this.element;
    const record = this.selected >= 0 ? this.at(this.selected) : null;
    const fromEnd = element.scrollHeight - element.scrollTop;
    const [isAtStart, before] = [element.scrollTop < ROW_PIXELS, this.rows.length];
    this.rows = rows;
    this.isReversed = isReversed;
    this.selected = record ? this.find((each) => each === record) : -1;
    this.space.style.height = `${rows.length * ROW_PIXELS}px`;
    element.setAttribute('aria-rowcount', rows.length + 1);
    if (isKept && isReversed && before > 0) element.scrollTop = element.scrollHeight - fromEnd;
    else if (!isKept) element.scrollTop = isReversed ? element.scrollHeight : 0;
    else if (isAtStart) element.scrollTop = 0;
    this.draw(true);
  }

  /** Whether the newest record is in sight. */
  get isAtNewest() {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return this.isReversed ? scrollTop + clientHeight > scrollHeight - ROW_PIXELS : scrollTop < ROW_PIXELS;
  }

  /** Goes to the newest record. */
  goToNewest() { this.element.scrollTop = this.isReversed ? this.element.scrollHeight : 0; }

  /** Selects the row at a place, as far as there is one, and brings it into sight. */
  select(index, isCentered = false) {
    if (this.rows.length === 0) return;
    this.selected = Math.max(0, Math.min(index, this.rows.length - 1));
    const [top, seen] = [this.selected * ROW_PIXELS, this.element.clientHeight - ROW_PIXELS];
    const now = this.element.scrollTop;
    if (isCentered) this.element.scrollTop = top - seen / 2;
    else if (top < now) this.element.scrollTop = top;
    else if (top + ROW_PIXELS > now + seen) this.element.scrollTop = top + ROW_PIXELS - seen;
    this.draw(true);
    this.options.onSelect?.(this.at(this.selected));
  }

  /** Selects nothing. */
  unselect() {
    this.selected = -1;
    this.draw(true);
  }

  /** Rows that fit. */
  get page() { return Math.max(1, Math.floor(this.element.clientHeight / ROW_PIXELS) - 2); }

  /** Moves the selection by a key; false if it is none of its own. */
  moved(key) {
    const from = this.selected;
    const first = Math.floor(this.element.scrollTop / ROW_PIXELS);
    const start = from < 0 ? first - 1 : from;
    const places = {
      j: start + 1, ArrowDown: start + 1, k: start - 1, ArrowUp: start - 1, PageDown: start + this.page,
      PageUp: start - this.page, Home: 0, End: this.rows.length - 1,
    };
    if (!(key in places)) return false;
    this.select(places[key]);
    return true;
  }

  clicked(event) {
    const row = event.target.closest('.row[data-index]');
    if (!row) return;
    const cell = event.target.closest('[data-field]');
    const record = this.at(Number(row.dataset.index));
    if (cell && cell.textContent) {
      this.options.onValue?.(cell, record);
      return;
    }
    if (String(getSelection())) return;
    this.select(Number(row.dataset.index));
    this.options.onOpen?.(record);
  }

  scrolled() {
    if (this.isAwaited) return;
    this.isAwaited = true;
    requestAnimationFrame(() => {
      this.isAwaited = false;
      this.draw();
      this.options.onScroll?.();
    });
  }

  /** Fills what is in sight; `isAnew` also what was there already. */
  draw(isAnew = false) {
    if (!this.columns) return;
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / ROW_PIXELS) - BEYOND);
    const last = Math.min(this.rows.length, Math.ceil((top + this.element.clientHeight) / ROW_PIXELS) + BEYOND);
    for (const [index, row] of this.shown) {
      if (index >= first && index < last) continue;
      this.shown.delete(index);
      this.spare.push(row);
    }
    for (let index = first; index < last; index += 1) {
      const there = this.shown.get(index);
      if (there && !isAnew) continue;
      const row = there ?? this.spare.pop() ?? this.newRow();
      this.shown.set(index, row);
      this.fill(row, index);
    }
    for (const row of this.spare) row.hidden = true;
    const active = this.selected >= first && this.selected < last ? this.rowID(this.selected) : null;
    if (active) this.element.setAttribute('aria-activedescendant', active);
    else this.element.removeAttribute('aria-activedescendant');
    this.tellEnds(first, last);
  }

  tellEnds(first, last) {
    const isNearOldest = this.isReversed ? first < 100 : last > this.rows.length - 100;
    if (isNearOldest && this.rows.length) this.options.onNearOldest?.();
  }

  rowID(index) { return `${this.options.name}-${index}`; }

  newRow() {
    const row = h('div', { class: 'row', role: 'row' });
    row.append(...this.columns.map((column) => h('div', {
      class: `cell ${column.class ?? ''}`, role: 'gridcell', data: column.field ? { field: column.field } : {},
    })));
    this.space.append(row);
    return row;
  }

  fill(row, index) {
    const record = this.at(index);
    row.hidden = false;
    row.id = this.rowID(index);
    row.dataset.index = index;
    row.style.transform = `translateY(${index * ROW_PIXELS}px)`;
    row.setAttribute('aria-rowindex', index + 2);
    row.setAttribute('aria-selected', index === this.selected);
    this.options.decorate(row, record);
    this.columns.forEach((column, place) => column.cell(row.children[place], record));
  }
}
