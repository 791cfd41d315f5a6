// The view of taps: records as they pass a stage of a pipeline, or as a processor finds and leaves them.

import { get, streamed } from './admin.js';
import { columnsFor, decorate } from './columns.js';
import { Detail } from './detail.js';
import { h, say } from './dom.js';
import { List } from './list.js';
import { made, message, service } from './records.js';
import { change, current } from './state.js';
import { count, nodes, showLine, showWhole } from './text.js';
import { clock } from './time.js';

/** Records, and pairs of sides, that are kept at most; older ones leave. */
const MOST = 5000;
const MOST_PAIRS = 200;
const EVERY_MILLISECONDS = 100;

export class TapView {
  constructor() {
    this.stage = h('select', { 'aria-label': 'Stage', onchange: () => this.choose() });
    this.where = h('input', {
      class: 'box', type: 'text', 'aria-label': 'Condition', spellcheck: 'false', autocomplete: 'off',
      placeholder: 'A condition, as in log.severity_number >= 17 or resource.attributes["service.name"] == "shop"',
    });
    this.button = h('button', { class: 'primary' }, 'Start');
    this.form = h('form', {
      class: 'searchbar', onsubmit: (event) => {
        event.preventDefault();
        if (this.abort) this.end('Stopped.');
        else this.begin();
      },
    }, this.stage, this.where, this.button,
    h('button', { type: 'button', onclick: () => this.clear() }, 'Clear'));
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.state = h('span', {});
    this.skips = h('span', { class: 'bad' });
    this.list = new List({
      name: 'tapped', label: 'Records that pass', decorate,
      onOpen: (record) => this.detail.show(record),
      onSelect: (record) => { if (this.detail.isOpen) this.detail.show(record); },
    });
    this.detail = new Detail({ onClose: () => this.close() });
    this.pill = h('button', { type: 'button', class: 'pill', hidden: true, onclick: () => this.resume() });
    this.pairs = h('div', { class: 'pairs', hidden: true, tabindex: '0', 'aria-label': 'Records before and after' });
    this.element = h('div', { class: 'logs tap' }, this.form, this.problem,
      h('div', { class: 'banner', role: 'status' }, this.state, this.skips),
      h('div', { class: 'body' }, h('div', { class: 'records' }, this.pill, this.list.element, this.pairs),
        this.detail.element));
    this.list.setColumns(columnsFor({ columns: '', range: '5m' }));
    this.clear();
    this.tell('Nothing is looked at. What passes is shown from the start on, and kept by this page alone.');
    this.ready = this.load();
  }

  /** Shows what the address says. */
  async update() {
    const { pipeline, stage, where } = current();
    this.where.value = where;
    await this.ready;
    const wanted = JSON.stringify([pipeline, stage]);
    if (this.stage.value === wanted || !pipeline) return;
    if (this.abort) this.end('Stopped.');
    if ([...this.stage.options].some((each) => each.value === wanted)) this.stage.value = wanted;
  }

  stop() {
    this.abort?.abort();
    clearInterval(this.timer);
  }

  /** Asks what stages there are. */
  async load() {
    try {
      const { pipelines } = await get('tap/stages');
      this.stage.replaceChildren(...pipelines.map(({ pipeline, stages }) => h('optgroup', { label: pipeline },
        ...stages.map(({ stage, shown }) => h('option', { value: JSON.stringify([pipeline, stage]) },
          `${pipeline}: ${named(stage)}${shown ? '' : ' (not yet redacted)'}`)))));
    } catch (error) {
      this.fail(error);
    }
  }

  choose() {
    const [pipeline, stage] = JSON.parse(this.stage.value);
    if (this.abort) this.end('Stopped.');
    change({ pipeline, stage, where: this.where.value });
  }

  async begin() {
    if (!this.stage.value) return;
    const [pipeline, stage] = JSON.parse(this.stage.value);
    const where = this.where.value.trim();
    change({ pipeline, stage, where }, true);
    this.fail(null);
    this.clear();
    this.isAround = stage.startsWith('around:');
    this.pairs.hidden = !this.isAround;
    this.list.element.hidden = this.isAround;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.button.textContent = 'Stop';
    this.tell('Waits for records …');
    this.timer = setInterval(() => this.flush(), EVERY_MILLISECONDS);
    let end = 'The gateway has ended it.';
    try {
      for await (const lines of streamed('tap', { pipeline, stage, where }, signal)) {
        for (const line of lines) end = this.take(line) ?? end;
      }
      this.flush();
      this.end(end);
    } catch (error) {
      if (signal.aborted) return;
      this.fail(error);
      this.end('');
    }
  }

  /** Takes a line; gives why it has ended, of the line that says so. */
  take(line) {
    if (line.ended !== undefined) return `Ended: ${line.ended}.`;
    if (line.skipped !== undefined) {
      this.isSkipping = true;
      this.skipped += line.skipped ?? 0;
      this.because = line.because;
    } else if (line.before !== undefined) {
      this.before = line.before;
    } else {
      this.shown += 1;
      this.waiting.push(line.record === undefined ? [made(this.before), line.after && made(line.after)]
        : made(line.record));
      const most = this.isAround ? MOST_PAIRS : MOST;
      if (this.waiting.length > 2 * most) this.waiting = this.waiting.slice(-most);
    }
    return undefined;
  }

