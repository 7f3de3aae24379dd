/** What the flags of deployments and workers change, for the walk over all flags. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startOstinato, until } from './background.ts';
import { approvalCases, approvalOutputs } from './approval-flags.ts';
import { automationCases, automationOutputs } from './automation-flags.ts';
import { notificationCases, notificationOutputs } from './notification-flags.ts';
import { webhookCases, webhookOutputs } from './webhook-flags.ts';
import { backfillCases, backfillOutputs } from './backfill-flags.ts';
import { fresh, type FlagWorld } from './flag-world.ts';
import { poolCases, poolOutputs } from './pool-flags.ts';
import { scheduleCases, scheduleOutputs } from './schedule-flags.ts';

type Observe = (flag: readonly string[]) => Promise<unknown>;

interface Case {
  readonly values: readonly string[];
  readonly observe: Observe;
}

type World = () => FlagWorld;

const of = (values: readonly string[], observe: Observe): Case => ({ values, observe });

/** @returns its name */
async function applied(world: World, more: readonly string[] = []): Promise<string> {
  const name = fresh('deployment');
  const file = `${name}.yaml`;
  await world().spawn(['deployment', 'build', '-n', name, 'flows.ts:good', '--file', file, ...more]);
  await world().spawn(['deployment', 'apply', file]);
  return name;
}

/** What is written with the flag, without what differs anyway. */
const built =
  (world: World, words: readonly string[] = []): Observe =>
  async (flag) => {
    const file = `${fresh('built')}.yaml`;
    await world().spawn(['deployment', 'build', '-n', 'x', 'flows.ts:good', '--file', file, ...words, ...flag]);
    return readFileSync(join(world().place.project, file), 'utf8').replaceAll(file, 'FILE');
  };

/** The run that is asked for. */
const asked =
  (world: World, look: (run: Readonly<Record<string, unknown>>) => unknown): Observe =>
  async (flag) => {
    const name = await applied(world);
    return look(await world().json<Record<string, unknown>>(['deployment', 'run', name, ...flag]));
  };

const isLater = ({ next_scheduled_start_time: at }: Readonly<Record<string, unknown>>): boolean =>
  Date.parse(String(at)) > Date.now() + 60_000;

async function urlOf(world: World): Promise<string> {
  return `${(await world().json<{ url: string }>(['server', 'status'])).url}/api`;
}

/** What a worker says that takes what there is and ends. */
const onceSaid =
  (world: World, command: string, words: readonly string[]): Observe =>
  async (flag) => {
    const started = [command, 'start', '-p', fresh('pool'), '--run-once', ...flag];
    const given = flag[0] === '--pool' || flag[0] === '-p' ? started.filter((_, at) => at !== 2 && at !== 3) : started;
    const { stderr } = await world().spawn(given, { OSTINATO_API_URL: await urlOf(world) });
    return words.map((word) => stderr.includes(word));
  };

const endsByItself =
  (world: World, command: string): Observe =>
  async (flag) => {
    const worker = startOstinato(world().place, [command, 'start', '-p', fresh('pool'), ...flag], {
      OSTINATO_API_URL: await urlOf(world),
    });
    let isTold = false;
    if (flag.length === 0) {
      await until('it takes runs', () => worker.text().stderr.includes('takes the runs'));
      isTold = true;
      worker.child.kill('SIGTERM');
    }
    await worker.ended;
    return isTold;
  };

const watched =
  (world: World): Observe =>
  async (flag) => {
    const name = await applied(world);
    const call = world().start(['deployment', 'run', name, '--tag', name, ...flag]);
    const [run] = await until('there is a run', async () => {
      const runs = await world().json<{ id: string }[]>(['flow-run', 'ls', '--tag', name]);
      return runs.length > 0 && runs;
    });
    await world().call(['flow-run', 'cancel', run?.id ?? '']);
    return (await call.ended).exitCode;
  };

