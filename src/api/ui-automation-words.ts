/** What automations say on our own pages, with the names of what their actions are done to. */

import { actionTarget, actionWords, type ActionJson, type ActionTarget } from '../core/automations/action-words.ts';
import { triggerLine, triggerWords, type TriggerWords } from '../core/automations/trigger-words.ts';
import { readTrigger } from '../core/automations/trigger.ts';
import type { Automation } from '../core/automation.ts';
import { isUuid } from '../core/ids.ts';
import type { Condition } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';

type Kind = ActionTarget['kind'];
/** By `kind id`. */
export type TargetNames = ReadonlyMap<string, string>;

const NAMES_MAX = 200;
const WORDS_CHARACTERS_MAX = 300;
const LISTS = [
  ['always', 'always'],
  ['onTrigger', 'trigger'],
  ['onResolve', 'resolve'],
] as const;

interface PlacedAction {
  readonly on: (typeof LISTS)[number][1];
  readonly action: ActionJson;
}

function actionsOf({ actions }: Automation): readonly PlacedAction[] {
  return LISTS.flatMap(([list, on]) =>
    (JSON.parse(actions[list]) as readonly ActionJson[]).map((action) => ({ on, action })),
  );
}

/** Names of all that the actions of these are done to; what is gone has none. */
export async function targetNames(useCases: UseCases, automations: readonly Automation[]): Promise<TargetNames> {
  const targets = automations.flatMap((one) => actionsOf(one).flatMap(({ action }) => actionTarget(action) ?? []));
  const names = new Map<string, string>();
  for (const [kind, of] of Map.groupBy(targets, (target) => target.kind)) {
    const ids = [...new Set(of.map(({ id }) => id))].filter(isUuid).slice(0, NAMES_MAX);
    for (const { id, name } of await namesOf(useCases, kind, { op: 'in', field: 'id', values: ids }, ids.length))
      names.set(`${kind} ${id}`, name);
  }
  return names;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** By name, at most so many. */
export async function namesOf(
  useCases: UseCases,
  kind: Kind,
  where: Condition,
  limit: number,
): Promise<readonly Named[]> {
  const query = queryOf(where, [{ field: 'name', direction: 'asc' }], { limit });
  switch (kind) {
    case 'deployment': {
      const listed = (await useCases.findDeployments(query)).map(({ deployment }) => deployment);
      const flows = await namesById(
        useCases,
        'flow',
        listed.map(({ flowId }) => flowId),
      );
      return listed.map(({ id, name, flowId }) => ({ id, name: `${flows.get(flowId) ?? ''}/${name}` }));
    }
    case 'work-pool':
      return await useCases.find('work_pool', query);
    case 'work-queue': {
      const queues = await useCases.find('work_queue', query);
      const pools = await namesById(
        useCases,
        'work_pool',
        queues.map(({ workPoolId }) => workPoolId),
      );
      return queues.map(({ id, name, workPoolId }) => ({ id, name: `${pools.get(workPoolId) ?? ''}/${name}` }));
    }
    case 'automation':
      return await useCases.find('automation', query);
    case 'block-document':
      return await useCases.find('block_document', query);
  }
}

async function namesById(
  useCases: UseCases,
  noun: 'flow' | 'work_pool',
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const values = [...new Set(ids)];
  if (values.length === 0) return new Map();
  const rows = await useCases.find(noun, queryOf({ op: 'in', field: 'id', values }, [], { limit: values.length }));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export interface Line {
  readonly depth: number;
  readonly text: string;
}

export function triggerLines(trigger: string): readonly Line[] {
  const words = wordsOf(trigger);
  return words === null ? [] : linesOf(words, 0);
}

/** In one line, as a row shows it. */
export function shortTrigger(trigger: string): string {
  const words = wordsOf(trigger);
  const line = words === null ? 'of a kind that is not looked at' : triggerLine(words);
  return line.length > WORDS_CHARACTERS_MAX ? `${line.slice(0, WORDS_CHARACTERS_MAX)}…` : line;
}

function wordsOf(text: string): TriggerWords | null {
  const trigger = readTrigger(text);
  return trigger && triggerWords(trigger);
}

function linesOf({ text, parts }: TriggerWords, depth: number): readonly Line[] {
  return [{ depth, text }, ...parts.flatMap((part) => linesOf(part, depth + 1))];
}

export function actionLines(automation: Automation, names: TargetNames) {
  return actionsOf(automation).map(({ on, action }) => {
    const target = actionTarget(action);
    const name = target === null ? null : (names.get(`${target.kind} ${target.id}`) ?? null);
    return { on, text: actionWords(action, name), target: target && { ...target, name } };
  });
}
