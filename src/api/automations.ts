import { encodeActionRecord, LIST_ACTION_RECEIPTS } from '../contract/action-receipt.ts';
import {
  automationFilter,
  automationSorts,
  COUNT_AUTOMATIONS,
  CREATE_AUTOMATION,
  DELETE_AUTOMATION,
  DELETE_OWNED_AUTOMATIONS,
  encodeAutomation,
  LIST_AUTOMATIONS,
  LIST_RELATED_AUTOMATIONS,
  READ_AUTOMATION,
  REPLACE_AUTOMATION,
  SWITCH_AUTOMATION,
} from '../contract/automation.ts';
import { withAlertsKept } from '../contract/decode/alert-options.ts';
import type { ActionOut } from '../contract/decode/automation-action.ts';
import {
  deploymentsOf,
  loopFacts,
  readAutomation,
  runsToCheck,
  TEMPLATES_MAX,
  templatesOf,
  type AutomationRead,
} from '../contract/decode/automation.ts';
import { withIds, type TriggerOut } from '../contract/decode/automation-trigger.ts';
import { withStaysKept } from '../contract/decode/time-in-state.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import { loopProblem, type Automation, type AutomationId } from '../core/automation.ts';
import { OstinatoError } from '../core/errors.ts';
import type { IdSource } from '../core/ids.ts';
import { EVERYTHING } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { InvalidBody } from './failures.ts';

import { queryOf } from './lists.ts';
import { created, found, NO_CONTENT, ok, operation, type Answer, type Operation } from './operation.ts';

type Body = Readonly<Record<string, unknown>>;
type Params = Readonly<Record<string, string>>;

interface Parts {
  readonly useCases: UseCases;
  readonly ids: IdSource;
}

export function automationOperations(parts: Parts): readonly Operation[] {
  const { useCases } = parts;
  return [
    operation(CREATE_AUTOMATION, async ({ body, exact }) => {
      const read = await readBody(parts, body, exact);
      await checkRuns(useCases, read.actions, '{}');
      const { name, description = '', enabled = true, tags = [], owner_resource: owner } = body;
      const automation = await useCases.createAutomation(
        {
          name,
          description,
          isEnabled: enabled,
          tags,
          trigger: JSON.stringify(read.trigger),
          actions: {
            always: written(read.actions),
            onTrigger: written(read.actionsOnTrigger),
            onResolve: written(read.actionsOnResolve),
          },
        },
        { related: deploymentsOf(read.actions), owner: owner || undefined },
      );
      return created(encodeAutomation(automation));
    }),
    operation(LIST_AUTOMATIONS, async ({ body }) => {
      const where = body.automations ? automationFilter.condition(body.automations) : EVERYTHING;
      const rows = await useCases.find('automation', queryOf(where, automationSorts.of(body.sort), body));
      return ok(rows.map(encodeAutomation));
    }),
    operation(COUNT_AUTOMATIONS, async ({ body }) =>
      ok(
        await useCases.count(
          'automation',
          body.automations ? automationFilter.condition(body.automations) : EVERYTHING,
        ),
      ),
    ),
    operation(READ_AUTOMATION, async ({ params }) => {
      const [row] = await useCases.find(
        'automation',
        queryOf({ op: 'eq', field: 'id', value: idOf(params) }, [], { limit: 1 }),
      );
      return ok(encodeAutomation(found(row ?? null, 'Automation')));
    }),
    operation(REPLACE_AUTOMATION, async ({ params, body, exact }) => {
      const read = await readBody(parts, body, exact);
      await checkRuns(useCases, read.actions, null);
      return done(
        await useCases.changeAutomation(
          idOf(params),
          (there) => replaced(there, body, read),
          deploymentsOf(read.actions),
        ),
      );
    }),
    operation(SWITCH_AUTOMATION, async ({ params, body }) =>
      done(await useCases.changeAutomation(idOf(params), (there) => switched(there, body))),
    ),
    operation(DELETE_AUTOMATION, async ({ params }) => done(await useCases.deleteAutomation(idOf(params)))),
    operation(LIST_ACTION_RECEIPTS, async ({ params, body }) =>
      ok((await useCases.listActionRecords(idOf(params), body.limit ?? LIMIT_DEFAULT)).map(encodeActionRecord)),
    ),
    operation(LIST_RELATED_AUTOMATIONS, async ({ params }) =>
      ok((await useCases.listRelatedAutomations(params['resource_id'] as string)).map(encodeAutomation)),
    ),
    operation(DELETE_OWNED_AUTOMATIONS, async ({ params }) => {
      await useCases.deleteOwnedAutomations(params['resource_id'] as string);
      return { status: 202 };
    }),
  ];
}

function idOf(params: Params): AutomationId {
  return params['id'] as AutomationId;
}

function done(isThere: boolean): Answer {
  found(isThere || null, 'Automation');
  return NO_CONTENT;
}

/** With new ids in its trigger. */
export async function readBody({ useCases, ids }: Parts, body: Body, exact: Body): Promise<AutomationRead> {
  const templates = templatesOf(body);
  if (templates.length > TEMPLATES_MAX)
    throw new OstinatoError(
      'bad-input',
      `The actions have ${templates.length} different templates; ${TEMPLATES_MAX} are checked at most.`,
      { remedy: 'Make several automations of it.' },
    );
  const problems = new Map<string, string | null>();
  for (const template of templates) problems.set(template, (await useCases.checkTemplate(template))?.message ?? null);
  const checked = readAutomation(body, exact, (template) => problems.get(template) ?? null);
  if (!checked.ok) throw InvalidBody.of(checked.problems);
  return { ...checked.read, trigger: withIds(checked.read.trigger, () => ids.next()) };
}

/** @param unless such ones are not looked at */
async function checkRuns(useCases: UseCases, actions: readonly ActionOut[], unless: string | null): Promise<void> {
  for (const run of runsToCheck(actions)) if (run.jobVariables !== unless) await useCases.checkAutomationRun(run);
}

/** JSON. @param before what stood there */
function written(actions: readonly ActionOut[] = [], before = '[]'): string {
  return JSON.stringify(withAlertsKept(JSON.parse(before) as readonly ActionOut[], actions));
}

interface Replacement {
  readonly name: string;
  readonly description?: string;
  readonly enabled?: boolean;
  readonly tags?: readonly string[];
}

/** What is left out stays. */
function replaced(there: Automation, body: Replacement, read: AutomationRead): Partial<Automation> {
  const text = (actions: readonly ActionOut[] | undefined, otherwise: string): string =>
    actions === undefined ? otherwise : written(actions, otherwise);
  return {
    name: body.name,
    description: body.description ?? there.description,
    isEnabled: body.enabled ?? there.isEnabled,
    tags: body.tags ?? there.tags,
    trigger: JSON.stringify(withStaysKept(JSON.parse(there.trigger) as TriggerOut, read.trigger)),
    actions: {
      always: written(read.actions, there.actions.always),
      onTrigger: text(read.actionsOnTrigger, there.actions.onTrigger),
      onResolve: text(read.actionsOnResolve, there.actions.onResolve),
    },
  };
}

function switched(there: Automation, { enabled }: { readonly enabled?: boolean }): Partial<Automation> {
  const kept = {
    trigger: JSON.parse(there.trigger) as TriggerOut,
    actions: JSON.parse(there.actions.always) as ActionOut[],
  };
  const problem = loopProblem(loopFacts(kept, enabled ?? true));
  if (problem !== null) throw new InvalidBody([], problem, { enabled });
  return enabled === undefined ? {} : { isEnabled: enabled };
}
