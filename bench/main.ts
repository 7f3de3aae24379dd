/**
 * `npm run bench [-- --only NAME] [--quick] [--json FILE] [--without-prefect]`: every figure that Ostinato promises,
 * with Prefect measured beside it in the same run. What each means: README.md in this folder.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Bench, type Figure } from './bench.ts';
import { automations } from './figures/automations.ts';
import { chain } from './figures/chain.ts';
import { constants } from './figures/constants.ts';
import { dashboard } from './figures/dashboard.ts';
import { due } from './figures/due.ts';
import { events } from './figures/events.ts';
import { filters } from './figures/filters.ts';
import { flowFile } from './figures/flow-file.ts';
import { health } from './figures/health.ts';
import { idle } from './figures/idle.ts';
import { inside } from './figures/inside.ts';
import { mapped } from './figures/mapped.ts';
import { million } from './figures/million.ts';
import { postgres } from './figures/postgres.ts';
import { pythonFlow } from './figures/python-flow.ts';
import { schedules } from './figures/schedules.ts';
import { sequential } from './figures/sequential.ts';
import { served } from './figures/served.ts';
import { server } from './figures/server.ts';
import { tenMillion } from './figures/ten-million.ts';
import { version } from './figures/version.ts';
import { PREFECT_VERSION } from './prefect/environment.ts';
import { isMet, ratioOf, type Row } from './row.ts';
import { renderTable } from './table.ts';

const FIGURES: readonly Figure[] = [
  sequential,
  mapped,
  constants,
  flowFile,
  version,
  million,
  server,
  events,
  pythonFlow,
  served,
  due,
  chain,
  schedules,
  automations,
  idle,
  dashboard,
  filters,
  inside,
  health,
  postgres,
  tenMillion,
];

const { values } = readArguments();
if (values.help) {
  console.log(`Usage: npm run bench [-- OPTIONS]

  --only NAME        one figure (may be repeated): ${FIGURES.map(({ name }) => name).join(', ')}
  --quick            fewer repeats, rough figures
  --without-prefect  our side only
  --json FILE        the figures as JSON too

The first run with Prefect makes a virtual environment for it in bench/.venv. A whole run takes about half an hour, a quick one some minutes.`);
  process.exit(0);
}
const { only, quick, json } = values;
const unknown = only?.find((name) => !FIGURES.some((figure) => figure.name === name));
if (unknown !== undefined) {
  console.error(`There is no figure "${unknown}". There are: ${FIGURES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'ostinato-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const bench = new Bench({
  quick,
  withPrefect: !values['without-prefect'],
  folder,
  say: (message) => console.error(message),
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void bench.close().finally(() => process.exit(130)));

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? '',
  memoryGb: Math.round(totalmem() / 1e9),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  prefect: values['without-prefect'] ? null : PREFECT_VERSION,
};
console.log(
  `${machine.cpus} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}${quick ? '; --quick: rough figures' : ''}`,
);
const loadBefore = loadavg()[0] ?? 0;
if (loadBefore > machine.cpus / 4)
  console.log(`The machine is busy (load ${loadBefore.toFixed(1)}): figures will be high, ours and the peer's.`);

const rows: Row[] = [];
try {
  for (const figure of FIGURES.filter(({ name }) => only === undefined || only.includes(name))) {
    console.error(figure.title);
    rows.push(...(await figure.measure(bench)));
  }
} finally {
  await bench.close();
}
console.log(`\n${renderTable(rows)}`);
if (json !== undefined) {
  const results = rows.map((row) => ({ ...row, ratio: ratioOf(row), met: row.goals.map((goal) => isMet(row, goal)) }));
  writeFileSync(
    json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, quick, loadBefore, rows: results }, null, 2)}\n`,
  );
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        'without-prefect': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run bench -- --help shows what there is.`);
    process.exit(2);
  }
}
