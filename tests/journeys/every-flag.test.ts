/**
 * Every flag of every command changes something that can be seen. The flags are read from the commands: one without a
 * case here fails this test, as does a case that looks the same with the flag and without it. The short form does what
 * the long one does.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';

import { describeCommand, flattenTree, type OptionNode } from '../../src/cli/completion/command-tree.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { startOstinato, until } from './background.ts';
import { deploymentCases } from './deployment-flags.ts';
import { eventCases } from './event-flags.ts';
import { fresh, makeWitnesses, openFlagWorld, tryServer, type FlagWorld } from './flag-world.ts';
import { callCommand } from './in-process.ts';
import { makePlace, type Ended } from './launch.ts';
import { outputsOf } from './flag-outputs.ts';
import { code, elsewhere, has, isJson, lines, of, stopped, type Case, type Observe } from './flag-observations.ts';

let world: FlagWorld;
// Before the folder of its home goes.
after(async () => {
  await world.stop();
});
const place = makePlace();
before(
  async () => {
    world = await openFlagWorld(place);
  },
  { timeout: 180_000 },
);

/** The command is called in this process, and `look` sees what it said. */
const said =
  (
    words: readonly string[] | (() => Promise<readonly string[]>),
    look: (ended: Ended) => unknown,
    env: Readonly<Record<string, string>> = {},
  ): Observe =>
  async (flag) =>
    look(await world.call([...(typeof words === 'function' ? await words() : words), ...flag], env));

const stateOf = async (name: string): Promise<{ readonly type: string; readonly message: string | null }> =>
  (await world.json<{ state: { type: string; message: string | null } }>(['flow-run', 'inspect', name])).state;

const PRINTED = outputsOf({ world: () => world, project: place.project, word: variable, tag });

async function variable(): Promise<string> {
  const name = fresh('word');
  await world.call(['variable', 'set', name, 'some text']);
  return name;
}

async function tag(): Promise<string> {
  const name = fresh('tag');
  await world.call(['concurrency', 'create', name, '1']);
  return name;
}

// Whole lists: how many runs other cases and the scheduler have made meanwhile is not what is looked at.
const everyRun = ['flow-run', 'ls', '--limit', '1000'];
const everyTaskRun = ['task-run', 'ls', '--limit', '1000'];

/** A flow is run by a process of its own. */
const ran =
  (words: readonly string[], look: (ended: Ended) => unknown): Observe =>
  async (flag) =>
    look(await world.spawn([...words, ...flag]));

/** The flag that says to go on; without it the command has ended before there is anything more. */
const followed: Observe = async (flag) => {
  const name = await world.running();
  const { id } = await world.json<{ id: string }>(['flow-run', 'inspect', name]);
  const log = (message: string) =>
    world.post('/logs/', [
      { name: 'prefect', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: id },
    ]);
  await log('before');
  await until('the first record is there', async () =>
    (await world.call(['flow-run', 'logs', name])).stdout.includes('before'),
  );
  const call = world.start(['flow-run', 'logs', name, ...flag]);
  if (flag.length === 0) await call.ended;
  await until('it has begun', () => call.written().stdout.includes('before'));
  await log('meanwhile');
  if (flag.length > 0) await until('it has gone on', () => call.written().stdout.includes('meanwhile'));
  await world.call(['flow-run', 'mark', name, 'completed']);
  return has('meanwhile')(await call.ended);
};

const waited: Observe = async (flag) => {
  const name = await world.running();
  const call = world.start(['flow-run', 'cancel', name, ...flag]);
  await until('it is asked to stop', async () => (await stateOf(name)).type === 'CANCELLING');
  if (flag.length === 0) await call.ended;
  await world.call(['flow-run', 'mark', name, 'cancelled', '--force']);
  return has(' is Cancelled.')(await call.ended);
};

/** Things happen until the stream has heard of one. */
const streamed: Observe = async (flag) => {
  const call = world.start(['event', 'stream', '--limit', '1', ...flag]);
  let isOver = false;
  const ended = call.ended.finally(() => {
    isOver = true;
  });
  await until('an event came', async () => isOver || (await variable(), isOver));
  return has('.variable.')(await ended);
};

