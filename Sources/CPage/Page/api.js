// What the page asks the gateway: searches in the way of VictoriaLogs, and the gateway's own state.

import { made } from './records.js';
import { fetched } from './token.js';

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

/** Times that a question is asked again which the gateway had no room for. */
const TRIES = 8;
/** The field of an answer's head that says why it has not all that was asked for. */
const INCOMPLETE = 'Sluice-Incomplete';

async function ask(path, parameters, signal, tries = TRIES) {
  let response;
  try {
    response = await fetched(address(path, parameters), { signal, headers: { Accept: 'application/json' } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, 'The gateway does not answer.');
  }
  if (response.ok) return response;
  if (response.status === 429 && tries > 1) {
    await new Promise((done) => setTimeout(done, 200 + Math.random() * 400));
    if (!signal?.aborted) return ask(path, parameters, signal, tries - 1);
  }
  const text = (await response.text()).trim();
  throw new Refusal(response.status, text.slice(0, 2000) || `The gateway answers ${response.status}.`);
}

/** The objects of an answer in lines of JSON, as they come, some at a time. */
export async function* objects(response) {
  const decoder = new TextDecoder();
  let rest = '';
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const end = done ? rest.length : rest.lastIndexOf('\n') + 1;
    const whole = rest.slice(0, end).split('\n').filter((line) => line);
    rest = rest.slice(end);
    if (whole.length) yield whole.map((line) => JSON.parse(line));
    if (done) return;
  }
}

/** The same as records. */
async function* lines(response) {
  for await (const some of objects(response)) yield some.map(made);
}

/** All records of an answer; `incomplete` of the list says why there may be more. */
async function gathered(path, parameters, signal) {
  const records = [];
  const response = await ask(path, parameters, signal);
  for await (const some of lines(response)) for (const record of some) records.push(record);
  records.incomplete = response.headers.get(INCOMPLETE);
  return records;
}

/** The address of the records of a query, for a download. */
export const recordsAddress = (parameters) => new URL(address(`${SEARCH}query`, parameters), location.href).href;

/** The same as a file of a page that has a token. */
export const recordsFile = async (parameters) => (await ask(`${SEARCH}query`, parameters)).blob();

/** Records of a query: the newest, at most `limit`. */
export const records = (parameters, signal) => gathered(`${SEARCH}query`, parameters, signal);

/** Records as they are stored from now on, and how many were passed over because more came than are sent. */
export async function* tail(query, signal) {
  for await (const some of lines(await ask(`${SEARCH}tail`, { query, refresh_interval: '500ms' }, signal))) {
    const records = some.filter((each) => each.fields._skipped === undefined);
    const skipped = some.reduce((sum, each) => sum + Number(each.fields._skipped ?? 0), 0);
    yield { records, skipped };
  }
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

/** The shapes of messages; `incomplete` says why there may be more. */
export async function patterns(parameters, signal) {
  const response = await ask(`${SEARCH}patterns`, parameters, signal);
  return { ...await response.json(), incomplete: response.headers.get(INCOMPLETE) };
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
