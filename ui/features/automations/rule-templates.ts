/** What somebody begins with who makes an automation. Pure. */
import type { TemplateName } from './automation-search.ts';
import { FIRST_TRIGGER, type Json, type Rule } from './rule.ts';

const OF_RUNS = { 'prefect.resource.id': 'prefect.flow-run.*' };

export const NO_RULE: Rule = { name: '', trigger: FIRST_TRIGGER, actions: [] };

export interface Template {
  readonly title: string;
  readonly says: string;
  readonly rule: Rule;
}

export const TEMPLATES = {
  failure: {
    title: 'A run fails',
    says: 'Each time a run of a flow fails or crashes: tell somebody, or start another run.',
    rule: {
      name: 'A run fails',
      trigger: {
        type: 'event',
        posture: 'Reactive',
        match: OF_RUNS,
        expect: ['prefect.flow-run.Failed', 'prefect.flow-run.Crashed'],
        threshold: 1,
        within: 0,
      },
      actions: [],
    },
  },
  absence: {
    title: 'Nothing for an hour',
    says: 'When no run has completed for an hour, though one should have.',
    rule: {
      name: 'Nothing for an hour',
      trigger: {
        type: 'event',
        posture: 'Proactive',
        match: OF_RUNS,
        expect: ['prefect.flow-run.Completed'],
        threshold: 1,
        within: 3600,
      },
      actions: [],
    },
  },
  stuck: {
    title: 'A run is stuck',
    says: 'When a run began more than an hour ago and has not come to an end.',
    rule: {
      name: 'A run is stuck',
      trigger: {
        type: 'event',
        posture: 'Proactive',
        match: OF_RUNS,
        after: ['prefect.flow-run.Running'],
        expect: [
          'prefect.flow-run.Completed',
          'prefect.flow-run.Failed',
          'prefect.flow-run.Crashed',
          'prefect.flow-run.Cancelled',
        ],
        for_each: ['prefect.resource.id'],
        threshold: 1,
        within: 3600,
      },
      actions: [],
    },
  },
} as const satisfies Record<TemplateName, Template>;

interface EventLike {
  readonly event: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly related: readonly Readonly<Record<string, string>>[];
}

/** Those that come again with another id each: runs, and what belongs to one. */
const PASSING = /^prefect\.(flow-run|task-run)\./;

/** An automation that the next event like this one sets off: of the same flow, or of the same resource. */
export function ruleOfEvent({ event, resource, related }: EventLike): Rule {
  const id = resource['prefect.resource.id'] ?? '';
  const kind = PASSING.exec(id)?.[0];
  const flow = related.find((labels) => labels['prefect.resource.role'] === 'flow')?.['prefect.resource.id'];
  const ofFlow: Json =
    flow === undefined ? {} : { match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.id': flow } };
  return {
    name: `When ${Array.from(event).slice(0, 80).join('')}`,
    trigger: {
      type: 'event',
      posture: 'Reactive',
      match: { 'prefect.resource.id': kind === undefined ? id : `${kind}*` },
      ...(kind === undefined ? {} : ofFlow),
      expect: [event],
      threshold: 1,
      within: 0,
    },
    actions: [],
  };
}

const COPY = 'Copy of ';

/** A copy begins switched off: nothing is done twice because of it. */
export function copyOf(rule: Rule): Rule {
  return { ...rule, name: `${COPY}${typeof rule['name'] === 'string' ? rule['name'] : ''}`, enabled: false };
}
