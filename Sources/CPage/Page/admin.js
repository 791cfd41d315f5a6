// What the page asks the gateway for beside searches, and has it do.

import { address, objects, Refusal } from './api.js';
import { fetched } from './token.js';

/** What is under a path of `/api/`. */
export const get = async (path, parameters = {}, signal) =>
  (await asked(address(`api/${path}`, parameters), { signal })).json();

/** Asks with a body: a text, or parameters as a form. Pages of other sites cannot send the field that goes with it. */
export const post = async (path, body, signal, parameters = {}) =>
  (await asked(address(`api/${path}`, parameters), posted(body, signal))).json();

/** The same of an answer in lines of JSON that goes on: objects as they come, some at a time. */
export async function* streamed(path, body, signal) {
  yield* objects(await asked(`api/${path}`, posted(body, signal)));
}

const posted = (body, signal) => ({
  method: 'POST', headers: { 'Sluice-Page': '1' }, signal,
  body: typeof body === 'string' ? body : new URLSearchParams(body),
});

async function asked(url, options) {
  let response;
  try {
    response = await fetched(url, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, 'The gateway does not answer.');
  }
  if (response.ok) return response;
  const text = (await response.text()).trim();
  throw new Refusal(response.status, text.slice(0, 8000) || `The gateway answers ${response.status}.`);
}
