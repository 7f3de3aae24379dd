/** What a worker asks of its pool. */

import { CREATE_WORK_POOL, READ_WORK_POOL, TAKE_DUE_RUNS } from '../../contract/work-pool.ts';
import { CREATE_QUEUE, CREATE_QUEUE_IN_POOL } from '../../contract/work-queue.ts';
import { BEAT_WORKER } from '../../contract/worker.ts';
import type { RunLease } from '../../core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../../core/ids.ts';
import { addSeconds, formatInstant, parseInstant, type Instant } from '../../core/time.ts';
import { AGENT_POOL_NAME } from '../../core/work-pool.ts';
import { claimRun, type Refused } from './claim-run.ts';
import type { ControlPlane } from './plane.ts';

export interface DueRun {
  readonly id: FlowRunId;
  readonly name: string;
  /** `null`: of no deployment. */
  readonly deploymentId: string | null;
}

export interface DueWhen {
  readonly now: Instant;
  /** Runs that wait for their time alone are given so long before it. */
  readonly prefetchSeconds: number;
}

export interface WorkPoolClient {
  /** The pool and the queues are there afterwards. @param type of a pool that has to be made; its jobs' template */
  ensure(pool: string, queues: readonly string[], type: string, template?: object | null): Promise<void>;
  beat(pool: string, worker: string, everySeconds: number): Promise<void>;
  /**
   * What is due now, in the server's order, and behind it what is to be prepared.
   *
   * @param queues empty: all of the pool
   */
  takeDue(pool: string, queues: readonly string[], when: DueWhen, limit: number): Promise<readonly DueRun[]>;
  /** The lease, or why the run is not given. @param worker its name */
  claim(id: FlowRunId, processId: ProcessId, worker: string): Promise<RunLease | Refused>;
}

/** Others wait for more than their time. */
const PLAIN = 'Scheduled';

/** As the body of a pool has it. @param template `null`: none */
export function templateIn(template: object | null) {
  return template === null ? {} : { base_job_template: template as Readonly<Record<string, unknown>> };
}

export function workPoolsOf(plane: ControlPlane): WorkPoolClient {
  return {
    async ensure(pool, queues, type, template = null) {
      if (pool !== AGENT_POOL_NAME && (await plane.find(READ_WORK_POOL, { name: pool })) === null)
        await plane.ask(CREATE_WORK_POOL, { body: { name: pool, type, ...templateIn(template) }, expected: [409] });
      for (const name of queues) {
        // The pool of agents is made with its first queue.
        if (pool === AGENT_POOL_NAME) await plane.ask(CREATE_QUEUE, { body: { name }, expected: [409] });
        else
          await plane.ask(CREATE_QUEUE_IN_POOL, { params: { work_pool_name: pool }, body: { name }, expected: [409] });
      }
    },
    beat: async (pool, name, everySeconds) =>
      void (await plane.ask(BEAT_WORKER, {
        params: { work_pool_name: pool },
        body: { name, heartbeat_interval_seconds: everySeconds },
      })),
    async takeDue(name, queues, { now, prefetchSeconds }, limit) {
      const body = {
        scheduled_before: formatInstant(addSeconds(now, prefetchSeconds)),
        limit,
        ...(queues.length === 0 ? {} : { work_queue_names: [...queues] }),
      };
      const { plain } = await plane.ask(TAKE_DUE_RUNS, { params: { name }, body });
      return plain
        .map(({ flow_run: run }) => run)
        .filter((run) => run.state_name === PLAIN || (parseInstant(run.next_scheduled_start_time ?? '') ?? now) <= now)
        .map((run) => ({ id: run.id as FlowRunId, name: run.name, deploymentId: run.deployment_id }));
    },
    claim: (id, processId, worker) => claimRun(plane, id, processId, worker),
  };
}
