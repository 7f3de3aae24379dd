/** Automations of whatever server, as people look at them and switch them. */

import { LIST_ACTION_RECEIPTS, type ActionReceipt } from '../../contract/action-receipt.ts';
import {
  CREATE_AUTOMATION,
  DELETE_AUTOMATION,
  LIST_AUTOMATIONS,
  READ_AUTOMATION,
  REPLACE_AUTOMATION,
  SWITCH_AUTOMATION,
  type Automation,
} from '../../contract/automation.ts';
import { BACK_TEST, type BackTestAnswer, type BackTestBody } from '../../contract/back-test.ts';
import type { Static } from '../../contract/type.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import type { ControlPlane } from './plane.ts';

export type AutomationFields = Static<(typeof REPLACE_AUTOMATION)['body']>;

export interface AutomationClient {
  /** By name. */
  list(wanted: { readonly limit: number; readonly name?: string }): Promise<readonly BothViews<Automation>[]>;
  /** `null`: there is none. */
  read(id: string): Promise<BothViews<Automation> | null>;
  /** @param fields as the API takes them */
  create(fields: AutomationFields): Promise<BothViews<Automation>>;
  /** What is left out stays. */
  replace(id: string, fields: AutomationFields): Promise<void>;
  switch(id: string, isEnabled: boolean): Promise<void>;
  remove(id: string): Promise<void>;
  /** What it would have done, part by part; the last part has no continuation. Of our servers alone. */
  test(asked: Omit<BackTestBody, 'continuation'>): AsyncGenerator<BothViews<BackTestAnswer>>;
  /** What became of its actions, the newest first; `null`: the server does not tell it (Prefect's). */
  receipts(id: string, limit: number): Promise<BothViews<readonly ActionReceipt[]> | null>;
}

export function automationsOf(plane: ControlPlane): AutomationClient {
  return {
    list: ({ limit, name }) =>
      plane.list(LIST_AUTOMATIONS, name === undefined ? {} : { automations: { name: { any_: [name] } } }, { limit }),
    read: (id) => plane.find(READ_AUTOMATION, { id }),
    create: (fields) => plane.ask(CREATE_AUTOMATION, { body: fields, once: true }),
    replace: async (id, fields) => void (await plane.ask(REPLACE_AUTOMATION, { params: { id }, body: fields })),
    switch: async (id, isEnabled) =>
      void (await plane.ask(SWITCH_AUTOMATION, { params: { id }, body: { enabled: isEnabled } })),
    remove: async (id) => void (await plane.ask(DELETE_AUTOMATION, { params: { id } })),
    async *test(asked) {
      for (let continuation: string | null = null; ;) {
        const answer: BothViews<BackTestAnswer> = await plane.ask(BACK_TEST, { body: { ...asked, continuation } });
        yield answer;
        ({ continuation } = answer.plain);
        if (continuation === null) return;
      }
    },
    receipts: async (id, limit) =>
      plane.kind === 'prefect' ? null : await plane.ask(LIST_ACTION_RECEIPTS, { params: { id }, body: { limit } }),
  };
}

/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;

/** By its name or id. `not-found`; `bad-input` for a name that several have. */
export async function findAutomation(automations: AutomationClient, word: string): Promise<BothViews<Automation>> {
  const byId = isUuid(word) ? await automations.read(word.toLowerCase()) : null;
  if (byId !== null) return byId;
  const [found, other] = await automations.list({ limit: 2, name: word });
  if (found !== undefined && other === undefined) return found;
  if (found !== undefined)
    throw new OstinatoError('bad-input', `Several automations have the name "${word}".`, {
      remedy: 'Take the id of one from: ostinato automation ls -o json',
    });
  const names = (await automations.list({ limit: NAMES_MAX })).map(({ plain }) => plain.name);
  throw new OstinatoError('not-found', `There is no automation "${word}".${didYouMean(word, names)}`, {
    remedy: names.length === 0 ? 'There are none yet.' : 'Take a name from: ostinato automation ls',
  });
}
