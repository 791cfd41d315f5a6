// What the keys do, and what can be asked for.

import { h } from './dom.js';

const KEYS = [
  ['/', 'To the box'], ['j k or ↓ ↑', 'Next, previous record'], ['Enter', 'Open the record'],
  ['Esc', 'Close what is open, then go back from context and trace'], ['c', 'Context: its source before and after'],
  ['t', 'Trace: all records with its trace id'], ['y', 'Copy it as JSON'], ['l', 'Live tail on, off'],
  ['p', 'Patterns: messages of the same shape, folded'],
  ['o', 'Newest first, newest last'], ['g G', 'To the newest, to the oldest loaded'], ['?', 'This'],
];
const QUERIES = [
  ['timeout', 'the word, anywhere in a record'], ['"not found"', 'the words in this order'],
  ['time*', 'words that begin so'],
  ['severity>=warn', 'warn, error and fatal'], ['service.name:="shop"', 'a field with exactly this value'],
  ['http.status:>=500', 'a number in a field'], ['message:~"id=[0-9]+"', 'a regular expression in a field'],
  ['-health', 'without the word'], ['error (shop or cart)', 'both of two, one of two'],
  ['trace_id:5b8e…', 'a trace; an id alone, pasted, does as well'],
];

/** Opens the page of keys. */
export function openKeys() {
  if (document.querySelector('dialog[open]')) return;
  const table = (title, rows, tag) => h('section', {}, h('h2', {}, title), h('table', {}, h('tbody', {},
    ...rows.map(([what, text]) => h('tr', {}, h('th', { scope: 'row' }, h(tag, {}, what)), h('td', {}, text))))));
  const dialog = h('dialog', { class: 'keys', 'aria-label': 'Keys and queries' },
    h('div', { class: 'two' }, table('Keys', KEYS, 'kbd'), table('Queries', QUERIES, 'code')),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
