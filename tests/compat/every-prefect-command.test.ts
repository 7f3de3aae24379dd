/**
 * Every command of the client's own command line that only reads, on our server: it ends well, and shows what is there.
 * A command that is new in the client fails the test until it is called here, or left out for a reason.
 */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { answerOf, clientEnvironment, startOstinato, withServer } from './servers.ts';

const TREE = join(import.meta.dirname, 'programs', 'command_tree.py');
const PREFECT = join(dirname(REFERENCE.python), 'prefect');
/** Python takes its time to begin, and more beside other tests. */
const COMMAND_TIMEOUT_MS = 180_000;
const SIDE_BY_SIDE = 2;

/** Words behind the command, `@name` for an id; and what is to be seen. */
type Call = readonly [words: string, seen: RegExp];

const CALLS: Readonly<Record<string, readonly Call[]>> = {
  api: [['POST /flows/filter', /"name": ?"sales"/]],
  'artifact inspect': [['report', /report/]],
  'artifact ls': [['', /report/]],
  'automation inspect': [
    ['watcher', /watcher/],
    ['watcher --yaml', /name: watcher/],
  ],
  'automation ls': [['', /watcher/]],
  'block inspect': [['secret/pass', /pass/]],
  'block ls': [['', /secret\/pass/]],
  'block type inspect': [['secret', /secret/]],
  'block type ls': [['', /secret/]],
  'concurrency-limit inspect': [['db', /db/]],
  'concurrency-limit ls': [['', /db/]],
  'config validate': [['', /valid/i]],
  'config view': [['', /PREFECT_API_URL/]],
  'deployment inspect': [
    ['sales/nightly', /nightly/],
    ['sales/nightly -o json', /"entrypoint": ?"flows\.py:sales"/],
  ],
  'deployment ls': [
    ['', /sales\/nightly/],
    ['--flow-name sales', /sales\/nightly/],
  ],
  'deployment schedule ls': [['sales/nightly', /0 9 \* \* \*/]],
  'experimental plugins diagnose': [['', /plugin/i]],
  'experimental result-storage inspect': [['', /result storage/i]],
  'flow ls': [['', /sales/]],
  'flow-run inspect': [
    ['@done', /done-run/],
    ['@done -o json', /"name": ?"done-run"/],
  ],
  'flow-run logs': [
    ['@done', /all is well/],
    ['@done --tail --num-logs 1', /a task says/],
  ],
  'flow-run ls': [
    ['', /done-run/],
    ['--flow-name sales --state Completed', /done-run/],
  ],
  'flow-run watch': [['@done', /Completed/]],
  'gcl inspect': [['slots', /slots/]],
  'gcl ls': [['', /slots/]],
  'plugins diagnose': [['', /plugin/i]],
  'profile inspect': [['', /defaulting to/]],
  'profile ls': [['', /active profile/]],
  'sdk generate': [['--output sdk.py', /Deployments: 1/]],
  'server status': [['', /Server is available/]],
  'task-run inspect': [['@task', /load-0/]],
  'task-run logs': [['@task', /a task says/]],
  'task-run ls': [['', /load-0/]],
  'variable get': [['motto', /well/]],
  'variable inspect': [['motto -o json', /"name": ?"motto"/]],
  'variable ls': [['', /motto/]],
  version: [['', /3\.9\.1/]],
  'work-pool get-default-base-job-template': [['--type process', /job_configuration/]],
  'work-pool inspect': [['local -o json', /"name": ?"local"/]],
  'work-pool ls': [['--verbose', /local/]],
  'work-pool preview': [['local', /waiting-run/]],
  'work-pool slots': [['local', /Slots: 0 active/]],
  'work-pool storage inspect': [['local', /No storage configuration/]],
  'work-queue inspect': [['urgent --pool local', /urgent/]],
  'work-queue ls': [['--pool local', /urgent/]],
  'work-queue preview': [['default --pool local', /waiting-run/]],
  'work-queue read-runs': [['default --pool local', /Read 1 runs/]],
  'work-queue slots': [['urgent --pool local', /0 \/ 2/]],
};

/** Commands by how they begin. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  cloud: 'it asks the service of its maker',
  dev: 'it works on a checkout of the client',
  'server database': "it works on the database of Prefect's own server",
  'server services': "it is about Prefect's own server",
  'server start': "it starts Prefect's own server",
  'server stop': "it ends Prefect's own server",
  'dashboard open': 'it opens a window of the desktop',
  'event stream': 'it goes on for ever: `events.ts` of the scripts listens',
  'shell watch': 'it runs a command as a flow',
  'shell serve': 'it goes on for ever',
  'flow serve': 'it goes on for ever',
  'task serve': 'it goes on for ever',
  'worker start': 'it goes on for ever',
  transfer: 'it writes to another server: `transfer.test.ts` has it',
};
/** They write: the scripts and the differential tests ask the same routes. */
const WRITES =
  /(?:^| )(?:create|delete|update|set|unset|clear|reset|register|enable|disable|pause|resume|emit|run|cancel|retry|execute|use|rename|populate-defaults|configure \S+|provision-infra|set-concurrency-limit|clear-concurrency-limit)$|^deploy(?: init)?$|^init$/;

