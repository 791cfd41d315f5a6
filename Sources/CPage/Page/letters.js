// The view of dead letters: what destinations rejected, why, and what becomes of it.

import { get, post } from './admin.js';
import { h, say } from './dom.js';
import { bytes, count, nodes, seconds, showWhole } from './text.js';
import { label } from './time.js';

const PAGE = 100;
/** Letters that are named one by one at most. */
const MOST_NAMED = 500;
const EVERY_MILLISECONDS = 500;

export class LettersView {
  constructor() {
    this.abort = new AbortController();
    this.chosen = new Map();
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.file = h('select', { 'aria-label': 'File', onchange: () => this.doing(() => this.openFile()) });
    this.groups = h('div', {});
    this.reason = h('input', { type: 'search', 'aria-label': 'Reason contains', placeholder: 'Reason contains …' });
    this.before = h('input', { type: 'datetime-local', 'aria-label': 'Rejected before', step: '1' });
    this.again = h('button', { type: 'button', class: 'primary', onclick: () => this.doing(() => this.replay()) });
    this.remove = h('button', { type: 'button', onclick: () => this.doing(() => this.purge()) });
    this.filters = h('form', { class: 'bar', role: 'search', onsubmit: (event) => {
      event.preventDefault();
      this.doing(() => this.search());
    } }, this.reason, h('label', {}, 'Before ', this.before), h('button', {}, 'Search'), h('span', { class: 'grow' }),
    this.again, this.remove);
    this.job = h('div', { class: 'job' });
    this.list = h('div', {});
    this.element = h('div', { class: 'panel letters' }, h('h1', {}, 'Dead letters'),
      h('p', { class: 'dim' }, 'Records that a destination rejected for good, with the reason.'),
      h('div', { class: 'bar' }, this.file, h('button', {
        type: 'button', onclick: () => this.doing(() => this.load()),
      }, 'Refresh')), this.problem, this.job, this.groups, this.filters, this.list);
    this.filter = {};
    this.doing(() => this.load());
    this.follow();
  }

  update() {}

  stop() { this.abort.abort(); }

  async doing(action) {
    this.element.setAttribute('aria-busy', 'true');
    try {
      this.problem.hidden = true;
      await action();
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.problem.hidden = false;
      this.problem.textContent = error.message;
    } finally {
      this.element.removeAttribute('aria-busy');
    }
  }

  async load() {
    const { files } = await get('dead_letters', {}, this.abort.signal);
    this.files = files.filter((each) => each.bytes !== null);
    const before = this.file.value;
    this.file.replaceChildren(...this.files.map(({ file, bytes: size, backup }) => h('option', {
      value: file, selected: file === before,
    }, `${file}, ${bytes(size)}${backup ? ', set aside' : ''}`)));
    const isEmpty = !this.files.length;
    for (const each of [this.file, this.filters]) each.hidden = isEmpty;
    if (!isEmpty) return this.openFile();
    const isKept = files.length > 0;
    this.groups.replaceChildren(h('p', {}, isKept ? 'No letter has been written.' : 'No exporter keeps dead letters: ',
      isKept ? '' : h('code', {}, 'dead_letter: {path: letters.ndjson}'), isKept ? '' : ' of an exporter has them kept.'));
    this.list.replaceChildren();
    return undefined;
  }

  /** What the chosen file holds, counted by exporter and kind of reason. */
  async openFile() {
    this.filter = {};
    const { groups, unreadable_lines: unreadable } = await get(
      'dead_letters', { file: this.file.value }, this.abort.signal);
    this.known = groups;
    const pick = (group) => this.doing(() => {
      const isSame = this.filter.kind === group?.kind && this.filter.exporter === group?.exporter;
      this.filter = group && !isSame ? { exporter: group.exporter, kind: group.kind } : {};
      return this.search();
    });
    this.buttons = groups.map((group) => h('button', {
      type: 'button', class: 'small', 'aria-pressed': 'false', onclick: () => pick(group),
    }, ...nodes(group.kind)));
    this.groups.replaceChildren(
      groups.length ? table(['Reason', 'Exporter', 'Letters', 'Records', 'Oldest', 'Newest'],
        groups.map((each, index) => h('tr', {}, h('th', { scope: 'row' }, this.buttons[index]),
          h('td', {}, ...nodes(each.exporter)), h('td', { class: 'number' }, count(each.letters)),
          h('td', { class: 'number' }, count(each.records)), h('td', {}, when(each.first)),
          h('td', {}, when(each.last)))), 'Kinds of reasons') : h('p', {}, 'The file holds no letters.'),
      unreadable ? h('p', { class: 'bad' }, `${count(unreadable)} lines are no dead letters.`) : '');
    await this.search();
  }

