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

/** Links that say by themselves that this server has made them. */
export interface LinkSigning {
  /** 64 hexadecimal digits that nobody can guess. */
  readonly newSecret: () => string;
  /** 64 hexadecimal digits: HMAC-SHA256. */
  readonly sign: (secret: string, text: string) => string;
  /** Takes as long whatever the first one is. */
  readonly isSame: (given: string, expected: string) => boolean;
}

export interface ActionPorts {
  /** The object as the API answers it, as plain JSON; `null`: it is not there. */
  readonly describe: (name: Described, id: string) => Promise<Readonly<Record<string, unknown>> | null>;
  readonly sendRequest: SendRequest;
  readonly openChannel: OpenChannel;
  readonly links: LinkSigning;
  /** Where people see the pages; `null`: nobody knows. */
  readonly pages: () => string | null;
}

export interface ActingPorts extends OrchestratorPorts {
  readonly actions: ActionPorts;
}
