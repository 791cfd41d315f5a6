// The page: its views, the theme, and the keys that all views share.

import { ConfigurationView } from './configuration.js';
import { h } from './dom.js';
import { openKeys } from './keys.js';
import { LettersView } from './letters.js';
import { LogsView } from './logs.js';
import { PipelinesView } from './pipelines.js';
import { RedactionView } from './redaction.js';
import { change, current, onChange } from './state.js';
import { TapView } from './tap.js';

const views = {
  logs: LogsView, pipelines: PipelinesView, tap: TapView, redaction: RedactionView, letters: LettersView,
  configuration: ConfigurationView,
};
const main = document.getElementById('main');
let shown = null;

function show() {
  const name = current().view in views ? current().view : 'logs';
  if (shown?.name !== name) {
    shown?.view.stop();
    shown = { name, view: new views[name]() };
    main.replaceChildren(shown.view.element);
    document.title = `${document.querySelector(`nav a[data-view=${name}]`).textContent} · Sluice`;
    for (const link of document.querySelectorAll('nav a')) {
      if (link.dataset.view === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }
  shown.view.update();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-view]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { view, pipeline, stage } = link.dataset;
  change(stage ? { view, pipeline, stage } : { view });
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.closest('input, textarea, select');
  if (isTyping && event.key !== 'Escape') return;
  if (event.key === '?') openKeys();
  else if (!document.querySelector('dialog[open]')) shown?.view.pressed?.(event);
});

const THEMES = { system: 'Theme: system', dark: 'Theme: dark', light: 'Theme: light' };

function useTheme(name) {
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  document.getElementById('theme').replaceChildren(h('span', {}, THEMES[name]));
  localStorage.setItem('theme', name);
}

document.getElementById('theme').addEventListener('click', () => {
  const names = Object.keys(THEMES);
  useTheme(names[(names.indexOf(localStorage.getItem('theme')) + 1) % names.length]);
});
document.getElementById('help').addEventListener('click', openKeys);
useTheme(localStorage.getItem('theme') in THEMES ? localStorage.getItem('theme') : 'system');
onChange(show);
show();
