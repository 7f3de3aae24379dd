/** What acting needs besides the use cases. */

import type { OpenChannel } from '../../core/notifications/channel.ts';
import type { SendRequest } from '../../core/web/send-request.ts';
import type { OrchestratorPorts } from '../ports.ts';

/** Objects that templates name, by their names there. */
export const DESCRIBED = {
  deployment: 'prefect.deployment',
  flow: 'prefect.flow',
  flow_run: 'prefect.flow-run',
  task_run: 'prefect.task-run',
  work_pool: 'prefect.work-pool',
  work_queue: 'prefect.work-queue',
  concurrency_limit: 'prefect.concurrency-limit',
} as const;
export type Described = keyof typeof DESCRIBED;

export interface ActionPorts {
  /** The object as the API answers it, as plain JSON; `null`: it is not there. */
  readonly describe: (name: Described, id: string) => Promise<Readonly<Record<string, unknown>> | null>;
  readonly sendRequest: SendRequest;
  readonly openChannel: OpenChannel;
  /** Where people see the pages; `null`: nobody knows. */
  readonly pages: () => string | null;
}

export interface ActingPorts extends OrchestratorPorts {
  readonly actions: ActionPorts;
}
