/** What became of a deployment that was applied, in the words of a command. */

import { describeChange } from '../../client/control/describe-change.ts';
import type { AppliedDeployment } from '../../contract/deployment-version.ts';
import { AGENT_POOL_TYPE } from '../../core/work-pool.ts';
import { shellWord } from '../../core/shell-word.ts';
import { workerCommand } from '../../core/waiting.ts';
import { DEFAULT_POOL, DEFAULT_QUEUE } from './fields.ts';

export const FORCE_FILE = 'Write into the file what is to be, or add --force: then it is what the file says.';

/** Where its runs wait, as the file says. */
export interface PlaceOfRuns {
  readonly work_pool_name?: string | null;
  readonly work_queue_name?: string | null;
}

/** @param isApplied else it is what would be. */
export function describeApplied(
  { is_new: isNew, flow_name: flowName, name: own, version, changes }: AppliedDeployment,
  isApplied: boolean,
  { work_pool_name: poolName, work_queue_name: queueName }: PlaceOfRuns,
): string {
  const name = `${flowName}/${own}`;
  const lines = changes.map((change) => `  ${describeChange(change)}`);
  const isChanged = changes.some(({ how }) => how === 'set');
  if (isNew && !isApplied) return `Deployment ${name} would be made.`;
  if (isNew) {
    const pool = poolName ?? DEFAULT_POOL;
    const queue = queueName ?? DEFAULT_QUEUE;
    const worker = workerCommand(
      { name: pool, type: pool === DEFAULT_POOL ? AGENT_POOL_TYPE : 'process' },
      { name: queue },
      queue !== DEFAULT_QUEUE,
    );
    return [
      `Made deployment ${name}.`,
      `Run it now: ostinato deployment run ${shellWord(name)}`,
      `Its runs wait for: ${worker}`,
    ].join('\n');
  }
  const number = version === null ? '' : ` (version ${version})`;
  if (changes.length === 0) return `Deployment ${name} is as the file says: nothing was changed${number}.`;
  if (!isApplied) return [`Deployment ${name}${number}, against the file:`, ...lines].join('\n');
  if (!isChanged) return [`Deployment ${name}: nothing was changed${number}.`, ...lines].join('\n');
  return [`Changed deployment ${name}${number}:`, ...lines].join('\n');
}
