/** Actions of automations, as they are sent. Source: Prefect 3.9.1, `server/events/actions.py`. */

import type { StateType } from '../../core/state.ts';
import { UuidIn } from '../route.ts';
import { JsonObject } from '../schema/scalars.ts';
import { Type } from '../type.ts';
import { alertOptions } from './alert-options.ts';
import { mayBeTemplate, parametersProblem } from './automation-parameters.ts';
import {
  duration,
  fitting,
  needed,
  oneOfKinds,
  optional,
  orNull,
  text,
  word,
  type Kind,
  type Member,
  type Read,
  type Sent,
} from './kinds.ts';

/** One action as it is answered. */
export type ActionOut = Readonly<Record<string, unknown>> & { readonly type: string };

const uuid: Read = (sent, findings) => {
  const read = fitting(UuidIn)(sent, findings);
  return typeof read === 'string' ? read.toLowerCase() : read;
};

/** JSON of users, with its numbers as they were sent. */
const json: Read = fitting(JsonObject, false);

const parameters: Read = (sent, findings) => {
  const before = findings.problems.length;
  const read = json(sent, findings);
  if (findings.problems.length > before) return null;
  const problem = parametersProblem(sent.plain as Readonly<Record<string, unknown>>, findings);
  if (problem !== null) findings.addRule(sent.path, problem, sent.plain);
  return read;
};

const scheduleAfter: Read = (sent, findings) => {
  const seconds = duration(sent, findings);
  if (typeof seconds === 'number' && seconds < 0)
    findings.addRule(sent.path, 'schedule_after must be non-negative', sent.plain);
  return seconds;
};

const template: Read = (sent, findings) => {
  const read = text(sent, findings);
  if (typeof read !== 'string' || !mayBeTemplate(read)) return read;
  const problem = findings.templateProblem(read);
  if (problem !== null)
    findings.addRule(sent.path, `'${sent.path.at(-1)}' is not a valid template: ${problem}`, sent.plain);
  return read;
};

/** Older pages send an object. */
const payload: Read = (sent, findings) =>
  template(typeof sent.plain === 'object' && sent.plain !== null ? inText(sent) : sent, findings);

function inText({ exact, path }: Sent): Sent {
  const written = JSON.stringify(exact, null, 2);
  return { plain: written, exact: written, path };
}

function action(name: string, type: string, members: Readonly<Record<string, Member>> = {}): Kind {
  return { name, members: { type: optional(word([type]), type), ...members } };
}

type Target = 'deployment' | 'work_pool' | 'work_queue' | 'automation';

/** About one that is named, or that is found from what happened. */
function about(target: Target, name: string, type: string, members: Readonly<Record<string, Member>> = {}): Kind {
  const key = `${target}_id`;
  return {
    ...action(`function-after[selected_${target}_requires_id(), ${name}]`, type, {
      source: optional(word(['selected', 'inferred']), 'selected'),
      [key]: optional(orNull(uuid), null),
      ...members,
    }),
    after({ source, [key]: id }) {
      if ((source === 'selected') === (id !== null)) return null;
      return `${key} is ${id === null ? 'required' : 'not allowed'}`;
    },
  };
}

/** In the order in which Prefect's server tells them. */
const STATES: readonly StateType[] = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'CRASHED',
  'PAUSED',
  'CANCELLING',
];
const TEXT_OR_NULL = optional(orNull(text), null);

/** In the order of Prefect's server, which is the order of what is said to be wrong. */
export const ACTIONS: readonly Kind[] = [
  action('DoNothing', 'do-nothing'),
  about('deployment', 'RunDeployment', 'run-deployment', {
    parameters: optional(orNull(parameters), null),
    job_variables: optional(orNull(json), null),
    schedule_after: optional(scheduleAfter, 0),
  }),
  about('deployment', 'PauseDeployment', 'pause-deployment'),
  about('deployment', 'ResumeDeployment', 'resume-deployment'),
  action('CancelFlowRun', 'cancel-flow-run'),
  action('DeleteFlowRun', 'delete-flow-run'),
  action('ChangeFlowRunState', 'change-flow-run-state', {
    name: TEXT_OR_NULL,
    state: needed(word(STATES, 'enum')),
    message: TEXT_OR_NULL,
    force: optional(fitting(Type.Boolean()), false),
  }),
  about('work_queue', 'PauseWorkQueue', 'pause-work-queue'),
  about('work_queue', 'ResumeWorkQueue', 'resume-work-queue'),
  action('SendNotification', 'send-notification', {
    block_document_id: needed(uuid),
    subject: optional(template, 'Prefect automated notification'),
    body: needed(template),
    alert: optional(alertOptions(template), undefined),
  }),
  action('CallWebhook', 'call-webhook', { block_document_id: needed(uuid), payload: optional(payload, '') }),
  about('automation', 'PauseAutomation', 'pause-automation'),
  about('automation', 'ResumeAutomation', 'resume-automation'),
  action('SuspendFlowRun', 'suspend-flow-run'),
  action('ResumeFlowRun', 'resume-flow-run'),
  about('work_pool', 'PauseWorkPool', 'pause-work-pool'),
  about('work_pool', 'ResumeWorkPool', 'resume-work-pool'),
];

export const readAction = oneOfKinds(() => ACTIONS);
