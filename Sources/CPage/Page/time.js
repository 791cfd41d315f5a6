// Moments to the nanosecond, and ranges of them.

/** A record's `_time` at a fixed width, so that moments compare as text: `2026-01-31T23:59:59.123456789`. */
export function stamp(time) {
  const end = time.endsWith('Z') ? time.length - 1 : time.length;
  const dot = time.indexOf('.');
  if (dot < 0) return `${time.slice(0, end)}.000000000`;
  return `${time.slice(0, dot)}.${time.slice(dot + 1, end).padEnd(9, '0').slice(0, 9)}`;
}

/** A stamp as nanoseconds since 1970. */
export function nanos(stamp) {
  const whole = BigInt(Date.parse(`${stamp.slice(0, 19)}Z`) || 0);
  return whole * 1_000_000n + BigInt(stamp.slice(20) || 0);
}

const two = (number) => String(number).padStart(2, '0');

/** The local time of day of a stamp, to the millisecond. */
export function clock(stamp) {
  const date = new Date(`${stamp.slice(0, 23)}Z`);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${stamp.slice(20, 23)}`;
}

/** The local date and time of day of a stamp. */
export function dayAndClock(stamp) {
  const date = new Date(`${stamp.slice(0, 23)}Z`);
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(stamp)}`;
}

/** The local date and time of some milliseconds, as fine as `step` milliseconds need. */
export function label(milliseconds, step = 1000) {
  const date = new Date(milliseconds);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= 86_400_000) return day;
  if (step >= 60_000) return `${day} ${time}`;
  if (step >= 1000) return `${day} ${time}:${two(date.getSeconds())}`;
  return `${day} ${time}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** The ranges to choose from: their name in the address, what is said, milliseconds. */
export const RANGES = [
  ['5m', 'Last 5 minutes', 300_000], ['15m', 'Last 15 minutes', 900_000], ['1h', 'Last hour', 3_600_000],
  ['6h', 'Last 6 hours', 21_600_000], ['24h', 'Last 24 hours', 86_400_000], ['7d', 'Last 7 days', 604_800_000],
  ['30d', 'Last 30 days', 2_592_000_000], ['all', 'All that is stored', null],
];

/** What the address says of time, as milliseconds from and to; null where it is open. */
export function rangeOf(state) {
  const [from, to] = [Date.parse(state.from), Date.parse(state.to)];
  if (!Number.isNaN(from)) return { from, to: Number.isNaN(to) ? null : to };
  const known = RANGES.find(([name]) => name === state.range) ?? RANGES[2];
  return { from: known[2] === null ? null : Date.now() - known[2], to: null };
}

/** Milliseconds as the API takes moments; undefined for none. */
export const apiTime = (milliseconds) =>
  (milliseconds === null ? undefined : new Date(Math.round(milliseconds)).toISOString());

/** The moment a nanosecond after a stamp, as the API takes it. */
export function justAfter(stamp) {
  const next = nanos(stamp) + 1n;
  const whole = new Date(Number(next / 1_000_000n)).toISOString().slice(0, 19);
  return `${whole}.${String(next % 1_000_000_000n).padStart(9, '0')}Z`;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];

/** The width of bars in milliseconds, so that a span has at most so many. */
export const stepFor = (span, bars) => STEPS.find((step) => span / step <= bars) ?? STEPS[STEPS.length - 1];
