import type { Automation, AutomationId } from '../../core/automation.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';

/** What is committed together when an automation changes. */
export interface AutomationChange<Answer> {
  /** `null` deletes it; left out, it stays as it is. */
  readonly automation?: Automation | null | undefined;
  /** What it is about from now on, besides its owner; left out, that stays. */
  readonly related?: readonly string[] | undefined;
  /** The resource that it belongs to, of a new one. */
  readonly owner?: string | undefined;
  readonly event?: OutboxEvent | undefined;
  readonly answer: Answer;
}

export interface AutomationStorage {
  changeAutomation<Answer>(
    id: AutomationId,
    change: (found: Automation | null) => AutomationChange<Answer>,
  ): MaybePromise<Answer>;
  /** Those that are about the resource, or belong to it; by their ids. */
  listRelatedAutomations(resourceId: string): MaybePromise<readonly Automation[]>;
  /** Deletes what belongs to the resource; answers how many. */
  deleteOwnedAutomations(resourceId: string, eventOf: (gone: Automation) => OutboxEvent): MaybePromise<number>;
}
