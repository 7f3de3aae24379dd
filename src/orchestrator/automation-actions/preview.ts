/** What an action of a firing would be about and would say: as it is found and rendered when it is done. Nothing is. */

import type { ActionOrder } from '../../core/automation-firing.ts';
import type { AutomationFiring } from '../../core/automations/evaluation.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockDocumentId, DeploymentId, FlowRunId, WorkPoolId } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import { readBlockDocument } from '../blocks/documents.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { ActionDelayed, ActionRefused, flowRunId, targetId, type Acting, type Action } from './acting.ts';
import type { ActingPorts } from './ports.ts';
import { settledParameters } from './run-deployment.ts';
import { mayBeTemplate, rendered } from './templates.ts';

export interface PreviewedTarget {
  /** For instance `work-pool`. */
  readonly kind: string;
  readonly id: string;
  /** `null`: it is not there, or has none. */
  readonly name: string | null;
}

export interface PreviewedAction {
  readonly index: number;
  readonly type: string;
  /** `null`: it is about nothing, or nothing was found. */
  readonly target: PreviewedTarget | null;
  /** What it would send, by the names of its fields, rendered; JSON for `parameters`. */
  readonly texts: Readonly<Record<string, string>>;
  /** Why it would be refused; `null`: nothing is known against it. */
  readonly refusal: string | null;
}

export async function previewAction(
  ports: OrchestratorPorts,
  { automation, event }: AutomationFiring,
  order: ActionOrder,
): Promise<PreviewedAction> {
  const action = exactValue(order.action) as Action;
  const told = { details: {}, related: [], secrets: [] };
  const acting: Acting = { order, attempt: 1, automation, action, event, told };
  const seen: { target: PreviewedTarget | null; texts: Record<string, string> } = { target: null, texts: {} };
  let refusal: string | null = null;
  try {
    seen.target = await targetOf(ports, acting);
    await fillTexts(ports, acting, seen.texts);
  } catch (error) {
    const isTold = error instanceof ActionRefused || error instanceof ActionDelayed || OstinatoError.is(error);
    if (!isTold) throw error;
    refusal = error.message;
  }
  return { index: order.index, type: action.type, ...seen, refusal };
}

const OF_RUN = /-flow-run(?:-state)?$/;
const OF_NOUN = /-(?<noun>deployment|work-pool|work-queue|automation)$/;
const OF_BLOCK: ReadonlySet<string> = new Set(['call-webhook', 'send-notification']);

async function targetOf(ports: OrchestratorPorts, acting: Acting): Promise<PreviewedTarget | null> {
  const { type } = acting.action;
  if (OF_RUN.test(type)) return await found(ports, 'flow-run', flowRunId(acting));
  if (OF_BLOCK.has(type)) return await found(ports, 'block', String(acting.action['block_document_id']));
  const noun = OF_NOUN.exec(type)?.groups?.['noun'];
  return noun === undefined ? null : await found(ports, noun, targetId(acting, noun));
}

/** @throws ActionRefused when it is not there */
async function found(ports: OrchestratorPorts, kind: string, id: string): Promise<PreviewedTarget> {
  const name = await nameOf(ports, kind, id);
  if (name === null) throw new ActionRefused(`There is no ${kind.replaceAll('-', ' ')} ${id}.`);
  return { kind, id, name };
}

async function nameOf(ports: OrchestratorPorts, kind: string, id: string): Promise<string | null> {
  const { storage } = ports;
  const byId = { where: { op: 'eq', field: 'id', value: id }, sort: [], limit: 1, offset: 0 } as const;
  switch (kind) {
    case 'deployment': {
      const record = await storage.readDeployment({ id: id as DeploymentId });
      return record?.deployment.name ?? null;
    }
    case 'work-pool':
      return (await storage.readWorkPool({ id: id as WorkPoolId }))?.pool.name ?? null;
    case 'work-queue':
      return (await storage.find('work_queue', byId))[0]?.name ?? null;
    case 'automation':
      return (await storage.find('automation', byId))[0]?.name ?? null;
    case 'flow-run':
      return (await storage.readFlowRun(id as FlowRunId))?.name ?? null;
    default:
      return await blockName(ports, id);
  }
}

async function blockName(ports: OrchestratorPorts, id: string): Promise<string | null> {
  const view = await readBlockDocument(ports, id as BlockDocumentId, false);
  return view === null ? null : `${view.type?.slug ?? ''}/${view.document.name}`;
}

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'call-webhook': ['payload'],
  'send-notification': ['subject', 'body'],
};

async function fillTexts(ports: OrchestratorPorts, acting: Acting, texts: Record<string, string>): Promise<void> {
  const { action } = acting;
  const names = (TEXTS[action.type] ?? []).filter((name) => typeof action[name] === 'string');
  const written = names.map((name) => String(action[name]));
  const isRun = action.type === 'run-deployment' && action['parameters'] !== null;
  const all = isRun ? [...written, JSON.stringify(action['parameters'])] : written;
  const isPlain = !all.some((text) => mayBeTemplate(text) || text.includes('__prefect_kind'));
  const acts = isPlain ? { ...ports, actions: NOBODY } : actingPorts(ports);
  const said = await rendered(acts, acting, written);
  for (const [index, name] of names.entries()) texts[name] = said[index] ?? '';
  if (isRun) texts['parameters'] = await settledParameters(acts, acting);
}

function actingPorts({ actions, ...ports }: OrchestratorPorts): ActingPorts {
  if (actions === undefined) throw new ActionRefused('Templates are rendered by a server only.');
  return { ...ports, actions };
}

/** For what asks nobody. */
const NOBODY: ActingPorts['actions'] = {
  describe: () => Promise.resolve(null),
  sendRequest: () => Promise.reject(new Error('nothing is sent for a preview')),
  openChannel: () => Promise.reject(new Error('nothing is sent for a preview')),
  links: { newSecret: () => '', sign: () => '', isSame: () => false },
  pages: () => null,
};
