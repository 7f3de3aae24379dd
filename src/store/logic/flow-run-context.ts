/** Reads what a decision about a flow run needs: one loader for each name, on any database. */

import {
  deploymentLimitName,
  type DeploymentSlots,
  type SlotOptions,
} from '../../core/concurrency/deployment-slots.ts';
import { keyedLimitName, keyOfRun } from '../../core/concurrency/concurrency-key.ts';
import type { ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { ConcurrencyLimitId, DeploymentId } from '../../core/ids.ts';
import { There, type Statements, type Work } from '../driver.ts';
import { readIdOrNull, uuidBytes } from '../id-value.ts';
import type { ContextFor, FlowRunContext, FlowRunNeeds, NeedsOf } from '../port/flow-run-context.ts';
import type { DeploymentBody, DeploymentRow } from '../rows/deployment.ts';
import { findSlots } from './concurrency.ts';
import { findPoolSlots } from './pool-slots.ts';
import { findFlow } from './flows.ts';

type Loaders = {
  readonly [Name in keyof FlowRunContext]: (db: Statements, run: FlowRun) => Work<FlowRunContext[Name]>;
};

const LOADERS: Loaders = {
  flow: (db, run) => findFlow(db, uuidBytes(run.flowId)),
  deploymentSlots: (db, run) => {
    const deploymentId = run.submission?.deploymentId ?? null;
    return deploymentId === null ? NONE : findDeploymentSlots(db, run, deploymentId);
  },
  poolSlots: (db, run) => {
    const queueId = run.submission?.workQueueId ?? null;
    return queueId === null ? NONE : findPoolSlots(db, run.id, queueId);
  },
};

const NONE: Work<null> = new There(null);
const NAMES = Object.keys(LOADERS) as readonly (keyof FlowRunContext)[];
const OF_NO_RUN: FlowRunContext = { flow: null, deploymentSlots: null, poolSlots: null };

export function* loadContext<Needs extends FlowRunNeeds>(
  db: Statements,
  run: FlowRun | null,
  needs: NeedsOf<Needs>,
): Work<ContextFor<Needs>> {
  if (run === null) return OF_NO_RUN as ContextFor<Needs>;
  const named: FlowRunNeeds = typeof needs === 'function' ? needs(run) : needs;
  const context: { -readonly [Name in keyof FlowRunContext]?: FlowRunContext[keyof FlowRunContext] } = {};
  for (const name of NAMES) if (named[name] === true) context[name] = yield* LOADERS[name](db, run);
  return context as ContextFor<Needs>;
}

function* findDeploymentSlots(db: Statements, run: FlowRun, id: DeploymentId): Work<DeploymentSlots | null> {
  const row = yield* db.get<Pick<DeploymentRow, 'concurrency_limit_id' | 'body'>>(
    'SELECT concurrency_limit_id, body FROM deployment WHERE id = ?',
    uuidBytes(id),
  );
  const [name, limitId] = [
    deploymentLimitName(id),
    readIdOrNull<ConcurrencyLimitId>(row?.concurrency_limit_id ?? null),
  ];
  const named = limitId === null ? { names: [name] } : { limitIds: [limitId] };
  const key = keyOfRun(run);
  const keyedName = key === null ? null : keyedLimitName(id, key);
  const { limits, leases } = yield* findSlots(db, {
    ...named,
    names: [...(named.names ?? []), ...(keyedName === null ? [] : [keyedName])],
    holderId: run.id,
  });
  if (limits.length === 0) return null;
  const base = limits.find((each) => (limitId === null ? each.name === name : each.id === limitId)) ?? null;
  const keyed = limits.find((each) => each.name === keyedName);
  const limit = keyedName === null || base === null ? base : keyedLimit(base, keyed, keyedName);
  return {
    limit,
    ...(keyedName === null || base === null ? {} : { keyed: keyed === undefined ? 'new' : 'there' }),
    leases: leases.filter(({ limitIds }) => (limit === null ? !isOfQueue(limitIds, run) : limitIds.includes(limit.id))),
    ...(row === undefined ? {} : { options: optionsOf(row.body) }),
  };
}

/** As many slots as the deployment's limit, for the runs of one key. */
function keyedLimit(base: ConcurrencyLimit, keyed: ConcurrencyLimit | undefined, name: string): ConcurrencyLimit {
  if (keyed !== undefined) return { ...keyed, limit: base.limit, active: base.active };
  return { ...base, name, activeSlots: 0, deniedSlots: 0, slotDecayPerSecond: 0 };
}

/** Of the run's queue and pool: `poolSlots` has it. */
function isOfQueue(limitIds: readonly string[], { submission }: FlowRun): boolean {
  return limitIds.some((id) => id === submission?.workQueueId);
}

function optionsOf(body: string): SlotOptions | null {
  const { concurrencyOptions } = JSON.parse(body) as DeploymentBody;
  return concurrencyOptions === null ? null : (JSON.parse(concurrencyOptions) as SlotOptions);
}
