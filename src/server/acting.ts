/** What the actions of automations get from this server: objects as its API answers them, messages, and its address. */

import type { Operation } from '../api/operation.ts';
import { wireText } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import { exactValue } from '../core/json-value.ts';
import type { Clock } from '../core/time.ts';
import type { ActionPorts, Described } from '../orchestrator/automation-actions/ports.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { isSameSignature, newLinkSecret, signLink } from '../platform/signed-links.ts';
import { AlertService } from '../services/alerts.ts';
import { ActionService } from '../services/automation-actions.ts';
import type { Storage } from '../store/port.ts';
import type { Messengers } from './messengers.ts';

export interface Acting {
  /** For the use cases. */
  readonly ports: ActionPorts;
  /** Call when the server listens. */
  start(parts: ActingParts): void;
  stop(): Promise<void>;
}

export interface ActingParts {
  readonly storage: Pick<Storage, 'onCommit'>;
  readonly useCases: UseCases;
  readonly clock: Clock;
  readonly onFailure: (message: string, error: unknown) => void;
  /** For instance `http://127.0.0.1:4200`. */
  readonly url: string;
  readonly operations: readonly Operation[];
}

interface Running {
  readonly actions: ActionService;
  readonly alerts: AlertService;
  readonly stopHearing: () => void;
}

/** Names of the operations that answer an object by its id. Of some, several have each a part. */
const READERS: Readonly<Record<Described, readonly string[]>> = {
  deployment: ['read_deployment'],
  flow: ['read_flow'],
  flow_run: ['read_flow_run'],
  task_run: ['read_task_run'],
  work_pool: ['read_work_pools'],
  work_queue: ['read_work_queue', 'read_work_queue_status'],
  concurrency_limit: ['read_concurrency_limit_v2'],
};

export function actingOf(messengers: Messengers): Acting {
  let started: ActingParts | null = null;
  let running: Running | null = null;
  return {
    ports: {
      links: { newSecret: newLinkSecret, sign: signLink, isSame: isSameSignature },
      ...messengers,
      pages: () => started?.url ?? null,
      describe: async (name, id) => (started === null ? null : await describeBy(started.operations, name, id)),
    },
    start(parts) {
      started = parts;
      const [actions, alerts] = [new ActionService(parts), new AlertService(parts)];
      const stopHearing = parts.storage.onCommit(() => {
        actions.wake();
        alerts.wake();
      });
      running = { actions, alerts, stopHearing };
    },
    async stop() {
      running?.stopHearing();
      await Promise.all([running?.actions.stop(), running?.alerts.stop()]);
    },
  };
}

/** As `ActionPorts.describe`, by the API's own operations. */
export async function describeBy(
  operations: readonly Operation[],
  name: Described,
  id: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const names = READERS[name];
  const body = { work_pools: { id: { any_: [id] } } };
  const call = { params: { id, id_or_name: id }, query: {}, body, exact: body, headers: {}, origin: '' };
  let whole: Record<string, unknown> = {};
  for (const { contract, handle } of operations) {
    if (!names.includes(contract.name)) continue;
    try {
      const answer = await handle(call as unknown as Parameters<typeof handle>[0]);
      const read = exactValue(answer.text === undefined ? wireText(answer.body) : String(answer.text.content));
      const part = Array.isArray(read) ? (read as unknown[])[0] : read;
      if (part === undefined) return null;
      whole = { ...whole, ...(part as object) };
    } catch (error) {
      if (OstinatoError.is(error) && error.code === 'not-found') return null;
      throw error;
    }
  }
  return whole;
}