/** A run whose deployment lies where no file is. */
const executed =
  (world: World, look: (ended: { readonly exitCode: number | null; readonly stdout: string }) => unknown): Observe =>
  async (flag) => {
    const name = await applied(world);
    const { id } = await world().json<{ id: string }>(['deployment', 'run', name]);
    return look(await world().spawn(['flow-run', 'execute', id, ...flag]));
  };

const confirmedDeletion =
  (world: World): Observe =>
  async (flag) =>
    (await world().call(['deployment', 'delete', await applied(world), ...flag])).exitCode;

/** In a process of its own: it reads files of flows. */
const printed =
  (world: World, words: () => Promise<readonly string[]>): Observe =>
  async (flag) => {
    const { stdout } = await world().spawn([...(await words()), ...flag]);
    return /^[[{]/.test(stdout);
  };

async function tagsOf(world: World, name: string): Promise<readonly string[]> {
  return (await world().json<{ tags: string[] }>(['deployment', 'inspect', name])).tags;
}

/** The file has other tags than before, and so has the server, by hand: what is there afterwards. */
const appliedAgain =
  (world: World, isByHand: boolean): Observe =>
  async (flag) => {
    const name = await applied(world);
    const path = join(world().place.project, `${name}.yaml`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^tags:.*$/m, 'tags: [file]'));
    const { id } = await world().json<{ id: string }>(['deployment', 'inspect', name]);
    if (isByHand) await world().patch(`/deployments/${id}`, { tags: ['hand'] });
    await world().spawn(['deployment', 'apply', `${name}.yaml`, ...flag]);
    return await tagsOf(world, name);
  };

const overwritten =
  (world: World): Observe =>
  async (flag) => {
    const file = `${fresh('written')}.yaml`;
    writeFileSync(join(world().place.project, file), 'name: mine\n');
    return (await world().spawn(['deployment', 'build', '-n', 'x', 'flows.ts:good', '--file', file, ...flag])).exitCode;
  };

const named =
  (world: World): Observe =>
  async (flag) =>
    (await world().spawn(['deployment', 'build', 'flows.ts:good', '--file', `${fresh('named')}.yaml`, ...flag]))
      .exitCode;

const writtenTo =
  (world: World): Observe =>
  async (flag) =>
    (await world().spawn(['deployment', 'build', '-n', 'x', 'flows.ts:good', '--overwrite', ...flag])).stdout;

const listed =
  (world: World): Observe =>
  async (flag) => {
    await applied(world);
    await applied(world);
    return (await world().call(['deployment', 'ls', ...flag])).stdout.trim().split('\n').length;
  };

function workerCases(world: World, command: string): Readonly<Record<string, Case>> {
  return {
    '--pool': of(['reports'], onceSaid(world, command, ['pool reports'])),
    '--work-queue': of(['special'], onceSaid(world, command, ['special of pool'])),
    '--type': of(['kubernetes'], onceSaid(world, command, ['no worker of the type'])),
    '--name': of(['my-worker'], onceSaid(world, command, ['my-worker takes'])),
    '--limit': of(['3'], onceSaid(world, command, ['at most 3 '])),
    '--poll': of(['7s'], onceSaid(world, command, ['every 7 s'])),
    '--prefetch-seconds': of(['20'], onceSaid(world, command, ['prepared 20 s'])),
    '--spare': of(['2'], onceSaid(world, command, ['2 spare process'])),
    '--status': of(['0'], onceSaid(world, command, ['/metrics'])),
    '--drain': of(['2m'], onceSaid(world, command, ['have 120 s'])),
    '--run-once': of([], endsByItself(world, command)),
  };
}

/** Writes a project with these deployments of one flow. @returns the words that name its file */
function project(world: World, names: readonly string[], whose = fresh('project')): readonly string[] {
  const file = `${whose}.yaml`;
  const entries = names.map((name) => `  - { name: ${name}, flow_name: good, entrypoint: "flows.ts:good" }`);
  writeFileSync(join(world().place.project, file), [`name: ${whose}`, 'deployments:', ...entries, ''].join('\n'));
  return ['deploy', '--file', file];
}

const deployed =
  (world: World, names: () => readonly string[]): Observe =>
  async (flag) => {
    const { exitCode, stdout } = await world().spawn([...project(world, names()), ...flag]);
    return [exitCode, stdout.split('\n').length, stdout.startsWith('{'), stdout.includes('would')];
  };

const typesWritten =
  (world: World): Observe =>
  async (flag) =>
    (await world().spawn(['types', ...flag])).stdout;

/** Two are deployed, then one is named no more. */
const pruned =
  (world: World): Observe =>
  async (flag) => {
    const whose = fresh('project');
    const [kept, gone] = [fresh('kept'), fresh('gone')];
    await world().spawn([...project(world, [kept, gone], whose), '--all']);
    await world().spawn([...project(world, [kept], whose), '--all', ...flag]);
    return (await world().call(['deployment', 'inspect', `good/${gone}`])).exitCode;
  };

/** As `appliedAgain`, of a project. */
const deployedAgain =
  (world: World): Observe =>
  async (flag) => {
    const [name, whose] = [fresh('again'), fresh('project')];
    const words = project(world, [name], whose);
    const path = join(world().place.project, `${whose}.yaml`);
    const write = (tag: string): void =>
      writeFileSync(path, readFileSync(path, 'utf8').replace(/(?:, tags: \[\w+\])? \}/, `, tags: [${tag}] }`));
    write('first');
    await world().spawn(words);
    const { id } = await world().json<{ id: string }>(['deployment', 'inspect', name]);
    await world().patch(`/deployments/${id}`, { tags: ['hand'] });
    write('file');
    await world().spawn([...words, ...flag]);
    return await tagsOf(world, name);
  };

