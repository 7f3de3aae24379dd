/** What is kept of an automation between one event and the next, a row for each part of it. */

import type { AutomationId } from '../automation.ts';
import type { Instant } from '../time.ts';
import type { PartFirings } from './composite.ts';
import { derivedId, type HashText } from './derived-id.ts';
import type { KeyState } from './key-state.ts';
import type { OwnFirings } from './loop-guard.ts';
import type { CompositeTrigger, EventTrigger } from './trigger.ts';

export type RowBody =
  | { readonly kind: 'key'; readonly triggerId: string; readonly state: KeyState }
  | { readonly kind: 'parts'; readonly triggerId: string; readonly parts: PartFirings }
  | { readonly kind: 'own'; readonly firings: OwnFirings };

export interface StateRow {
  /** A UUID, computed from what it is about. */
  readonly id: string;
  readonly automationId: AutomationId;
  readonly body: RowBody;
  /** From when on time has to be looked at; `null`: only events change it. */
  readonly dueAt: Instant | null;
  /** From when on it is as if it were not there; `null`: not by the passing of time. */
  readonly goneAt: Instant | null;
}

/** The ids of rows. */
export class RowIds {
  readonly #hash: HashText;

  constructor(hash: HashText) {
    this.#hash = hash;
  }

  key(automationId: AutomationId, { id, forEach }: EventTrigger, labels: KeyState['labels']): string {
    return derivedId(this.#hash, automationId, id, ...forEach.map((label) => labels[label] ?? ''));
  }

  parts(automationId: AutomationId, { id }: CompositeTrigger): string {
    return derivedId(this.#hash, automationId, id);
  }

  own(automationId: AutomationId): string {
    return derivedId(this.#hash, automationId);
  }
}
