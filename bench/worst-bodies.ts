/** What takes a server longest of all that it can be sent: near the bounds of each route, and beyond them. */

export interface WorstBody {
  readonly what: string;
  /** Below `/api`. */
  readonly path: string;
  readonly text: () => string;
}

const times = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => piece(index)).join(',');
const id = (index: number): string => `0190a1b2-c3d4-7e5f-8a9b-${index.toString(16).padStart(12, '0')}`;
const NOW = '2026-11-22T18:13:00Z';

const event = (index: number, text: string): string =>
  `{"id":"${id(index)}","occurred":"${NOW}","event":"bench.worst","resource":{"prefect.resource.id":"bench.${index}"},` +
  `"related":[{"prefect.resource.id":"prefect.flow.bench","prefect.resource.role":"flow"}],"payload":{"index":${index},"text":"${text}"}}`;
const log = (index: number, text: string): string =>
  `{"name":"n","level":20,"message":"${text}","timestamp":"${NOW}","flow_run_id":"${id(index % 7)}"}`;

export const WORST_BODIES: readonly WorstBody[] = [
  {
    what: '4,900 ids in a filter',
    path: '/flow_runs/filter',
    text: () => `{"flow_runs":{"id":{"any_":[${times(4900, (index) => `"${id(index)}"`)}]}}}`,
  },
  {
    what: '23,000 ids in a filter',
    path: '/flow_runs/filter',
    text: () => `{"flow_runs":{"id":{"any_":[${times(23_000, (index) => `"${id(index)}"`)}]}}}`,
  },
  {
    what: '23,000 ids without dashes',
    path: '/task_runs/filter',
    text: () => `{"task_runs":{"id":{"any_":[${times(23_000, (index) => `"${id(index).replaceAll('-', '')}"`)}]}}}`,
  },
  {
    what: '76,000 keys that nobody knows',
    path: '/flow_runs/filter',
    text: () => `{${times(76_000, (index) => `"k${index.toString(36)}":1`)}}`,
  },
  {
    what: '40,000 keys that nobody knows',
    path: '/flow_runs/',
    text: () => `{"flow_id":"${id(1)}",${times(40_000, (index) => `"k${index.toString(36)}":1`)}}`,
  },
  { what: '9 MB where 1 MB is taken', path: '/flow_runs/filter', text: () => `{"name":"${'n'.repeat(9_000_000)}"}` },
  {
    what: '9 MB of empty lists',
    path: '/artifacts/',
    text: () => `{"key":"k","data":[${times(3_000_000, () => '[]')}]}`,
  },
  { what: '9 MB of text', path: '/artifacts/', text: () => `{"key":"k","description":"${'d'.repeat(9_000_000)}"}` },
  {
    what: '250,000 numbers kept by their text',
    path: '/artifacts/',
    text: () => `{"key":"k","data":[${times(250_000, () => '1.0')}]}`,
  },
  {
    what: '140,000 objects of shapes of their own',
    path: '/artifacts/',
    text: () => `{"key":"k","data":[${times(140_000, (index) => `{"${index.toString(36)}":1}`)}]}`,
  },
  {
    what: '2,000,000 nested lists',
    path: '/flows/',
    text: () => `{"name":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`,
  },
  { what: '20,000 events', path: '/events', text: () => `[${times(20_000, (index) => event(index, 'x'))}]` },
  {
    what: '20,000 events, 20 MB',
    path: '/events',
    text: () => `[${times(20_000, (index) => event(index + 50_000, 'x'.repeat(800)))}]`,
  },
  { what: '50,000 logs', path: '/logs/', text: () => `[${times(50_000, (index) => log(index, 'x'))}]` },
  {
    what: '25,000 logs, 25 MB',
    path: '/logs/',
    text: () => `[${times(25_000, (index) => log(index, 'x'.repeat(900)))}]`,
  },
  { what: '50,000 logs that are all wrong', path: '/logs/', text: () => `[${times(50_000, () => '{"level":"x"}')}]` },
  {
    what: 'a pattern that nearly fits everywhere',
    path: '/flow_runs/filter',
    text: () => `{"flow_runs":{"name":{"like_":"%${'_a%'.repeat(150)}"}}}`,
  },
  {
    what: '1,000 beginnings of names',
    path: '/events/filter',
    text: () =>
      `{"filter":{"occurred":{"since":"${NOW}","until":"2026-12-22T18:13:00Z"},"event":{"prefix":[${times(1000, (index) => `"bench.${index}."`)}]}}}`,
  },
];
