/** In files, what an action is about has a name in the place of its id. */

import type { DescribedKind } from '../../contract/decode/automation-kinds.ts';

export interface NamedTarget {
  /** In the API. */
  readonly id: string;
  /** What stands there. */
  readonly must: string;
  readonly example: string;
}

/** By the field that a file may have in the place of the id. */
export const NAMED_TARGETS: Readonly<Record<string, NamedTarget>> = {
  deployment: { id: 'deployment_id', must: 'FLOW/NAME of a deployment', example: 'deployment: sales/nightly' },
  work_pool: { id: 'work_pool_id', must: 'the name of a work pool', example: 'work_pool: default' },
  work_queue: { id: 'work_queue_id', must: 'POOL/QUEUE', example: 'work_queue: default/urgent' },
  automation: { id: 'automation_id', must: 'the name of an automation', example: 'automation: late-reports' },
  block: { id: 'block_document_id', must: 'TYPE/NAME of a block', example: 'block: slack-webhook/team' },
};

/** Those that a kind of action has room for. */
export function namedTargetsOf(kind: DescribedKind): readonly string[] {
  return Object.keys(NAMED_TARGETS).filter((name) => kind.members.has(NAMED_TARGETS[name]?.id ?? ''));
}
