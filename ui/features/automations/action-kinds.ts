/** The kinds of actions, and which fields each has. Pure. */
import { changed, textOf, type Json } from './rule.ts';

export type TargetKind = 'deployment' | 'work-pool' | 'work-queue' | 'automation' | 'block-document';

export interface ActionKind {
  readonly type: string;
  readonly label: string;
  /** What it is done to, and the member that names it. */
  readonly target?: { readonly kind: TargetKind; readonly key: string };
  /** It can be done to what the event is about. */
  readonly isInferable?: boolean;
  /** Of a block: what it has to be able to do; `type`: the slug that it must have. */
  readonly block?: { readonly capability?: string; readonly type?: string };
}

const on = (kind: TargetKind): Pick<ActionKind, 'target' | 'isInferable'> => ({
  target: { kind, key: `${kind.replace('-', '_')}_id` },
  isInferable: true,
});
const BLOCK = { kind: 'block-document', key: 'block_document_id' } as const;

export const ACTION_KINDS: readonly ActionKind[] = [
  { type: 'send-notification', label: 'Notify', target: BLOCK, block: { capability: 'notify' } },
  { type: 'call-webhook', label: 'Call a webhook', target: BLOCK, block: { type: 'webhook' } },
  { type: 'run-deployment', label: 'Run a deployment', ...on('deployment') },
  { type: 'cancel-flow-run', label: 'Cancel the flow run' },
  { type: 'suspend-flow-run', label: 'Suspend the flow run' },
  { type: 'resume-flow-run', label: 'Resume the flow run' },
  { type: 'change-flow-run-state', label: 'Set the state of the flow run' },
  { type: 'delete-flow-run', label: 'Delete the flow run' },
  { type: 'pause-deployment', label: 'Pause a deployment', ...on('deployment') },
  { type: 'resume-deployment', label: 'Resume a deployment', ...on('deployment') },
  { type: 'pause-work-pool', label: 'Pause a work pool', ...on('work-pool') },
  { type: 'resume-work-pool', label: 'Resume a work pool', ...on('work-pool') },
  { type: 'pause-work-queue', label: 'Pause a work queue', ...on('work-queue') },
  { type: 'resume-work-queue', label: 'Resume a work queue', ...on('work-queue') },
  { type: 'pause-automation', label: 'Switch an automation off', ...on('automation') },
  { type: 'resume-automation', label: 'Switch an automation on', ...on('automation') },
  { type: 'do-nothing', label: 'Do nothing' },
];

/** One that the form does not know is shown by its name, and kept. */
export function actionKind(action: Json): ActionKind {
  const type = textOf(action['type']);
  return ACTION_KINDS.find((kind) => kind.type === type) ?? { type, label: type === '' ? 'Of no kind' : type };
}

/** A new action of a kind. */
export function newAction(type: string): Json {
  const { target, isInferable } = actionKind({ type });
  return {
    type,
    ...(isInferable === true ? { source: 'inferred' } : {}),
    ...(target !== undefined && isInferable !== true ? { [target.key]: '' } : {}),
    ...(type === 'send-notification'
      ? { subject: '{{ automation.name }}', body: '{{ event.resource.name }}: {{ event.event }}\n{{ event|ui_url }}' }
      : {}),
    ...(type === 'change-flow-run-state' ? { state: 'CANCELLED' } : {}),
  };
}

/** @param id empty: what the event is about */
export function withTarget(action: Json, { target, isInferable }: ActionKind, id: string): Json {
  if (target === undefined) return action;
  if (isInferable !== true) return changed(action, { [target.key]: id });
  return id === ''
    ? changed(action, { source: 'inferred', [target.key]: undefined })
    : changed(action, { source: 'selected', [target.key]: id });
}
