/** What the flags of approvals change, for the walk over all flags. */
import { approvalKey, APPROVAL_TASK_KEY, type ApprovalRequest } from '../../src/core/approval.ts';
import type { Instant } from '../../src/core/time.ts';
import { fresh, type FlagWorld } from './flag-world.ts';
import { code, of, type Case } from './flag-observations.ts';

type World = () => FlagWorld;
type Words = readonly string[] | (() => Promise<readonly string[]>);

const FORM = {
  type: 'object',
  properties: { approved: { type: 'boolean' }, comment: { type: 'string' }, days: { type: 'integer' } },
};

/** The name of a flow run that waits for an answer. */
async function asking(world: World): Promise<string> {
  const { post } = world();
  const name = fresh('asking');
  const flow = await post('/flows/', { name: 'asks' });
  const run = await post('/flow_runs/', { flow_id: flow['id'], name, state: { type: 'RUNNING' } });
  const task = await post('/task_runs/', {
    flow_run_id: run['id'],
    task_key: APPROVAL_TASK_KEY,
    dynamic_key: '0',
    name: 'approval: go?',
    state: { type: 'RUNNING' },
  });
  const request: ApprovalRequest = {
    title: 'go?',
    description: null,
    to: [],
    form: FORM,
    askedAt: 0 as Instant,
    due: null,
    reminderSeconds: null,
    hasDefault: false,
  };
  const key = approvalKey(String(task['id']), 'request');
  await post(`/flow_runs/${String(run['id'])}/input`, { key, value: JSON.stringify(request) });
  return name;
}

/** What was answered; the exit code where nothing was. */
const answered =
  (world: World, ...words: readonly string[]) =>
  async (flag: readonly string[]): Promise<unknown> => {
    const ended = await world().call(['approval', 'answer', await asking(world), ...words, ...flag, '-o', 'json']);
    return ended.exitCode === 0 ? (JSON.parse(ended.stdout) as { answer: unknown }).answer : code(ended);
  };

export function approvalCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  return {
    'approval ls': {
      '--limit': of(['1'], async (flag) => {
        await asking(world);
        await asking(world);
        return (await world().json<readonly unknown[]>(['approval', 'ls', ...flag])).length;
      }),
    },
    'approval answer': {
      '--approve': of([], answered(world)),
      '--reject': of([], answered(world)),
      '--comment': of(['later'], answered(world, '--approve')),
      '--set': of(['days=3'], answered(world, '--approve')),
    },
  };
}

export function approvalOutputs(world: World): Readonly<Record<string, Words>> {
  return { 'approval ls': [], 'approval answer': async () => [await asking(world), '--approve'] };
}