const unlimited: Observe = async (flag) => {
  const stream = startOstinato(place, ['event', 'stream', '--since', '1h', ...flag]);
  const wanted = flag.length > 0 ? 1 : 2;
  await until('events came', () => stream.text().stdout.split('\n').length > wanted);
  if (flag.length === 0) stream.child.kill('SIGINT');
  return lines(await stream.ended) === 1;
};

const initialised =
  (words: readonly string[], look: (folder: string, notes: string) => unknown): Observe =>
  async (flag) => {
    const folder = join(place.project, fresh('made'));
    // Where it is installed, this checkout is not packed for it.
    mkdirSync(join(folder, 'node_modules', 'ostinato'), { recursive: true });
    const { bin, notes } = makeWitnesses(place.project);
    const ended = await world.spawn(['init', folder, ...words, ...flag], {
      PATH: [bin, process.env['PATH']].join(delimiter),
    });
    assert.equal(ended.exitCode, 0, ended.stderr);
    return look(folder, readFileSync(notes, 'utf8'));
  };

const opened: Observe = async (flag) => {
  const { bin, notes } = makeWitnesses(place.project);
  const at = { ...world.at, env: { ...world.at.env, BROWSER: join(bin, 'browser') }, isInteractive: true };
  await callCommand(['open', 'bad-run', ...flag], at);
  await callCommand(['open', 'good-run'], at);
  // What came first is there when what came second is.
  const { id } = await world.json<{ id: string }>(['flow-run', 'inspect', 'good-run']);
  await until('the browser was called', () => readFileSync(notes, 'utf8').includes(id));
  return readFileSync(notes, 'utf8').trim().split('\n').length;
};

const confirmed = (path: readonly string[], what: () => Promise<string>): Case =>
  of(
    [],
    said(async () => [...path, await what()], code),
  );