async function makeWorld(apiUrl: string): Promise<Readonly<Record<string, string>>> {
  const made = async (path: string, body: unknown): Promise<string> =>
    (await answerOf<{ id: string }>(apiUrl, 'POST', path, body)).id;
  const flow_id = await made('/flows/', { name: 'sales' });
  await made('/work_pools/', { name: 'local', type: 'process' });
  await made('/work_pools/local/queues', { name: 'urgent', priority: 1, concurrency_limit: 2 });
  const deployment = await made('/deployments/', {
    name: 'nightly',
    flow_id,
    work_pool_name: 'local',
    entrypoint: 'flows.py:sales',
    schedules: [{ schedule: { cron: '0 9 * * *', timezone: 'UTC' } }, { schedule: { interval: 3600 } }],
    concurrency_limit: 3,
  });
  await made(`/deployments/${deployment}/create_flow_run`, { name: 'waiting-run', state: { type: 'SCHEDULED' } });
  const done = await made('/flow_runs/', { flow_id, name: 'done-run', state: { type: 'COMPLETED' } });
  const ofTask = { flow_run_id: done, name: 'load-0', task_key: 'load', dynamic_key: '0' };
  const task = await made('/task_runs/', { ...ofTask, state: { type: 'COMPLETED' } });
  const line = { level: 20, flow_run_id: done };
  const logs = [
    { ...line, name: 'prefect.flow_runs', message: 'all is well', timestamp: '2026-11-30T10:00:00Z' },
    {
      ...line,
      name: 'prefect.task_runs',
      message: 'a task says',
      timestamp: '2026-11-30T10:00:01Z',
      task_run_id: task,
    },
  ];
  await fetch(`${apiUrl}/logs/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(logs),
  });
  await made('/artifacts/', { key: 'report', type: 'markdown', data: '# Report', flow_run_id: done });
  await made('/variables/', { name: 'motto', value: { well: true }, tags: [] });
  await made('/v2/concurrency_limits/', { name: 'slots', limit: 5, slot_decay_per_second: 1.5 });
  await made('/concurrency_limits/', { tag: 'db', concurrency_limit: 2 });
  await made('/automations/', {
    name: 'watcher',
    trigger: { type: 'event', posture: 'Reactive', expect: ['prefect.flow-run.Failed'], threshold: 1, within: 0 },
    actions: [{ type: 'do-nothing' }],
  });
  const type = await answerOf<{ id: string }>(apiUrl, 'GET', '/block_types/slug/secret');
  const [schema] = await answerOf<{ id: string }[]>(apiUrl, 'POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type.id] } },
  });
  await made('/block_documents/', {
    name: 'pass',
    data: { value: 'x' },
    block_type_id: type.id,
    block_schema_id: schema?.id,
  });
  return { '@done': done, '@task': task };
}

before(async () => await prepareClients(() => undefined), { timeout: 600_000 });

test('each command that only reads ends well, and shows what is there', { timeout: 900_000 }, async (t) => {
  await inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const environment = { ...clientEnvironment(REFERENCE.python, folder, apiUrl), COLUMNS: '200' };
      const tree = await run({ command: REFERENCE.python, words: [TREE], folder, environment }, COMMAND_TIMEOUT_MS);
      const commands = JSON.parse(tree.stdout) as readonly string[];
      assert.ok(commands.length > 100, `only ${commands.length} commands: ${tree.stderr}`);
      const isLeftOut = (name: string): boolean =>
        Object.keys(LEFT_OUT).some((begin) => `${name} `.startsWith(`${begin} `)) || WRITES.test(name);
      assert.deepEqual(
        commands.filter((name) => !(name in CALLS) && !isLeftOut(name)),
        [],
        'call these commands here, or say why not',
      );
      assert.deepEqual(
        Object.keys(CALLS).filter((name) => !commands.includes(name)),
        [],
        'these are gone',
      );
      const ids = await makeWorld(apiUrl);
      const calls = Object.entries(CALLS).flatMap(([name, each]) => each.map((call) => [name, ...call] as const));
      const goOn = async (): Promise<void> => {
        for (let next = calls.shift(); next !== undefined; next = calls.shift()) {
          const [name, typed, seen] = next;
          const words = `${name} ${typed}`.trim().split(' ');
          const said = words.map((word) => ids[word] ?? word);
          await t.test(words.join(' '), async () => {
            const ended = await run({ command: PREFECT, words: said, folder, environment }, COMMAND_TIMEOUT_MS);
            const all = ended.stdout + ended.stderr;
            assert.equal(ended.exitCode, 0, all);
            assert.doesNotMatch(all, /Traceback|Error:/);
            assert.match(ended.stdout, seen, all);
          });
        }
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, goOn));
    }),
  );
});
