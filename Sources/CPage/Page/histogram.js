// How many records there are by time and severity: bars to click, and a span to drag over.

import { h, s } from './dom.js';
import { SEVERITIES, severity } from './records.js';
import { brief, count } from './text.js';
import { label } from './time.js';

const HEIGHT = 84;
const BASE = 66;

/** Bars of the answer to `hits`. `options`: onZoom(from, to), onSeverity(element, name). */
export class Histogram {
  constructor(options) {
    this.options = options;
    this.legend = h('div', { class: 'legend' });
    this.tip = h('div', { class: 'tip', hidden: true });
    this.svg = s('svg', { class: 'bars', role: 'img', height: HEIGHT });
    this.element = h('section', { class: 'histogram', 'aria-label': 'Records by time' }, this.svg, this.tip,
      this.legend);
    this.svg.addEventListener('pointerdown', (event) => this.pressed(event));
    this.svg.addEventListener('pointermove', (event) => this.moved(event));
    this.svg.addEventListener('pointerup', (event) => this.released(event));
    this.svg.addEventListener('pointercancel', () => this.ended());
    this.svg.addEventListener('pointerleave', () => { if (!this.drag) this.tip.hidden = true; });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Shows an answer: its series have the field `severity`; from and to are those of the whole axis. */
  show(hits, from, to, step) {
    Object.assign(this, { from, to, step });
    this.totals = new Map();
    this.buckets = new Map();
    for (const series of hits) {
      const name = severity(series.fields?.severity);
      series.timestamps.forEach((time, index) => this.add(Date.parse(time), name, series.values[index]));
    }
    this.draw();
    this.drawLegend();
  }

  /** Says why there is nothing. */
  fail(text) {
    this.buckets = null;
    this.svg.replaceChildren();
    this.legend.textContent = text;
  }

  add(time, name, number) {
    const bucket = this.buckets.get(time) ?? { total: 0 };
    bucket[name] = (bucket[name] ?? 0) + number;
    bucket.total += number;
    this.buckets.set(time, bucket);
    this.totals.set(name, (this.totals.get(name) ?? 0) + number);
  }

  /** All records together. */
  get total() { return [...(this.totals?.values() ?? [])].reduce((sum, each) => sum + each, 0); }

  x(time) { return ((time - this.from) / (this.to - this.from)) * this.svg.clientWidth; }

  time(x) {
    const width = Math.max(this.svg.clientWidth, 1);
    return this.from + (Math.max(0, Math.min(x, width)) / width) * (this.to - this.from);
  }

  draw() {
    const width = this.svg.clientWidth;
    if (!this.buckets || width === 0) return;
    const most = Math.max(1, ...[...this.buckets.values()].map((bucket) => bucket.total));
    const bars = [];
    for (const [time, bucket] of this.buckets) {
      const left = Math.max(0, this.x(time));
      const wide = Math.max(1, this.x(time + this.step) - this.x(time) - 1);
      let y = BASE;
      for (const name of [...SEVERITIES].reverse()) {
        if (!bucket[name]) continue;
        const high = Math.max(1, (bucket[name] / most) * (BASE - 10));
        y -= high;
        bars.push(s('rect', { class: `of-${name}`, x: left, y, width: wide, height: high }));
      }
    }
    this.span = s('rect', { class: 'span', y: 0, height: BASE, width: 0 });
    const most_ = s('text', { x: 2, y: 9, class: 'axis' }, `${brief(most)} in ${stepName(this.step)}`);
    this.svg.replaceChildren(
      s('line', { class: 'base', x1: 0, x2: width, y1: BASE + 0.5, y2: BASE + 0.5 }), ...bars, ...this.axis(width),
      most_, this.span);
    this.svg.setAttribute('aria-label',
      `${count(this.total)} records from ${label(this.from)} to ${label(this.to)}`);
  }

  axis(width) {
    const places = Math.max(2, Math.floor(width / 190));
    const fine = (this.to - this.from) / places < 2000 ? 1 : (this.to - this.from) / places;
    return Array.from({ length: places }, (_, index) => {
      const x = (width * index) / (places - 1);
      const anchor = index === 0 ? 'start' : index === places - 1 ? 'end' : 'middle';
      const text = label(this.time(x), Math.min(fine, 3_600_000));
      const isSameDay = index > 0 && label(this.time(x), 86_400_000) === label(this.from, 86_400_000);
      return s('text', { class: 'axis', x, y: HEIGHT - 4, 'text-anchor': anchor }, isSameDay ? text.slice(11) : text);
    });
  }

  drawLegend() {
    const known = SEVERITIES.filter((name) => this.totals.get(name));
    this.legend.replaceChildren(...known.reverse().map((name) => h('button', {
      type: 'button', class: `key of-${name}`, title: `Include or exclude ${name}`,
      onclick: (event) => this.options.onSeverity(event.currentTarget, name),
    }, h('i', {}), `${name} `, h('b', {}, count(this.totals.get(name))))));
  }

  place(event) { return event.clientX - this.svg.getBoundingClientRect().left; }

  pressed(event) {
    if (event.button !== 0 || !this.buckets) return;
    this.drag = this.place(event);
    this.svg.setPointerCapture(event.pointerId);
  }

  moved(event) {
    if (!this.buckets) return;
    const x = this.place(event);
    if (this.drag === undefined) {
      this.point(x);
      return;
    }
    const [a, b] = [Math.min(this.drag, x), Math.max(this.drag, x)];
    this.span.setAttribute('x', a);
    this.span.setAttribute('width', b - a);
    this.tell(x, `${label(this.time(a), 1)} – ${label(this.time(b), 1)}`);
  }

  released(event) {
    if (this.drag === undefined) return;
    const [a, b] = [this.drag, this.place(event)].sort((left, right) => left - right);
    this.ended();
    if (b - a > 4) {
      this.options.onZoom(Math.floor(this.time(a)), Math.ceil(this.time(b)));
      return;
    }
    const bar = this.bucketAt(b);
    if (bar) this.options.onZoom(bar[0], bar[0] + this.step);
  }

  ended() {
    this.drag = undefined;
    this.tip.hidden = true;
    this.span?.setAttribute('width', 0);
  }

  bucketAt(x) {
    const time = this.time(x);
    return [...this.buckets].find(([start]) => time >= start && time < start + this.step);
  }

  point(x) {
    const bar = this.bucketAt(x);
    this.tip.hidden = !bar;
    if (!bar) return;
    const parts = SEVERITIES.filter((name) => bar[1][name]).reverse().map((name) => `${name} ${count(bar[1][name])}`);
    this.tell(x, `${label(bar[0], this.step)}: ${parts.join(', ')}`);
  }

  tell(x, text) {
    this.tip.hidden = false;
    this.tip.textContent = text;
    const most = this.element.clientWidth - this.tip.offsetWidth - 4;
    this.tip.style.left = `${Math.max(4, Math.min(x - this.tip.offsetWidth / 2, most))}px`;
  }
}

function stepName(step) {
  const units = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's'], [1, 'ms']];
  const [size, name] = units.find(([each]) => step >= each);
  return `${step / size} ${name}`;
}
