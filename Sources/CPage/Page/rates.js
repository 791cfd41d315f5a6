// Rates of counters: how much they have grown since they were read before.

/** Counters of components, read now and then. */
export class Rates {
  constructor() {
    this.before = null;
    this.now = null;
  }

  /** Takes a state of the gateway; one that has started anew counts from zero. */
  take(state) {
    const values = new Map();
    const kinds = { receiver: state.receivers, processor: state.processors, exporter: state.exporters };
    for (const [kind, list] of Object.entries(kinds)) {
      for (const each of list) {
        for (const [name, value] of Object.entries(each)) {
          if (typeof value === 'number') values.set(`${kind} ${each.id} ${name}`, value);
        }
      }
    }
    const isSame = this.now && state.uptime_seconds > this.now.seconds;
    this.before = isSame ? this.now : null;
    this.now = { seconds: state.uptime_seconds, values };
  }

  /** Per second; null before there are two readings. */
  of(kind, id, name) {
    const key = `${kind} ${id} ${name}`;
    const [now, before] = [this.now?.values.get(key), this.before?.values.get(key)];
    if (now === undefined || before === undefined) return null;
    return Math.max(0, now - before) / (this.now.seconds - this.before.seconds);
  }

  /** Of all components of a kind together; null before there are two readings. */
  sum(list, kind, name) {
    if (!this.before) return null;
    return list.reduce((sum, each) => sum + (this.of(kind, each.id, name) ?? 0), 0);
  }
}
