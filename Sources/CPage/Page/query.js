// Queries as text: terms that are added by a click, and values that are quoted so that they mean themselves.

/** A text in quotes. */
export function quoted(text) {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `"${escaped.replaceAll('\t', '\\t')}"`;
}

/** The name of a field, in quotes if it needs them. */
function fieldName(name) {
  return /^[A-Za-z_@$][\w.@$/-]*$/.test(name) && !/^(and|or|not)$/i.test(name) ? name : quoted(name);
}

/** The term that holds for records with exactly this value. */
export function term(field, value) {
  if (field === 'severity') return `severity:${value}`;
  if (field === 'trace_id' || field === 'span_id') return `${field}:${value}`;
  return value === '' ? `${fieldName(field)}:""` : `${fieldName(field)}:=${quoted(value)}`;
}

/** A query that also asks for a term, or, `without`, for its opposite; a term that is there already is turned. */
export function including(query, wanted, without = false) {
  const before = query.trim();
  const parts = [wanted, `-${wanted}`];
  const [added, opposite] = without ? [parts[1], parts[0]] : parts;
  const terms = split(before);
  if (terms === null) return `(${before}) ${added}`;
  if (terms.includes(added)) return before;
  return [...terms.filter((each) => each !== opposite && each !== '*'), added].join(' ');
}

/** A query without a term. */
export function excludingTerm(query, unwanted) {
  return (split(query.trim()) ?? [query]).filter((each) => each !== unwanted).join(' ');
}

/** The terms of a query that is a plain row of them; null for one with an `or` at its top or open quotes. */
export function split(query) {
  const terms = [];
  let [start, depth, quote] = [-1, 0, ''];
  for (let index = 0; index < query.length; index += 1) {
    const character = query[index];
    if (quote) {
      if (character === '\\' && quote !== '`') index += 1;
      else if (character === quote) quote = '';
      continue;
    }
    if (/\s/.test(character) && depth === 0) {
      if (start >= 0) terms.push(query.slice(start, index));
      start = -1;
      continue;
    }
    if (start < 0) start = index;
    if ('"\'`'.includes(character)) quote = character;
    if ('(['.includes(character)) depth += 1;
    if (')]'.includes(character)) depth -= 1;
  }
  if (quote || depth !== 0) return null;
  if (start >= 0) terms.push(query.slice(start));
  return terms.some((each) => /^(or|and|not|\||-|!)$/i.test(each) || /[:=<>~]$/.test(each)) ? null : terms;
}

/** Whether a text is nothing but a trace id. */
export const isTraceID = (text) => /^[0-9a-f]{32}$/i.test(text.trim());