const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  '': {
    '--profile': of(
      ['other'],
      async (flag) => (
        await world.call(['profile', 'create', 'other']),
        has('Profile: other')(await world.call(['config', 'view', ...flag]))
      ),
    ),
    '--debug': of([], said(['why', 'nothing-of-that-name'], has('    at '))),
    '--version': of([], said([], has('Usage:'))),
  },
  run: {
    '--param': of(
      ['day=y'],
      ran(['run', 'flows.ts:good'], ({ stdout }) => stdout),
    ),
    '--params': of(
      ['{"day": "z"}'],
      ran(['run', 'flows.ts:good'], ({ stdout }) => stdout),
    ),
    '--output': of(['json'], ran(['run', 'flows.ts:good'], isJson)),
  },
  ...deploymentCases(() => world),
  'flow ls': { '--limit': of(['1'], said(['flow', 'ls'], lines)) },
  'flow-run ls': {
    '--state': of(['failed'], said(everyRun, has('good-run', 'bad-run'))),
    '--flow': of(['good'], said(everyRun, has('good-run', 'bad-run'))),
    '--name': of(['bad-run'], said(everyRun, has('good-run', 'bad-run'))),
    '--tag': of(['nightly'], said(everyRun, has('good-run', 'bad-run'))),
    '--root': of([], said(everyRun, has('good-run', 'inner-run'))),
    '--limit': of(['1'], said(['flow-run', 'ls'], lines)),
  },
  'flow-run logs': {
    '--follow': of([], followed),
    '--level': of(['warning'], said(['flow-run', 'logs', 'inner-run'], has('slow to load', 'loaded'))),
    '--task': of(['load-0'], said(['flow-run', 'logs', 'inner-run'], has('from within', 'loaded'))),
    '--text': of(['SLOW'], said(['flow-run', 'logs', 'inner-run'], has('slow to load', 'loaded'))),
    '--tail': of(['1'], said(['flow-run', 'logs', 'inner-run'], lines)),
  },
  'flow-run cancel': {
    '--wait': of([], waited),
    '--force': of([], async (flag) => {
      const name = await world.running();
      await world.call(['flow-run', 'cancel', name, ...flag]);
      return (await stateOf(name)).type;
    }),
  },
  'flow-run mark': {
    '--message': of(['its machine is gone'], async (flag) => {
      const name = await world.running();
      await world.call(['flow-run', 'mark', name, 'crashed', ...flag]);
      return (await stateOf(name)).message;
    }),
    '--force': of(
      [],
      said(async () => ['flow-run', 'mark', await world.over(), 'failed'], code),
    ),
  },
  'flow-run retry': {
    '--plan': of([], async (flag) => {
      await world.spawn(['flow-run', 'retry', 'bad-run', ...flag]);
      const { run_count: runs } = await world.json<{ run_count: number }>(['flow-run', 'inspect', 'bad-run']);
      const grown = runs - attempts.bad;
      attempts.bad = runs;
      return grown;
    }),
    '--output': of(['json'], ran(['flow-run', 'retry', 'bad-run', '--plan'], isJson)),
    '--entrypoint': of(['moved.ts:bad'], ran(['flow-run', 'retry', 'gone-run', '--plan'], code)),
  },
  'flow-run delete': { '--yes': confirmed(['flow-run', 'delete'], () => world.over()) },
  'task-run ls': {
    '--flow-run': of(['bad-run'], said(everyTaskRun, has('load-0', 'price-0'))),
    '--state': of(['failed'], said(everyTaskRun, has('load-0', 'price-0'))),
    '--name': of(['price-0'], said(everyTaskRun, has('load-0', 'price-0'))),
    '--limit': of(['1'], said(['task-run', 'ls'], lines)),
  },
  open: { '--print': of([], opened) },
  'event ls': {
    '--name': of(['prefect.task-run.'], said(['event', 'ls', '--limit', '1000'], has('prefect.flow-run.'))),
    '--resource': of(['prefect.variable.'], said(['event', 'ls', '--limit', '1000'], has('prefect.flow-run.'))),
    '--since': of(['2100-01-01'], said(['event', 'ls'], has('No event fits'))),
    // Oldest first.
    '--follow': of([], async (flag) => {
      const [first, second] = [await variable(), await variable()];
      const { stdout } = await world.call(['event', 'ls', '--name', 'prefect.variable.', '--limit', '2', ...flag]);
      assert.ok(stdout.includes(first) && stdout.includes(second), stdout);
      return stdout.indexOf(first) < stdout.indexOf(second);
    }),
    '--limit': of(['1'], said(['event', 'ls'], lines)),
  },
  'event emit': eventCases(() => world),
  'event stream': {
    '--name': of(
      ['prefect.task-run.'],
      said(['event', 'stream', '--since', '1h', '--limit', '1'], has('prefect.task-run.')),
    ),
    '--resource': of(['prefect.artifact'], said(['event', 'stream', '--since', '1h', '--limit', '1'], has('artifact'))),
    '--since': of(['1h'], streamed),
    '--limit': of(['1'], unlimited),
  },
  'artifact ls': {
    '--key': of(['rows'], said(['artifact', 'ls'], has('report', 'rows'))),
    '--type': of(['table'], said(['artifact', 'ls'], has('report', 'rows'))),
    '--flow-run': of(['bad-run'], said(['artifact', 'ls'], has('rows'))),
    '--latest': of([], said(['artifact', 'ls', '--key', 'report'], lines)),
    '--limit': of(['1'], said(['artifact', 'ls'], lines)),
  },
  'artifact inspect': {
    '--save': of(
      ['saved.md'],
      said(['artifact', 'inspect', 'report'], () => existsSync(join(place.project, 'saved.md'))),
    ),
  },
  'artifact delete': { '--yes': confirmed(['artifact', 'delete'], () => world.artifact()) },
  'variable ls': {
    '--limit': of(
      ['1'],
      said(async () => (await variable(), await variable(), ['variable', 'ls']), lines),
    ),
  },
  'variable set': {
    '--overwrite': of(
      [],
      said(async () => ['variable', 'set', await variable(), 'new'], code),
    ),
    '--text': of(
      [],
      said(
        async () => ['variable', 'set', fresh('digits'), '7', '-o', 'json'],
        ({ stdout }) => (JSON.parse(stdout) as { value: unknown }).value,
      ),
    ),
    '--tag': of(
      ['a'],
      said(
        async () => ['variable', 'set', fresh('tagged'), '7', '-o', 'json'],
        ({ stdout }) => (JSON.parse(stdout) as { tags: unknown }).tags,
      ),
    ),
  },
  'block ls': {
    '--type': of(
      ['secret'],
      said(async () => (await world.block(), ['block', 'ls']), lines),
    ),
    '--limit': of(
      ['1'],
      said(async () => (await world.block(), await world.block(), ['block', 'ls']), lines),
    ),
  },
  'block delete': { '--yes': confirmed(['block', 'delete'], () => world.block()) },
  'server start': {
    '--host': of(['localhost'], async (flag) => has('//localhost:')(await tryServer(['--port', '0', ...flag]))),
    '--port': of(['0'], async (flag) => /\b4200\b/.test((await tryServer(flag)).stderr)),
    '--database': of(['sqlite:own.db'], async (flag) => has('own.db')(await tryServer(['--port', '0', ...flag]))),
    '--background': of([], async (flag) => has('server stop')(await tryServer(['--port', '0', ...flag]))),
    '--allow-anonymous': of([], async (flag) => code(await tryServer(['--host', '0.0.0.0', '--port', '0', ...flag]))),
  },
  'server stop': { '--timeout': of(['0'], stopped) },
  'server status': {
    '--wait': of([], elsewhere(['server', 'status'], code)),
    '--timeout': of(['0'], elsewhere(['server', 'status', '--wait'], code)),
  },
  init: {
    '--ostinato': of(
      ['^7.0.0'],
      initialised(['--no-install'], (folder) => readFileSync(join(folder, 'package.json'), 'utf8').includes('^7.0.0')),
    ),
    '--deployments': of(
      [],
      initialised(['--no-install', '--ostinato', '^7.0.0'], (folder) => existsSync(join(folder, 'ostinato.yaml'))),
    ),
    '--no-install': of(
      [],
      initialised(['--ostinato', '^7.0.0'], (_folder, notes) => notes.includes('npm install')),
    ),
  },
  'config view': {
    '--sources': of([], said(['config', 'view'], has('SOURCE', 'environment variable OSTINATO_HOME'))),
    '--show-secrets': of([], said(['config', 'view'], has('abc-the-key'), { OSTINATO_API_KEY: 'abc-the-key' })),
  },
  'profile create': {
    '--from': of(['full'], async (flag) => {
      await world.call(['profile', 'create', 'full']);
      await world.call(['--profile', 'full', 'config', 'set', 'log.level=debug']);
      const name = fresh('copy');
      await world.call(['profile', 'create', name, ...flag]);
      return has('log.level')(await world.call(['profile', 'inspect', name]));
    }),
  },
};