  /** Whether the user looks at something that must not move. */
  get isPaused() {
    if (this.isAround) return this.pairs.scrollTop > 24 || this.pairs.contains(getSelection().anchorNode);
    return this.list.length > 0 && (!this.list.isAtNewest || this.detail.isOpen);
  }

  flush() {
    const isPaused = this.waiting.length > 0 && this.isPaused;
    this.pill.hidden = !isPaused;
    this.pill.textContent = `${count(this.waiting.length)} new – resume`;
    if (this.abort && this.shown > 0) this.tell(`Shown: ${count(this.shown)}.`);
    const skipped = this.skipped ? count(this.skipped) : 'some';
    this.skips.textContent = this.isSkipping ? `Passed over: ${skipped}, as ${this.because}.` : '';
    if (isPaused || !this.waiting.length) return;
    const fresh = this.waiting.reverse();
    this.waiting = [];
    if (this.isAround) {
      this.pairs.prepend(...fresh.slice(0, MOST_PAIRS).map(([before, after]) => pair(before, after)));
      while (this.pairs.childElementCount > MOST_PAIRS) this.pairs.lastElementChild.remove();
    } else {
      this.list.setRows(fresh.concat(this.list.rows).slice(0, MOST));
    }
  }

  /** Shows what has come meanwhile. */
  resume() {
    getSelection().removeAllRanges();
    this.detail.close();
    this.list.goToNewest();
    this.pairs.scrollTop = 0;
    this.flush();
  }

  clear() {
    this.waiting = [];
    this.shown = 0;
    this.skipped = 0;
    this.isSkipping = false;
    this.list.setRows([]);
    this.pairs.replaceChildren();
    this.detail.close();
    this.pill.hidden = true;
    this.skips.textContent = '';
  }

  end(text) {
    this.stop();
    this.abort = null;
    this.button.textContent = 'Start';
    this.tell(`${text} Shown: ${count(this.shown)}.`);
    say(text);
  }

  tell(text) { this.state.textContent = text; }

  fail(error) {
    this.problem.hidden = !error;
    this.problem.textContent = error?.message ?? '';
  }

  close() {
    this.detail.close();
    this.list.element.focus();
  }

  /** A key that no field has taken. */
  pressed(event) {
    if (event.key === '/') this.where.focus();
    else if (event.key === 'Escape' && event.target.closest('input')) event.target.blur();
    else if (event.key === 'Escape' && this.detail.isOpen) this.close();
    else if (event.key === 'Enter' && this.list.selected >= 0 && !event.target.closest('button, a')) {
      this.detail.show(this.list.at(this.list.selected));
    } else if (event.target.closest('button, a') || this.isAround || !this.list.moved(event.key)) return;
    event.preventDefault();
  }
}

/** A stage in words. */
function named(stage) {
  const [kind, id] = [stage.split(':', 1)[0], stage.slice(stage.indexOf(':') + 1)];
  return { after: `after ${id}`, around: `before and after ${id}`, to: `to ${id}` }[kind] ?? stage;
}

/** A record as a processor found it and as it left it, with what is not the same. */
function pair(before, after) {
  const names = Object.keys({ ...before.fields, ...after?.fields }).filter((name) => !name.startsWith('_stream'));
  const changed = after ? names.filter((name) => before.fields[name] !== after.fields[name]) : [];
  const verdict = !after ? 'removed' : changed.length ? `changed: ${changed.length}` : 'left as it was';
  const text = h('span', { class: 'text' });
  showLine(text, message(before));
  const from = h('strong', {});
  showLine(from, service(before), 100);
  return h('section', { class: `pair of-${before.severity}`, 'aria-label': `Record, ${verdict}` },
    h('div', { class: 'bar' }, h('span', { class: 'dim' }, clock(before.stamp)),
      h('span', { class: `badge of-${before.severity}` }, before.severity), from,
      h('span', { class: `badge verdict ${after ? '' : 'gone'}` }, verdict), !changed.includes('_msg') && text),
    changed.length > 0 && h('table', { class: 'plain' },
      h('thead', {}, h('tr', {}, ...['Field', 'Before', 'After'].map((each) => h('th', { scope: 'col' }, each)))),
      h('tbody', {}, ...changed.sort().map((name) => h('tr', {},
        h('th', { scope: 'row' }, ...nodes(name === '_msg' ? 'body' : name)),
        side(before.fields[name]), side(after.fields[name]))))));
}

function side(value) {
  const cell = h('td', { class: 'value' });
  if (value === undefined) cell.append(h('span', { class: 'dim' }, 'not there'));
  else showWhole(cell, value, 4000);
  return cell;
}
