/** One attempt at one action: what it is about, what comes of it, and how it ends without being done. */

import type { Automation } from '../../core/automation.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { ActionOutcome } from '../../store/port/automation-actions.ts';
import type { ActionOrder } from '../../core/automation-firing.ts';
import {
  objectIdOf,
  RESOURCE_ID,
  RESOURCE_NAME,
  RESOURCE_ROLE,
  type Event,
  type RelatedResource,
  type ResourceLabels,
} from '../../core/event.ts';
import { isUuid } from '../../core/ids.ts';

export type Action = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Acting {
  readonly order: ActionOrder;
  /** From 1: a later one may find done what an earlier one did before its server died. */
  readonly attempt: number;
  readonly automation: Automation;
  /** With exact numbers. */
  readonly action: Action;
  /** `null`: it fired by the passing of time, or what it fired by is forgotten. */
  readonly event: Event | null;
  /** What is told of it, as far as it is known; also when it is refused. */
  readonly told: Told;
}

export interface Told {
  /** Members of the payload. */
  readonly details: Record<string, unknown>;
  readonly related: RelatedResource[];
  /** Texts that stand in no receipt and in no event. */
  readonly secrets: string[];
  /** Ends the attempt together with what it was about; absent: the attempt alone is ended. */
  commit?: CommitAttempt;
}

/**
 * Answers whether the attempt still was the caller's; `again`: what it was about has changed, and the action has to be
 * begun once more.
 */
export type CommitAttempt = (outcome: ActionOutcome) => MaybePromise<boolean | 'again'>;

/** It cannot be done: not now, and not later. */
export class ActionRefused extends Error {
  /** As events tell it: in Prefect's words where it has some. The message may say more. */
  readonly reason: string;

  constructor(reason: string, { more, cause }: { readonly more?: string; readonly cause?: unknown } = {}) {
    super(more === undefined ? reason : `${reason} (${more})`, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

/** It may be done later; the message says what went wrong. */
export class ActionDelayed extends Error {
  /** When somebody asks for it; `null`: as usual. */
  readonly afterSeconds: number | null;

  constructor(message: string, afterSeconds: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.afterSeconds = afterSeconds;
  }
}

export function tellTarget({ related }: Told, resource: string, name?: string): void {
  related.push({
    [RESOURCE_ID]: resource,
    ...(name === undefined ? {} : { [RESOURCE_NAME]: name }),
    [RESOURCE_ROLE]: 'target',
  });
}

/** The resource, then the related ones. */
export function firstOfKind(event: Pick<Event, 'resource' | 'related'>, kind: string): ResourceLabels | null {
  const isOfKind = (labels: ResourceLabels): boolean => {
    const id = labels[RESOURCE_ID] ?? '';
    return id.slice(0, Math.max(0, id.lastIndexOf('.'))) === kind;
  };
  return [event.resource, ...event.related].find(isOfKind) ?? null;
}

function idIn(resource: string | undefined, noun: string): string | null {
  const id = objectIdOf(resource, noun);
  return id !== null && isUuid(id) ? id.toLowerCase() : null;
}

/**
 * What an action is about that names it, or leaves it to the event. @param noun for instance `work-pool`
 * @throws ActionRefused when there is none
 */
export function targetId({ action, event }: Acting, noun: string): string {
  const words = noun.replaceAll('-', ' ');
  if (action['source'] === 'selected') return action[`${noun.replaceAll('-', '_')}_id`] as string;
  if (event === null) throw new ActionRefused(`No event to infer the ${words}`);
  const id = idIn(firstOfKind(event, `prefect.${noun}`)?.[RESOURCE_ID], noun);
  if (id === null) throw new ActionRefused(`No ${words} could be inferred`);
  return id;
}

/** The bucket may be a run's, where nothing happened to it. @throws ActionRefused */
export function flowRunId({ order, event }: Acting): string {
  const id =
    idIn(order.firing.labels[RESOURCE_ID], 'flow-run') ??
    (event === null ? null : idIn(firstOfKind(event, 'prefect.flow-run')?.[RESOURCE_ID], 'flow-run'));
  if (id === null) throw new ActionRefused('No flow run could be inferred');
  return id;
}
