// Who asks: a token, where the gateway wants one. It is kept for as long as the page is open, and nowhere else.

import { h } from './dom.js';

let token = '';
let asked = null;
let isDeclined = false;

/** Whether there is a token, which links and downloads cannot take along. */
export const hasToken = () => token !== '';

/** Fetches. Where the gateway wants a token, the person is asked for it, and then it is fetched again. */
export async function fetched(address, options = {}) {
  for (;;) {
    const used = token;
    const headers = used ? { ...options.headers, Authorization: `Bearer ${used}` } : options.headers;
    const response = await fetch(address, { ...options, headers });
    const isWanted = response.status === 401 && response.headers.get('WWW-Authenticate')?.includes('Bearer');
    if (!isWanted || isDeclined) return response;
    // Of several questions at once one asks for the token.
    if (token === used) asked ??= given(used !== '').finally(() => { asked = null; });
    if (asked && !(await asked)) return response;
  }
}

/** Asks for a token; false if there is to be none. */
function given(isWrong) {
  return new Promise((done) => {
    const input = h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true });
    const dialog = h('dialog', { class: 'token', 'aria-labelledby': 'token-title' },
      h('form', { method: 'dialog' },
        h('h2', { id: 'token-title' }, 'Who are you?'),
        h('p', { role: isWrong ? 'alert' : null }, isWrong ? 'The gateway does not take this token.'
          : 'The gateway shows logs to those it knows. It takes a token.'),
        h('label', {}, 'Token ', input),
        h('p', {}, 'It is forgotten when the page is closed or loaded again.'),
        h('button', { value: 'look', class: 'primary' }, 'Look')));
    dialog.addEventListener('close', () => {
      token = dialog.returnValue === 'look' ? input.value.trim() : '';
      isDeclined = token === '';
      dialog.remove();
      done(!isDeclined);
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
