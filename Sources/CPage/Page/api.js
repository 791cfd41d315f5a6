// What the page asks the gateway: searches in the way of VictoriaLogs, and the gateway's own state.

import { made } from './records.js';

const SEARCH = 'select/logsql/';

/** An answer that is none: the status, 0 for no answer at all, and what was said. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The address of a question. */
export function address(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  return `${path}?${new URLSearchParams(given)}`;
}

async function ask(path, parameters, signal) {
  let response;
  try {
    response = await fetch(address(path, parameters), { signal, headers: { Accept: 'application/json' } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, 'The gateway does not answer.');
  }
  if (response.ok) return response;
  const text = (await response.text()).trim();
  throw new Refusal(response.status, text.slice(0, 2000) || `The gateway answers ${response.status}.`);
}

/** Records of an answer in lines of JSON, as they come, some at a time. */
async function* lines(response) {
  const decoder = new TextDecoder();
  let rest = '';
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const end = done ? rest.length : rest.lastIndexOf('\n') + 1;
    const whole = rest.slice(0, end).split('\n').filter((line) => line);
    rest = rest.slice(end);
    if (whole.length) yield whole.map((line) => made(JSON.parse(line)));
    if (done) return;
  }
}

async function gathered(path, parameters, signal) {
  const records = [];
  for await (const some of lines(await ask(path, parameters, signal))) records.push(...some);
  return records;
}

/** The address of the records of a query, for a download. */
export const recordsAddress = (parameters) => new URL(address(`${SEARCH}query`, parameters), location.href).href;

/** Records of a query: the newest, at most `limit`. */
export const records = (parameters, signal) => gathered(`${SEARCH}query`, parameters, signal);

/** Records of a query as they come. */
export async function* streamed(parameters, signal) {
  yield* lines(await ask(`${SEARCH}query`, parameters, signal));
}

/** Records as they are stored from now on. */
export async function* tail(query, signal) {
  yield* lines(await ask(`${SEARCH}tail`, { query }, signal));
}

/** What the stream of a record wrote before and after it. */
export const context = (parameters, signal) => gathered(`${SEARCH}stream_context`, parameters, signal);

/** How many records there are by time and severity. */
export async function hits(parameters, signal) {
  return (await (await ask(`${SEARCH}hits`, parameters, signal)).json()).hits ?? [];
}

/** The most frequent values of each field. */
export async function facets(parameters, signal) {
  return (await (await ask(`${SEARCH}facets`, parameters, signal)).json()).facets ?? [];
}

/** The names of all fields, with how many records have each. */
export async function fieldNames(parameters, signal) {
  return (await (await ask(`${SEARCH}field_names`, parameters, signal)).json()).values ?? [];
}

/** The values of a field, with how many records have each. */
export async function fieldValues(parameters, signal) {
  return (await (await ask(`${SEARCH}field_values`, parameters, signal)).json()).values ?? [];
}

/** The pipelines as configured, with their counts. */
export async function pipelines(signal) {
  return (await ask('api/pipelines', {}, signal)).json();
}