  get parameters() {
    const time = this.before.value ? `${new Date(this.before.value).toISOString().slice(0, 19)}Z` : '';
    return { file: this.file.value, ...this.filter, reason: this.reason.value, before: time };
  }

  async search() {
    this.chosen.clear();
    this.known.forEach((group, index) => this.buttons[index].setAttribute('aria-pressed',
      String(group.kind === this.filter.kind && group.exporter === this.filter.exporter)));
    this.rows = h('tbody', {});
    this.more = h('button', { type: 'button', hidden: true, onclick: () => this.doing(() => this.fetchMore()) }, 'More');
    this.list.replaceChildren(table(['', 'Rejected', 'Exporter', 'Reason', 'Records', 'Size', 'Attempts', ''],
      this.rows, 'Letters'), this.more);
    this.next = 0;
    await this.fetchMore();
  }

  async fetchMore() {
    const { letters: found, next } = await get(
      'dead_letters/letters', { ...this.parameters, from: this.next, limit: PAGE }, this.abort.signal);
    this.rows.append(...found.map((letter) => this.row(letter)));
    this.next = next;
    this.more.hidden = next === null;
    say(`${this.rows.children.length}${next === null ? '' : ' or more'} letters`);
    if (!this.rows.children.length && next === null) {
      this.rows.append(h('tr', {}, h('td', { colspan: 8 }, 'No letter is what you ask for.')));
    }
    this.tellChoice();
  }

  row(letter) {
    const box = h('input', { type: 'checkbox', 'aria-label': `Choose the letter of ${letter.time}`, onchange: () => {
      if (box.checked) this.chosen.set(letter.place, letter);
      else this.chosen.delete(letter.place);
      this.tellChoice();
    } });
    const look = h('button', { type: 'button', class: 'small', 'aria-expanded': 'false' }, 'Look');
    const row = h('tr', {}, h('td', {}, box), h('td', { title: letter.time }, when(letter.time)),
      h('td', {}, ...nodes(letter.exporter)), h('td', {}, ...nodes(letter.kind)),
      h('td', { class: 'number' }, count(letter.records)), h('td', { class: 'number' }, bytes(letter.bytes)),
      h('td', { class: 'number' }, count(letter.attempts)), h('td', {}, look));
    let open = null;
    look.addEventListener('click', () => {
      look.setAttribute('aria-expanded', String(!open));
      if (open) open.remove();
      else row.after(open = this.detail(letter));
      if (!open.isConnected) open = null;
    });
    return row;
  }

