// What there is to do where there are no records yet.

import { copy, h } from './dom.js';

const BODY = `{"resourceLogs":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
  "scopeLogs":[{"logRecords":[{"timeUnixNano":"'$(date +%s%N)'","severityNumber":9,"severityText":"INFO",
    "body":{"stringValue":"order placed"},"traceId":"5b8efff798038103d269b633813fc60c",
    "spanId":"eee19b7ec3c1b174"}]}]}]}`;

/** How to send a first record to a receiver at this address. */
export function firstRecord(http) {
  const base = `http://${http}`;
  return h('div', { class: 'start' },
    h('h1', {}, 'No records yet'),
    h('p', {}, 'This page shows them as they come. Send one from a shell:'),
    snippet(`curl -i ${base}/v1/logs -H 'Content-Type: application/json' -d '${BODY}'`),
    h('p', {}, 'Or have an application send its own. An OpenTelemetry SDK that reads its environment needs no code:'),
    snippet([
      'export OTEL_SERVICE_NAME=shop', `export OTEL_EXPORTER_OTLP_ENDPOINT=${base}`,
      'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf', 'export OTEL_LOGS_EXPORTER=otlp',
    ].join('\n')));
}

/** What to configure where nothing is stored that could be searched. */
export function noStore() {
  return h('div', { class: 'start' },
    h('h1', {}, 'Nothing is stored here'),
    h('p', {}, 'No pipeline of this gateway ends in an exporter ', h('code', {}, 'store'),
      ', so that there is nothing to search. It keeps records on this machine:'),
    snippet('exporters:\n  store:\n    path: logs\nservice:\n  pipelines:\n    logs:\n      receivers: [otlp]\n' +
      '      exporters: [store]'),
    h('p', {}, h('a', { href: '?view=pipelines' }, 'Pipelines'), ' shows what goes through, and where to.'));
}

function snippet(text) {
  return h('div', { class: 'snippet' },
    h('button', { type: 'button', onclick: (event) => copy(text, event.currentTarget) }, 'Copy'),
    h('pre', {}, text));
}
