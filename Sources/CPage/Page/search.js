// What is asked for what the address says: records, bars and fields at once, then more records as they are wanted.

import * as api from './api.js';
import { say } from './dom.js';
import { newestFirst } from './records.js';
import { count } from './text.js';
import { apiTime, justAfter, rangeOf, stepFor } from './time.js';

const FIRST_PAGE = 1000;
const NEXT_PAGE = 5000;
/** Records that are kept at most. */
const MOST = 200_000;
const BARS = 100;
const FIRST_MILLISECONDS = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What is wrong, unless it is the query or the lack of a store, of which the view speaks by itself. */
const unsaid = (error) => ([400, 404].includes(error.status) ? '' : error.message);

/** Asks, and has the view show what comes. A new question ends the one before. */
export class Search {
  constructor(view) {
    this.view = view;
    this.parameters = { query: '*' };
  }

  stop() { this.abort?.abort(); }

  /** Begins anew. */
  begin(state) {
    this.stop();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.isComplete = true;
    this.range = rangeOf(state);
    this.isFolded = Boolean(state.patterns);
    this.span = null;
    this.parameters = {
      query: state.q.trim() || '*', start: apiTime(this.range.from), end: apiTime(this.range.to),
    };
    this.view.tell();
    this.view.element.setAttribute('aria-busy', 'true');
    const asked = state.trace ? this.trace(state.trace, signal)
      : state.around ? this.context(state.around, 50, signal) : this.records(signal);
    asked.catch((error) => this.failed(error, signal)).finally(() => {
      if (this.abort?.signal === signal) this.view.element.removeAttribute('aria-busy');
    });
  }

  failed(error, signal) {
    if (signal.aborted) return;
    this.view.list.setRows([]);
    this.view.fail(error);
  }

  async records(signal) {
    const rest = [this.bars(signal), this.fields(signal)];
    const rows = newestFirst(await api.records({ ...this.parameters, limit: FIRST_PAGE }, signal));
    this.view.warn(rows.incomplete);
    this.isComplete = rows.length < FIRST_PAGE;
    this.view.showRecords(rows);
    if (this.isFolded) rest.push(this.shapes(signal));
    say(`${count(rows.length)}${this.isComplete ? '' : ' or more'} records`);
    if (!rows.length) {
      const hasAny = await this.hasAny(signal);
      await this.view.explainNone(hasAny);
      if (!hasAny) this.waitForFirst(signal);
    }
    await Promise.all(rest);
  }

  /** Begins anew once there is a record; until then the page says how to send one. */
  async waitForFirst(signal) {
    while (!signal.aborted) {
      await new Promise((done) => setTimeout(done, FIRST_MILLISECONDS));
      const isThere = !document.hidden && await this.hasAny(signal).catch(() => false);
      if (isThere && !signal.aborted) {
        this.view.load();
        return;
      }
    }
  }

  /** Whether anything is stored. */
  async hasAny(signal) {
    return (await api.records({ query: '*', limit: 1 }, signal)).length > 0;
  }

  /** Asks for older records than those that are there. */
  async more() {
    if (this.isComplete || this.isAsking || this.view.live.isOn) return;
    const { signal } = this.abort;
    const rows = this.view.list.rows;
    const last = rows[rows.length - 1];
    // Of the last moment some may be missing: it is asked for again, without those that are there.
    let same = 0;
    while (same < rows.length && rows[rows.length - 1 - same].stamp === last.stamp) same += 1;
    this.isAsking = true;
    try {
      const older = newestFirst(await api.records(
        { ...this.parameters, end: justAfter(last.stamp), offset: same, limit: NEXT_PAGE }, signal));
      this.isComplete = older.length < NEXT_PAGE || rows.length + older.length >= MOST;
      this.view.showRecords(rows.concat(older), { isMore: true });
    } catch (error) {
      this.isComplete = true;
      this.view.fail(error);
    } finally {
      this.isAsking = false;
    }
  }

  /** The histogram. */
  async bars(signal) {
    try {
      let { from, to } = this.range;
      to ??= Date.now();
      const ask = (start, end, step) => api.hits({
        ...this.parameters, start: apiTime(start), end: apiTime(end), step: `${step}ms`, field: 'severity',
      }, signal);
      // Where the range is open, days with records are looked for, then hours of these, and so on.
      for (let step = DAY; from === null || (this.range.from === null && step > 1); step = stepFor(to - from, BARS)) {
        const times = (await ask(from, to, step)).flatMap((each) => each.timestamps.map(Date.parse));
        const before = from === null ? Infinity : to - from;
        [from, to] = times.length ? [Math.min(...times), Math.max(...times) + step] : [to - HOUR, to];
        if (to - from > before / 2) break;
      }
      const step = stepFor(to - from, BARS);
      this.view.histogram.show(await ask(from, to, step), from, to, step);
    } catch (error) {
      if (!signal.aborted) this.view.histogram.fail(unsaid(error));
    }
  }

  /** The histogram once more, up to now. */
  refreshBars() {
    if (this.range.to === null && this.range.from !== null) {
      const now = Date.now();
      this.range = { from: now - (this.span ??= now - this.range.from), to: null };
    }
    this.bars(this.abort.signal);
  }

  async fields(signal) {
    try {
      this.view.facets.show(await api.facets({ ...this.parameters, limit: 20, keep_const_fields: 1 }, signal));
    } catch (error) {
      if (!signal.aborted) this.view.facets.fail(unsaid(error));
    }
  }

  /** The records folded by their messages. */
  async shapes(signal) {
    try {
      this.view.warn(await this.view.patterns.load(this.parameters, signal));
    } catch (error) {
      if (!signal.aborted) this.view.fail(error);
    }
  }

  /** All records of a trace, whenever they were. */
  async trace(id, signal) {
    const rows = newestFirst(await api.records({ query: `trace_id:${id}`, limit: 5000 }, signal));
    this.view.warn(rows.incomplete);
    const start = rows[rows.length - 1]?.stamp;
    for (const row of rows) row.traceStart = start;
    this.parameters = { query: `trace_id:${id}` };
    this.view.showTrace(rows, id);
  }

  /** What the stream of a record wrote around it. */
  async context(named, size, signal) {
    const at = named.lastIndexOf('@');
    const stream = { _stream_id: named.slice(at + 1), _time: named.slice(0, at) };
    const rows = newestFirst(await api.context({ ...stream, before: size, after: size }, signal));
    this.parameters = { query: `_stream_id:${stream._stream_id}` };
    this.view.showContext(rows, named, () => this.context(named, size * 4, signal).catch((error) =>
      this.view.fail(error)));
  }
}
