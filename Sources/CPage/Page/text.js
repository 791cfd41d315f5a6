// Text of records as it is seen: nothing hides, moves or colours anything.

// Controls, and what is invisible or turns the direction of text. Joiners (U+200C, U+200D) belong to languages.
const ODD = new RegExp(
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b\\u200e\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}]', 'gu');
const ANY_ODD = new RegExp(ODD.source, 'u');
const BREAK = /\r?\n|\t/g;

/** How an odd character is shown: control pictures for C0, else its number. */
function mark(character) {
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Text with its odd characters marked as such, as nodes. */
export function nodes(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ODD)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    const span = document.createElement('span');
    span.className = 'odd';
    span.textContent = mark(match[0]);
    parts.push(span);
    end = match.index + match[0].length;
  }
  if (end === 0) return [text];
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** The start of a text on one line. */
export function showLine(element, text, limit = 1000) {
  const start = text.length > limit ? `${text.slice(0, limit)}…` : text;
  const line = start.replace(BREAK, (found) => (found === '\t' ? ' ' : ' ↵ '));
  if (ANY_ODD.test(line)) element.replaceChildren(...nodes(line));
  else element.textContent = line;
}

/** A text with its lines; a very long one up to a limit, with a button for the rest. */
export function showWhole(element, text, limit = 20_000) {
  element.replaceChildren(...nodes(text.slice(0, limit)));
  if (text.length <= limit) return;
  const rest = document.createElement('button');
  rest.type = 'button';
  rest.textContent = `${count(text.length - limit)} more characters`;
  rest.addEventListener('click', () => element.replaceChildren(...nodes(text)));
  element.append('… ', rest);
}

const grouped = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** A number with its thousands told apart. */
export const count = (number) => grouped.format(number);

/** A number in few characters. */
export const brief = (number) =>
  (Math.abs(number) < 1000 ? String(Math.round(number * 10) / 10) : short.format(number));

/** Bytes in few characters. */
export function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let index = 0;
  while (number >= 1024 && index < units.length - 1) {
    number /= 1024;
    index += 1;
  }
  return `${index === 0 ? number : number.toFixed(number < 10 ? 1 : 0)} ${units[index]}`;
}

/** Seconds in few characters. */
export function seconds(number) {
  if (number < 1) return `${Math.round(number * 1000)} ms`;
  if (number < 60) return `${Math.round(number)} s`;
  if (number < 3600) return `${Math.floor(number / 60)} min ${Math.round(number % 60)} s`;
  if (number < 86_400) return `${Math.floor(number / 3600)} h ${Math.floor((number % 3600) / 60)} min`;
  return `${Math.floor(number / 86_400)} d ${Math.floor((number % 86_400) / 3600)} h`;
}
