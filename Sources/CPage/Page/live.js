// Records as they come: shown at once while the newest is in sight, else counted until they are wanted.

import * as api from './api.js';
import { say } from './dom.js';
import { key, newestFirst } from './records.js';
import { count } from './text.js';

/** Records that are kept at most; older ones leave. */
const MOST = 20_000;
const EVERY_MILLISECONDS = 100;
const BARS_EVERY = 5000;
const AGAIN_MILLISECONDS = 2000;

/** The tail of a query. */
export class Live {
  constructor(view) {
    this.view = view;
    this.waiting = [];
    this.skipped = 0;
  }

  get isOn() { return Boolean(this.abort); }

  /** Follows a query; null for none. */
  use(query) {
    this.abort?.abort();
    clearInterval(this.timer);
    clearInterval(this.bars);
    this.abort = null;
    this.waiting = [];
    this.skipped = 0;
    this.tell();
    if (query === null) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.isFirst = true;
    this.timer = setInterval(() => this.flush(), EVERY_MILLISECONDS);
    this.bars = setInterval(() => this.refresh(), BARS_EVERY);
    this.follow(query, signal);
  }

  async follow(query, signal) {
    while (!signal.aborted) {
      try {
        for await (const { records, skipped } of api.tail(query, signal)) this.take(records, skipped);
      } catch (error) {
        if (signal.aborted) return;
        this.view.fail(error);
        if (error.status >= 400 && error.status < 500) return;
      }
      await new Promise((done) => setTimeout(done, AGAIN_MILLISECONDS));
    }
  }

  take(records, skipped) {
    this.skipped += skipped;
    for (const record of records) this.waiting.push(record);
    if (this.waiting.length <= MOST) return;
    this.skipped += this.waiting.length - MOST;
    this.waiting = this.waiting.slice(-MOST);
  }

  /** Whether the user looks at something that must not move. */
  get isPaused() { return !this.view.list.isAtNewest || this.view.detail.isOpen; }

  flush() {
    if (!this.waiting.length || (this.isPaused && this.view.list.length > 0)) {
      this.tell();
      return;
    }
    const { list } = this.view;
    const known = this.isFirst ? new Set(list.rows.slice(0, 2000).map(same)) : null;
    const fresh = newestFirst(known ? this.waiting.filter((each) => !known.has(same(each))) : this.waiting);
    this.isFirst = false;
    this.waiting = [];
    this.view.note.hidden = true;
    list.setRows(fresh.concat(list.rows).slice(0, MOST));
    list.goToNewest();
    this.tell();
  }

  scrolled() {
    if (this.isOn && this.waiting.length && !this.isPaused) this.flush();
  }

  /** Shows what has come meanwhile. */
  resume() {
    this.view.closeDetail();
    this.view.list.goToNewest();
    this.flush();
  }

  refresh() {
    if (!document.hidden && !this.isPaused) this.view.search.refreshBars();
  }

  tell() {
    const { pill } = this.view;
    const isShown = this.isOn && this.waiting.length > 0 && this.isPaused;
    if (isShown && pill.hidden) say('Paused');
    pill.hidden = !isShown;
    pill.textContent = `${count(this.waiting.length)} new – resume`;
    this.view.bar.live.textContent = this.skipped ? `Live, ${count(this.skipped)} left out` : 'Live';
  }
}

const same = (record) => `${key(record)}\n${record.fields._msg}`;
