// The view of pipelines: what goes in, through and out, how full queues are, and what fails.

import * as api from './api.js';
import { h } from './dom.js';
import { Rates } from './rates.js';
import { link } from './state.js';
import { brief, bytes, count, seconds, showLine } from './text.js';
import { label } from './time.js';

const EVERY_MILLISECONDS = 2000;

export class PipelinesView {
  constructor() {
    this.rates = new Rates();
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.content = h('div', {});
    this.element = h('div', { class: 'pipelines' }, this.problem, this.content);
    this.abort = new AbortController();
    this.follow();
  }

  update() {}

  stop() { this.abort.abort(); }

  async follow() {
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        if (!document.hidden || !this.content.firstChild) this.show(await api.pipelines(signal));
        this.problem.hidden = true;
      } catch (error) {
        if (signal.aborted) return;
        this.problem.hidden = false;
        this.problem.textContent = error.message;
      }
      await new Promise((done) => setTimeout(done, EVERY_MILLISECONDS));
    }
  }

  show(state) {
    this.rates.take(state);
    const { pipeline, stage, id } = document.activeElement?.dataset ?? {};
    const open = new Set([...this.content.querySelectorAll('details[open]')].map((each) => each.dataset.id));
    this.content.replaceChildren(this.status(state),
      h('h2', {}, 'Pipelines'), ...state.pipelines.map((each) => this.pipeline(each, state)),
      h('h2', {}, 'Destinations'), h('div', { class: 'cards' }, ...state.exporters.map((each) => this.exporter(each))),
      h('h2', {}, 'Receivers'), h('div', { class: 'cards' }, ...state.receivers.map((each) => this.receiver(each))));
    for (const each of this.content.querySelectorAll('details')) each.open = open.has(each.dataset.id);
    if (!stage) return;
    const links = [...this.content.querySelectorAll('a[data-stage]')].map((each) => [each, each.dataset]);
    links.find(([, to]) => to.pipeline === pipeline && to.stage === stage && to.id === id)?.[0].focus();
  }

  status(state) {
    const isGood = state.state === 'ready';
    const failing = state.exporters.filter((each) => each.failing).length;
    return h('dl', { class: 'status' },
      fact('State', h('span', { class: isGood ? 'good' : 'bad' }, state.state)),
      fact('In', perSecond(this.rates.sum(state.receivers, 'receiver', 'accepted'))),
      fact('Out', perSecond(this.rates.sum(state.exporters, 'exporter', 'delivered'))),
      fact('Destinations', failing ? h('span', { class: 'bad' }, `${failing} failing`)
        : h('span', { class: 'good' }, 'none fails')),
      fact('Fullest limit', `${Math.round(state.saturation * 100)} %`),
      fact('Up for', seconds(state.uptime_seconds)), fact('Version', state.version));
  }

  /** A pipeline as configured, from left to right. */
  pipeline(pipeline, state) {
    const find = (list, id) => list.find((each) => each.id === id);
    const stages = { receiver: () => 'received', processor: (id) => `after:${id}` };
    const name = (kind, id) => {
      const stage = (stages[kind] ?? (() => `to:${id}`))(id);
      if (pipeline.signal !== 'logs') return h('span', { class: 'name' }, id);
      return h('a', {
        class: 'name', href: link({ view: 'tap', pipeline: pipeline.id, stage }),
        title: 'Look at records as they pass here', data: { view: 'tap', pipeline: pipeline.id, stage, id },
      }, id);
    };
    const chip = (kind, id, rate, isBad) => h('li', { class: `chip ${kind} ${isBad ? 'bad' : ''}` },
      name(kind, id), rate === null ? '' : h('b', {}, `${brief(rate)}/s`));
    const into = pipeline.receivers.map((id) => chip(
      'receiver', id, find(state.receivers, id) ? this.rates.of('receiver', id, 'accepted') : null));
    const steps = pipeline.processors.map((id) => {
      const taken = ['filtered', 'rejected', 'refused'].map((each) => this.rates.of('processor', id, each) ?? 0);
      const all = taken.reduce((sum, each) => sum + each, 0);
      return chip('processor', id, all > 0 ? -all : null);
    });
    const out = pipeline.exporters.map((id) => {
      const exporter = find(state.exporters, id) ?? find(state.exporters, `${id}+${pipeline.signal}`);
      return exporter ? chip('exporter', id, this.rates.of('exporter', exporter.id, 'delivered'), exporter.failing)
        : chip('connector', id, null);
    });
    const arrow = () => h('span', { class: 'arrow', 'aria-hidden': true }, '→');
    const group = (name, items) => h('ul', { 'aria-label': name }, ...items);
    return h('section', { class: 'pipeline', 'aria-label': `Pipeline ${pipeline.id}` }, h('h3', {}, pipeline.id),
      h('div', { class: 'flow' }, group('Receivers', into), arrow(),
        ...steps.flatMap((step) => [group('Processor', [step]), arrow()]), group('Exporters', out)));
  }

  exporter(exporter) {
    const { id, queue } = exporter;
    const delivered = perSecond(this.rates.of('exporter', id, 'delivered'));
    const part = queue.capacity_bytes > 0 ? queue.bytes / queue.capacity_bytes : 0;
    return h('section', { class: `card ${exporter.failing ? 'failing' : ''}`, 'aria-label': `Destination ${id}` },
      h('h3', {}, id, h('span', { class: 'grow' }), exporter.leaving && h('span', { class: 'badge' }, 'leaving'),
        h('span', { class: exporter.failing ? 'bad' : 'good' }, exporter.failing ? 'failing' : health(exporter))),
      exporter.failing && failure(exporter.failing, 'Nothing is delivered'),
      exporter.stuck && failure(exporter.stuck, 'A batch does not go through'),
      exporter.disk_error && h('p', { class: 'error' }, `Disk of the queue: ${exporter.disk_error}`),
      h('label', { class: 'queue' }, `Queue: ${bytes(queue.bytes)} of ${bytes(queue.capacity_bytes)}`,
        h('meter', { min: 0, max: 1, low: 0.5, high: 0.9, optimum: 0, value: part })),
      h('dl', {}, fact('Queued', `${count(queue.records)} records`),
        fact('Oldest', queue.records ? seconds(queue.oldest_seconds) : '–'),
        fact('Delivered', `${delivered}, ${count(exporter.delivered)} in all`),
        fact('Sent again', count(exporter.retried)),
        exporter.rejected > 0 && fact('Rejected', count(exporter.rejected)),
        exporter.dead_lettered > 0 && fact('Dead letters', count(exporter.dead_lettered))),
      reasons('Dropped', `dropped ${id}`, exporter.dropped));
  }

  receiver(receiver) {
    const { id } = receiver;
    const part = receiver.in_flight_capacity_bytes > 0
      ? receiver.in_flight_bytes / receiver.in_flight_capacity_bytes : 0;
    const accepted = perSecond(this.rates.of('receiver', id, 'accepted'));
    return h('section', { class: 'card', 'aria-label': `Receiver ${id}` }, h('h3', {}, id),
      h('label', { class: 'queue' },
        `In flight: ${bytes(receiver.in_flight_bytes)} of ${bytes(receiver.in_flight_capacity_bytes)}`,
        h('meter', { min: 0, max: 1, low: 0.5, high: 0.9, optimum: 0, value: part })),
      h('dl', {}, ...receiver.addresses.map((each) => fact('Listens on', each)),
        fact('Accepted', `${accepted}, ${count(receiver.accepted)} in all`),
        fact('Refused', count(receiver.refused))),
      reasons('Refused requests', `refused ${id}`, receiver.refused_requests));
  }
}

/** A rate; nothing is known of one before there are two readings. */
const perSecond = (rate) => (rate === null ? '… /s' : `${brief(rate)}/s`);

function health(exporter) {
  return exporter.last_success ? 'delivers' : 'nothing delivered yet';
}

function failure({ since, error, attempts }, what) {
  const text = h('code', {});
  showLine(text, error, 500);
  const begin = label(Date.parse(since));
  return h('p', { class: 'error' }, `${what} since ${begin}, ${count(attempts)} attempts: `, text);
}

function fact(name, value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}

function reasons(title, id, counts) {
  const known = Object.entries(counts).filter(([, number]) => number > 0);
  if (!known.length) return null;
  const sum = known.reduce((all, [, number]) => all + number, 0);
  return h('details', { data: { id } }, h('summary', {}, `${title}: ${count(sum)}`), h('dl', {},
    ...known.map(([reason, number]) => fact(reason, count(number)))));
}
