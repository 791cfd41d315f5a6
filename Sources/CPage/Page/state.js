// What is looked at, all of it in the address: a link shows another the same.

const DEFAULTS = {
  view: 'logs', q: '', range: '1h', from: '', to: '', columns: '', order: 'newest', live: '', record: '', around: '',
  trace: '', patterns: '', pipeline: '', stage: '', where: '',
};
const listeners = new Set();

/** What the address says. */
export function current() {
  const given = new URLSearchParams(location.search);
  const state = {};
  for (const [name, value] of Object.entries(DEFAULTS)) state[name] = given.get(name) ?? value;
  return state;
}

/** The address of what is looked at with some of it changed. */
export function link(changes) {
  const state = { ...current(), ...changes };
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== DEFAULTS[name]) parts.set(name, value);
  const text = parts.toString();
  return text ? `?${text}` : location.pathname;
}

/** Looks at something else; `quietly` without a step to go back to, and without telling views. */
export function change(changes, quietly = false) {
  const address = link(changes);
  if (quietly) {
    history.replaceState(null, '', address);
    return;
  }
  if (address !== (location.search || location.pathname)) history.pushState(null, '', address);
  tell();
}

/** Hears of every change. */
export function onChange(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

addEventListener('popstate', tell);