  /** What is known of a letter; its content is asked for only when it is wanted. */
  detail(letter) {
    const content = h('div', {}, h('button', { type: 'button', onclick: () => this.doing(async () => {
      const shown = await post('dead_letters/letter', { file: this.file.value, place: letter.place },
        this.abort.signal);
      const [reason, text] = [h('pre', { class: 'message reason' }), h('pre', { class: 'message content' })];
      showWhole(reason, shown.reason);
      showWhole(text, shown.content);
      content.replaceChildren(h('h3', {}, 'Reason'), reason, h('h3', {}, 'Content'), text,
        shown.left_out ? h('p', {}, `${count(shown.left_out)} more bytes: sluice dead-letter show has them.`) : '');
    }) }, 'Show the reason and the content'), h('span', { class: 'dim' }, ' This is written to the log.'));
    const facts = [['Rejected', letter.time], ['First sent', letter.first_sent], ['Sent to', letter.path || '–'],
      ['Format', letter.format ?? '–']];
    return h('tr', { class: 'detail-row' }, h('td', { colspan: 8 }, h('dl', { class: 'facts' },
      ...facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, ...nodes(value))])), content));
  }

  tellChoice() {
    const number = this.chosen.size;
    const what = number ? letters(number) : this.isFiltered ? 'all of these' : 'all';
    this.again.textContent = `Send ${what} again`;
    this.remove.textContent = `Remove ${what}`;
    const exporter = this.exporter;
    const able = this.files.find((each) => each.file === this.file.value)?.exporters ?? [];
    const can = able.find((each) => each.id === exporter)?.can_replay;
    this.again.disabled = !can || number > MOST_NAMED;
    this.again.title = number > MOST_NAMED ? `${MOST_NAMED} at most` : exporter === null
      ? 'Choose letters of one exporter' : can ? '' : `${exporter} does not send over HTTP, or is gone: use sluice dead-letter replay`;
    this.remove.disabled = number > MOST_NAMED || !this.known.length;
  }

  get isFiltered() { return Boolean(this.filter.kind || this.reason.value || this.before.value); }

  /** The exporter of all that is meant; null if they are of several. */
  get exporter() {
    if (this.filter.exporter) return this.filter.exporter;
    const names = new Set((this.chosen.size ? [...this.chosen.values()] : this.known).map((each) => each.exporter));
    return names.size === 1 ? [...names][0] : null;
  }

  /** A form that says which letters are meant. */
  get form() {
    const form = new URLSearchParams(Object.entries(this.parameters).filter(([, value]) => value));
    for (const place of this.chosen.keys()) form.append('place', place);
    return form;
  }

  async replay() {
    const form = this.form;
    form.set('exporter', this.exporter);
    this.showJob(await post('dead_letters/replay', form, this.abort.signal));
  }

  async purge() {
    const number = this.chosen.size;
    const group = this.known.find((each) => each.kind === this.filter.kind && each.exporter === this.filter.exporter);
    const isAll = !number && !this.isFiltered;
    const what = number ? letters(number) : this.reason.value || this.before.value
      ? 'all letters that were found' : group ? letters(group.letters) : 'all letters of the file';
    if (!await confirmed(`Remove ${what}?`, 'Their records are lost for good.', 'Remove')) return;
    const form = this.form;
    if (isAll) form.set('all', '1');
    const { purged } = await post('dead_letters/purge', form, this.abort.signal);
    await this.load();
    this.job.replaceChildren(h('p', { class: 'good' }, `${letters(purged)} removed.`));
    say(`${letters(purged)} removed`);
  }

  /** Shows the replay that is under way, whoever began it. */
  async follow() {
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        const job = document.hidden ? null : await get('dead_letters/replay/progress', {}, signal);
        if (job && (job.state === 'running' || this.isRunning)) this.showJob(job);
      } catch { /* What is done is still done; the next look may tell. */ }
      await new Promise((done) => setTimeout(done, EVERY_MILLISECONDS));
    }
  }

  showJob(job) {
    const wasRunning = this.isRunning;
    this.isRunning = job.state === 'running';
    const said = `${count(job.delivered)} records delivered, ${count(job.duplicates)} of them already there; ` +
      `${count(job.refused)} refused again.`;
    const reasons = [['Refused', job.refusals], ['Not sent', job.kept], ['Failed attempts', job.failures]]
      .flatMap(([title, counts]) => Object.entries(counts).map(([text, number]) =>
        h('li', {}, `${title}: ${count(number)}: `, ...nodes(text))));
    const end = job.state === 'failed' ? `Failed: ${job.error}` : job.gave_up
      ? 'Given up: the destination does not take records; the rest stays.' : job.stopped ? 'Stopped; the rest stays.' : 'Done.';
    this.job.replaceChildren(
      h('p', { class: this.isRunning || job.state === 'done' ? 'good' : 'bad' },
        this.isRunning ? `Sending letters of ${job.exporter} again … ` : `${end} `, said),
      this.isRunning ? h('progress', { max: Math.max(job.file_bytes, 1), value: job.read_bytes, 'aria-label': 'Read' })
        : '',
      this.isRunning ? h('button', { type: 'button', onclick: () => this.doing(() =>
        post('dead_letters/replay/stop', {}, this.abort.signal)) }, 'Stop') : '',
      reasons.length ? h('ul', {}, ...reasons) : '');
    if (wasRunning && !this.isRunning) {
      say(`${end} ${said}`);
      this.doing(() => this.load());
    }
  }
}

function table(heads, rows, name) {
  const isNumber = (head) => ['Letters', 'Records', 'Size', 'Attempts'].includes(head);
  return h('table', { class: 'plain', 'aria-label': name }, h('thead', {}, h('tr', {}, ...heads.map((each) =>
    h('th', { scope: 'col', class: isNumber(each) ? 'number' : '' }, each)))), Array.isArray(rows) ? h('tbody', {}, ...rows) : rows);
}

const letters = (number) => `${count(number)} ${number === 1 ? 'letter' : 'letters'}`;

/** When something was, and how long ago. */
function when(time) {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : `${label(at)}, ${seconds(Math.max(Math.floor((Date.now() - at) / 1000), 0))} ago`;
}

/** Asks before something that cannot be undone. */
function confirmed(title, text, action) {
  return new Promise((done) => {
    const dialog = h('dialog', { class: 'keys confirm', 'aria-label': title }, h('h2', {}, title), h('p', {}, text),
      h('form', { method: 'dialog', class: 'bar' }, h('button', { value: '', autofocus: true }, 'Cancel'),
        h('button', { value: 'yes', class: 'danger' }, action)));
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