const attempts = { bad: 1 };

/** What is there so that other programs' habits do no harm, and says so in its help. */
const WITHOUT_EFFECT: Readonly<Record<string, RegExp>> = { 'init --yes': /nothing is asked here/ };

const tree = describeCommand(await buildProgram(processTerminal(), { all: true }));
const nodes = flattenTree(tree).filter(({ path, children }) => path.length === 0 || children.length === 0);

function caseOf(path: string, { long }: OptionNode): Case | undefined {
  const own = CASES[path]?.[String(long)];
  const printed = PRINTED[path];
  if (own !== undefined || long !== '--output' || printed === undefined) return own;
  const words = async (): Promise<readonly string[]> => [
    ...path.split(' '),
    ...(typeof printed === 'function' ? await printed() : printed),
  ];
  return of(['json'], said(words, isJson));
}

for (const { path, options } of nodes) {
  const name = path.join(' ');
  for (const option of options.filter(({ long }) => long !== '--help')) {
    const { long, short, description } = option;
    test(`ostinato ${name} ${long}`, { timeout: 120_000 }, async () => {
      const nothing = WITHOUT_EFFECT[`${name} ${long}`];
      if (nothing !== undefined) return assert.match(description, nothing);
      const found = caseOf(name, option);
      assert.ok(found !== undefined, `give "${name}" ${long} a case here`);
      const { values, observe } = found;
      const without = await observe([]);
      const given = await observe([String(long), ...values]);
      assert.notDeepEqual(given, without, `with ${long} and without it: ${JSON.stringify(given)}`);
      if (short !== null) assert.deepEqual(await observe([short, ...values]), given, `${short} does what ${long} does`);
      return undefined;
    });
  }
}

test('no case is about a flag that is not there', () => {
  const known = new Set(nodes.flatMap(({ path, options }) => options.map(({ long }) => `${path.join(' ')} ${long}`)));
  const told = [
    ...Object.entries(CASES).flatMap(([path, flags]) => Object.keys(flags).map((flag) => `${path} ${flag}`)),
    ...Object.keys(PRINTED).map((path) => `${path} --output`),
    ...Object.keys(WITHOUT_EFFECT),
  ];
  assert.deepEqual(
    told.filter((each) => !known.has(each)),
    [],
  );
});
