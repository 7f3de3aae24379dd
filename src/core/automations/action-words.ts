/** An action of an automation in the words of people: `Run the deployment “nightly”`. */

export type ActionJson = Readonly<Record<string, unknown>>;

/** What an action is done to, as its JSON names it. */
export interface ActionTarget {
  readonly kind: 'deployment' | 'work-pool' | 'work-queue' | 'automation' | 'block-document';
  readonly id: string;
}

const KINDS = [
  ['deployment_id', 'deployment', 'deployment'],
  ['work_pool_id', 'work-pool', 'work pool'],
  ['work_queue_id', 'work-queue', 'work queue'],
  ['automation_id', 'automation', 'automation'],
  ['block_document_id', 'block-document', 'block'],
] as const;

/** `null`: what the event is about, or nothing. */
export function actionTarget(action: ActionJson): ActionTarget | null {
  for (const [key, kind] of KINDS) {
    const id = action[key];
    if (typeof id === 'string') return { kind, id };
  }
  return null;
}

const RUN_ACTIONS: Readonly<Record<string, string>> = {
  'cancel-flow-run': 'Cancel the flow run',
  'suspend-flow-run': 'Suspend the flow run',
  'resume-flow-run': 'Resume the flow run',
  'delete-flow-run': 'Delete the flow run',
};

/** @param name of the target; `null`: it is not there any more, or there is none */
export function actionWords(action: ActionJson, name: string | null): string {
  const type = String(action['type']);
  if (Object.hasOwn(RUN_ACTIONS, type)) return RUN_ACTIONS[type] ?? type;
  switch (type) {
    case 'do-nothing':
      return 'Do nothing';
    case 'change-flow-run-state':
      return `Set the flow run to ${shown(action['name'] ?? action['state'])}`;
    case 'send-notification':
      return `Notify ${orGone(name, 'by a block that is gone')}`;
    case 'call-webhook':
      return `Call the webhook ${orGone(name, 'of a block that is gone')}`;
    default:
      return aboutWords(type, action, name);
  }
}

/** `run-deployment`, `pause-work-pool` and their like. */
function aboutWords(type: string, action: ActionJson, name: string | null): string {
  const [, verb = '', noun = ''] = /^(run|pause|resume)-(deployment|work-pool|work-queue|automation)$/.exec(type) ?? [];
  if (verb === '') return type;
  const words = `${verb[0]?.toUpperCase() ?? ''}${verb.slice(1)}`;
  const thing = noun.replace('-', ' ');
  if (action['source'] === 'inferred' || actionTarget(action) === null) return `${words} the ${thing} of the event`;
  return `${words} the ${thing} ${orGone(name, 'that is gone')}`;
}

function orGone(name: string | null, gone: string): string {
  return name === null ? gone : `“${name}”`;
}

function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'another state';
}