/** Two slots that are past. */
const slots =
  (world: World): Observe =>
  async (flag) => {
    const name = await applied(world, ['--interval', '1h']);
    const { id } = await world().json<{ id: string }>(['deployment', 'inspect', name]);
    const range = { start_time: '2026-01-01T00:00:00Z', end_time: '2026-01-01T03:00:00Z' };
    await world().post(`/deployments/${id}/schedule`, range);
    const { stdout } = await world().call(['deployment', 'schedule', 'history', name, ...flag]);
    return stdout.split('\n').filter((line) => line.startsWith('20')).length;
  };

function projectCases(world: World): Readonly<Record<string, Case>> {
  return {
    '--force': of([], deployedAgain(world)),
    '--all': of(
      [],
      deployed(world, () => ['d1', 'd2']),
    ),
    '--name': of(
      ['d1'],
      deployed(world, () => ['d1', 'd2']),
    ),
    '--dry-run': of(
      [],
      deployed(world, () => [fresh('dry')]),
    ),
    '--prune': of([], pruned(world)),
    '--file': of(
      ['nowhere.yaml'],
      deployed(world, () => ['d1']),
    ),
    '--output': of(
      ['json'],
      deployed(world, () => ['d1']),
    ),
  };
}

export function deploymentCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  return {
    'deployment build': {
      '--name': of(['y'], named(world)),
      '--file': of([`${fresh('own')}.yaml`], writtenTo(world)),
      '--overwrite': of([], overwritten(world)),
      '--description': of(['what it is for'], built(world)),
      '--flow-version': of(['7'], built(world)),
      '--tag': of(['a'], built(world)),
      '--param': of(['day=y'], built(world)),
      '--params': of(['{"day": "z"}'], built(world)),
      '--pool': of(['reports'], built(world)),
      '--work-queue': of(['special'], built(world)),
      '--cron': of(['0 9 * * *'], built(world)),
      '--interval': of(['15m'], built(world)),
      '--rrule': of(['FREQ=DAILY'], built(world)),
      '--timezone': of(['Europe/Berlin'], built(world, ['--cron', '0 9 * * *'])),
      '--concurrency-limit': of(['3'], built(world)),
      '--concurrency-key': of(['parameters.day'], built(world)),
      '--on-crash': of(['retry'], built(world)),
      '--output': of(
        ['json'],
        printed(world, async () => ['deployment', 'build', '-n', fresh('made'), 'flows.ts:good', '--overwrite']),
      ),
    },
    types: {
      '--file': of([`${fresh('types')}.d.ts`], typesWritten(world)),
      '--output': of(['json'], typesWritten(world)),
    },
    deploy: projectCases(world),
    'deployment apply': {
      '--dry-run': of([], appliedAgain(world, false)),
      '--force': of([], appliedAgain(world, true)),
      '--output': of(
        ['json'],
        printed(world, async () => ['deployment', 'apply', `${await applied(world)}.yaml`]),
      ),
    },
    'deployment diff': {
      '--output': of(
        ['json'],
        printed(world, async () => ['deployment', 'diff', `${await applied(world)}.yaml`]),
      ),
    },
    'deployment run': {
      '--param': of(
        ['day=y'],
        asked(world, ({ parameters }) => JSON.stringify(parameters)),
      ),
      '--params': of(
        ['{"day": "z"}'],
        asked(world, ({ parameters }) => JSON.stringify(parameters)),
      ),
      '--tag': of(
        ['mine'],
        asked(world, ({ tags }) => (tags as string[]).includes('mine')),
      ),
      '--job-variable': of(
        ['env={"A": "b"}'],
        asked(world, ({ job_variables: variables }) => JSON.stringify(variables)),
      ),
      '--at': of(['2100-01-01T00:00:00Z'], asked(world, isLater)),
      '--in': of(['2h'], asked(world, isLater)),
      '--version': of(
        ['1'],
        asked(world, ({ labels }) => (labels as Record<string, unknown>)['ostinato.deployment.pinned']),
      ),
      '--priority': of(
        ['-3'],
        asked(world, ({ priority }) => priority),
      ),
      '--watch': of([], watched(world)),
    },
    'deployment ls': { '--limit': of(['1'], listed(world)) },
    'deployment schedule history': { '--limit': of(['1'], slots(world)) },
    'deployment delete': { '--yes': of([], confirmedDeletion(world)) },
    ...approvalCases(world),
    ...automationCases(world),
    ...notificationCases(world),
    ...webhookCases(world),
    ...backfillCases(world),
    ...scheduleCases(world),
    ...poolCases(world),
    'flow-run execute': {
      '--entrypoint': of(
        ['flows.ts:nothing'],
        executed(world, ({ exitCode }) => exitCode),
      ),
      '--output': of(
        ['json'],
        executed(world, ({ stdout }) => stdout.trim().startsWith('{')),
      ),
    },
    'worker start': workerCases(world, 'worker'),
    'agent start': workerCases(world, 'agent'),
  };
}

/** Each as it is called for its JSON. */
export function deploymentOutputs(
  world: World,
): Readonly<Record<string, readonly string[] | (() => Promise<readonly string[]>)>> {
  return {
    'deployment run': async () => [await applied(world)],
    'deployment ls': [],
    'deployment schedule history': async () => [await applied(world)],
    'deployment inspect': async () => [await applied(world)],
    'deployment versions': async () => [await applied(world)],
    'deployment rollback': async () => [await applied(world), '1'],
    'deployment pause': async () => [await applied(world)],
    'deployment resume': async () => [await applied(world)],
    'deployment delete': async () => ['-y', await applied(world)],
    ...backfillOutputs(world),
    ...scheduleOutputs(world),
    ...approvalOutputs(world),
    ...automationOutputs(world),
    ...notificationOutputs(world),
    ...webhookOutputs(world),
    ...poolOutputs(world),
  };
}
