// The view of the configuration: what is in force, what is wrong with what the files say, and a reload.

import { get, post } from './admin.js';
import { copy, h, say } from './dom.js';
import { count, nodes } from './text.js';
import { label } from './time.js';

export class ConfigurationView {
  constructor() {
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.outcome = h('div', { class: 'outcome', 'aria-live': 'polite' });
    this.sources = h('p', { class: 'dim' });
    this.warnings = h('div', {});
    this.yaml = h('pre', { class: 'message yaml', tabindex: '0', 'aria-label': 'The configuration in force' });
    const button = (text, title, action, primary) => h('button', {
      type: 'button', title, class: primary ? 'primary' : '', onclick: () => this.doing(action),
    }, text);
    this.buttons = [
      button('Check the files', 'Read them and say what is wrong; nothing changes', () => this.check()),
      button('Reload', 'Read the files and put what they say in force', () => this.reload(), true),
    ];
    this.element = h('div', { class: 'panel' }, h('h1', {}, 'Configuration'), this.sources,
      h('div', { class: 'bar' }, ...this.buttons,
        h('button', { type: 'button', onclick: (event) => copy(this.text ?? '', event.currentTarget) }, 'Copy')),
      this.problem, this.outcome, this.warnings,
      h('h2', {}, 'In force'),
      h('p', { class: 'dim' }, 'Sources merged, defaults filled in, secrets left out.'), this.yaml);
    this.abort = new AbortController();
    this.doing(() => this.load());
  }

  update() {}

  stop() { this.abort.abort(); }

  /** Does one thing, and none beside it. */
  async doing(action) {
    for (const each of this.buttons) each.disabled = true;
    this.element.setAttribute('aria-busy', 'true');
    try {
      await action();
      this.problem.hidden = true;
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.problem.hidden = false;
      this.problem.textContent = error.message;
    } finally {
      for (const each of this.buttons) each.disabled = false;
      this.element.removeAttribute('aria-busy');
    }
  }

  async load() {
    const state = await get('configuration', {}, this.abort.signal);
    this.text = state.yaml;
    this.sources.replaceChildren('From ', ...state.sources.flatMap((each, index) =>
      [index ? ', ' : '', h('code', {}, ...nodes(each))]),
    `. ${count(state.reloads)} reloads since the start, ${count(state.failed_reloads)} refused.`);
    this.warnings.replaceChildren(...(state.refused ? [refused(state.refused)] : []),
      ...(state.warnings.length ? [h('h2', {}, 'Warnings'), problems(state.warnings)] : []));
    this.yaml.replaceChildren(...lines(state.yaml));
    return state;
  }

  async check() {
    const { yaml, problems: found } = await post('configuration/check', {}, this.abort.signal);
    const changes = yaml === null ? [] : difference(this.text, yaml);
    const said = yaml === null ? 'What the files say cannot be put in force.'
      : changes.length ? 'The files say something else than what is in force. A reload would change:'
        : 'The files say what is in force.';
    this.tell(said, yaml === null, found.length > 0 && problems(found), changes.length > 0 && h('pre',
      { class: 'message changes' }, ...changes.map(([sign, text]) =>
        h('span', { class: sign === '+' ? 'added' : 'removed' }, ...nodes(`${sign} ${text}\n`)))));
  }

  async reload() {
    const { problem } = await post('configuration/reload', {}, this.abort.signal);
    const state = await this.load();
    const isShown = problem === null || state.refused?.error === problem;
    this.tell(problem === null ? 'The configuration is in force.'
      : 'The new configuration is refused, the one before stays in force.', problem !== null,
    !isShown && h('pre', { class: 'message' }, ...nodes(problem)));
  }

  tell(text, isBad, ...more) {
    this.outcome.replaceChildren(h('p', { class: isBad ? 'bad' : 'good' }, text), ...more.filter((each) => each));
    say(text);
  }
}

function refused({ since, error }) {
  return h('section', { class: 'refused' }, h('h2', {}, `Refused since ${label(Date.parse(since))}`),
    h('pre', { class: 'message' }, ...nodes(error)));
}

function problems(list) {
  return h('table', { class: 'plain problems' },
    h('thead', {}, h('tr', {}, ...['', 'Where', 'Option', 'What'].map((each) => h('th', { scope: 'col' }, each)))),
    h('tbody', {}, ...list.map(({ severity, source, line, column, path, message }) => h('tr', {},
      h('td', { class: severity === 'error' ? 'bad' : '' }, severity),
      h('td', {}, h('code', {}, ...nodes(`${source}:${line}:${column}`))), h('td', {}, h('code', {}, ...nodes(path))),
      h('td', {}, ...nodes(message))))));
}

/** The lines of YAML, keys told from values. */
function lines(text) {
  return text.split('\n').map((line) => {
    const key = /^(\s*(?:- )?)([^\s#:][^:]*:)(.*)$/s.exec(line);
    if (!key) return h('span', {}, ...nodes(`${line}\n`));
    return h('span', {}, key[1], h('b', {}, ...nodes(key[2])), ...nodes(`${key[3]}\n`));
  });
}

/** The lines of two texts that the other has not, in their order: `[sign, line]`. */
export function difference(before, after) {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let [a, b] = [old.length, fresh.length];
  while (a > start && b > start && old[a - 1] === fresh[b - 1]) [a, b] = [a - 1, b - 1];
  const [left, right] = [old.slice(start, a), fresh.slice(start, b)];
  // Longest common run of lines, of texts that are not too long for a table of all pairs.
  if (left.length * right.length > 4_000_000) return [...left.map((each) => ['-', each]),
    ...right.map((each) => ['+', each])];
  const table = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      table[i][j] = left[i] === right[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  const changes = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) [i, j] = [i + 1, j + 1];
    else if (j >= right.length || (i < left.length && table[i + 1][j] >= table[i][j + 1])) changes.push(['-', left[i++]]);
    else changes.push(['+', right[j++]]);
  }
  return changes;
}
