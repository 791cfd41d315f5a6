// A menu at a value or a button: arrows move, enter chooses, escape leaves.

import { h } from './dom.js';

let open = null;

/** Opens a menu at an element: `[text, action]` or, where it goes somewhere, `[text, address, file name]`. */
export function openMenu(at, items, title) {
  close();
  const before = document.activeElement;
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': title ?? 'What to do', popover: 'auto' });
  if (title) menu.append(h('div', { class: 'title', role: 'presentation' }, title));
  menu.append(...items.map((item) => entry(item, menu)));
  menu.addEventListener('keydown', (event) => moved(event, menu));
  menu.addEventListener('toggle', (event) => {
    if (event.newState !== 'closed') return;
    menu.remove();
    if (open === menu) open = null;
    if (before?.isConnected && document.activeElement === document.body) before.focus({ preventScroll: true });
  });
  document.body.append(menu);
  menu.showPopover();
  place(menu, at.getBoundingClientRect());
  open = menu;
  menu.querySelector('[role=menuitem]').focus();
}

function entry([text, action, file], menu) {
  if (typeof action === 'string') {
    return h('a', { role: 'menuitem', href: action, download: file, onclick: () => menu.hidePopover() }, text);
  }
  return h('button', {
    type: 'button', role: 'menuitem', onclick: () => {
      menu.hidePopover();
      action();
    },
  }, text);
}

function moved(event, menu) {
  const items = [...menu.querySelectorAll('[role=menuitem]')];
  const at = items.indexOf(document.activeElement);
  const places = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 };
  event.stopPropagation();
  if (event.key === 'Tab') menu.hidePopover();
  if (!(event.key in places)) return;
  event.preventDefault();
  items[places[event.key] % items.length].focus();
}

function place(menu, box) {
  const { width, height } = menu.getBoundingClientRect();
  const below = box.bottom + 4 + height <= innerHeight;
  menu.style.left = `${Math.max(4, Math.min(box.left, innerWidth - width - 8))}px`;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(4, box.top - height - 4)}px`;
}

/** Closes the menu, if one is open. */
export function close() {
  open?.hidePopover();
}
