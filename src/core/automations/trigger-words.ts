/**
 * A trigger in the words of people: `each time a flow run of the flow sales fails`. What has no short words is told as
 * it is written.
 */

import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../event.ts';
import type { LabelMatch, ResourceMatch } from './label-match.ts';
import { runTriggerWords } from './run-trigger-words.ts';
import type { EventTrigger, Trigger } from './trigger.ts';

export interface TriggerWords {
  readonly text: string;
  /** What the triggers of a compound or a sequence say, in their order. */
  readonly parts: readonly TriggerWords[];
}

/** Longer ones belong to no sentence. */
const TEXT_CHARACTERS_MAX = 120;
/** More alternatives are counted. */
const ALTERNATIVES_MAX = 4;

export function triggerWords(trigger: Trigger): TriggerWords {
  if (trigger.type === 'event') return { text: eventWords(trigger), parts: [] };
  if (trigger.type === 'stay' || trigger.type === 'metric')
    return { text: runTriggerWords(trigger, { about: matchWords(trigger), span: spanWords, alternatives }), parts: [] };
  const parts = trigger.triggers.map(triggerWords);
  const count = parts.length;
  const within = trigger.withinUs === null ? '' : ` within ${spanWords(trigger.withinUs)}`;
  if (trigger.type === 'sequence') return { text: `when these happen one after the other${within}`, parts };
  const which =
    trigger.required >= count ? 'all of these happen' : `${trigger.required} of these ${count} ${agree(trigger)}`;
  return { text: `when ${trigger.required === 1 && count > 1 ? 'any of these happens' : which}${within}`, parts };
}

function agree({ required }: { readonly required: number }): string {
  return required === 1 ? 'happens' : 'happen';
}

/** In one line. */
export function triggerLine({ text, parts }: TriggerWords): string {
  return parts.length === 0 ? text : `${text}: ${parts.map((part) => triggerLine(part)).join('; ')}`;
}

function eventWords(trigger: EventTrigger): string {
  const { posture, threshold, withinUs, after } = trigger;
  const about = matchWords(trigger);
  const each = trigger.forEach.length === 0 ? '' : `, ${eachWords(trigger.forEach)}`;
  const opening = after.length === 0 ? '' : `, after ${happening(after)}`;
  const within = withinUs > 0 ? ` within ${spanWords(withinUs)}` : '';
  const what = happening(trigger.expect, about);
  if (posture === 'Proactive') {
    const start = `when${opening === '' ? '' : `${opening},`}`;
    if (threshold > 1) return `${start} ${what} fewer than ${threshold} times${within}${each}`;
    const none = nothingOf(trigger.expect, what);
    return none === null
      ? `${start} it does not happen${within} that ${what}${each}`
      : `${start} ${none}${within}${each}`;
  }
  if (threshold > 1) return `when ${what} ${threshold} times${within}${opening}${each}`;
  return `each time ${what}${opening}${opening === '' ? '' : within}${each}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  'flow-run': 'a flow run',
  'task-run': 'a task run',
  deployment: 'a deployment',
  'work-pool': 'a work pool',
  'work-queue': 'a work queue',
  worker: 'a worker',
  automation: 'an automation',
  'block-document': 'a block',
};

const VERBS: Readonly<Record<string, string>> = {
  Scheduled: 'is scheduled',
  Late: 'is late',
  Pending: 'is pending',
  Running: 'begins to run',
  Retrying: 'is tried again',
  AwaitingRetry: 'waits to be tried again',
  Completed: 'completes',
  Cached: 'takes its result from the cache',
  Failed: 'fails',
  Crashed: 'crashes',
  TimedOut: 'takes too long',
  Cancelling: 'is being cancelled',
  Cancelled: 'is cancelled',
  Paused: 'is paused',
  Suspended: 'is suspended',
  heartbeat: 'gives a sign of life',
  ready: 'becomes ready',
  'not-ready': 'is not ready any more',
  paused: 'is paused',
  created: 'is made',
  updated: 'is changed',
  deleted: 'is deleted',
  triggered: 'fires',
};

/** `a flow run fails or crashes`, with what it is about behind the noun. */
function happening(names: readonly string[], about = ''): string {
  if (names.length === 0) return `anything happens${about}`;
  const known = names.map(read);
  const [first] = known;
  if (first !== undefined && known.every((one) => one.noun !== '' && one.noun === first.noun))
    return `${first.noun}${about} ${alternatives(known.map(({ verb }) => verb))}`;
  return `${alternatives(known.map(({ noun, verb }, at) => (noun === '' ? quoted(names[at] ?? '') : `${noun} ${verb}`)))}${known.every(({ noun }) => noun === '') ? ' is told' : ''}${about}`;
}

/** `no flow run fails`; `null`: the names are of several kinds, or of none that is known. */
function nothingOf(names: readonly string[], what: string): string | null {
  if (names.length === 0) return null;
  const nouns = new Set(names.map((name) => read(name).noun));
  return nouns.size === 1 && !nouns.has('') ? what.replace(/^an? /, 'no ') : null;
}

function read(name: string): { readonly noun: string; readonly verb: string } {
  const [, kind = '', what = ''] = /^(?:prefect|ostinato)\.([a-z-]+)\.([\w*-]+)$/.exec(name) ?? [];
  const noun = Object.hasOwn(NOUNS, kind) ? (NOUNS[kind] ?? '') : '';
  const verb = what === '*' ? stateWords(kind) : Object.hasOwn(VERBS, what) ? VERBS[what] : `becomes ${quoted(what)}`;
  return { noun, verb: verb ?? '' };
}

function stateWords(kind: string): string {
  return kind.endsWith('-run') ? 'changes its state' : 'changes';
}

function alternatives(all: readonly string[]): string {
  const said = [...new Set(all)];
  const shown = said.slice(0, ALTERNATIVES_MAX);
  const rest = said.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} or ${rest} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

function quoted(text: string): string {
  const characters = Array.from(text);
  return `“${characters.length > TEXT_CHARACTERS_MAX ? `${characters.slice(0, TEXT_CHARACTERS_MAX).join('')}…` : text}”`;
}

/** ` of the flow “sales”, whose tag is …`; what every such event has is left out. */
function matchWords({ match, matchRelated }: ResourceMatch): string {
  const own = match.filter(([label, patterns]) => label !== RESOURCE_ID || !patterns.every(isKindAlone));
  const parts = [
    ...own.map(([label, patterns]) =>
      label === RESOURCE_NAME ? `named ${patternWords(patterns)}` : `with ${label} ${patternWords(patterns)}`,
    ),
    ...matchRelated.filter((part) => part.length > 0).map(relatedWords),
  ];
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}

/** `prefect.flow-run.*` says no more than the name of the event. */
function isKindAlone(pattern: string): boolean {
  return /^prefect\.[a-z-]+\.\*$/.test(pattern);
}

function relatedWords(match: LabelMatch): string {
  const said = new Map(match);
  const [role] = said.get(RESOURCE_ROLE) ?? [];
  const rest = match.filter(([label]) => label !== RESOURCE_ROLE);
  const noun = role === undefined ? 'something' : `the ${role.replaceAll('-', ' ')}`;
  const words = rest.map(([label, patterns]) => {
    if (label === RESOURCE_NAME) return patternWords(patterns);
    if (label === RESOURCE_ID)
      return patternWords(patterns.map((pattern) => pattern.replace(/^(!?)prefect\.[a-z-]+\./, '$1')));
    return `with ${label} ${patternWords(patterns)}`;
  });
  return `of ${[noun, ...words].join(' ')}`;
}

function patternWords(patterns: readonly string[]): string {
  return alternatives(
    patterns.map((pattern) => (pattern.startsWith('!') ? `other than ${quoted(pattern.slice(1))}` : quoted(pattern))),
  );
}

function eachWords(labels: readonly string[]): string {
  const things = labels.map((label) => {
    if (label === RESOURCE_ID) return 'resource';
    const [, role, of] = /^related:(.*):([^:]*)$/s.exec(label) ?? [];
    if (role === undefined) return label;
    return of === RESOURCE_ID ? role.replaceAll('-', ' ') : `${of ?? ''} of the ${role.replaceAll('-', ' ')}`;
  });
  return `counted for each ${things.join(' and ')} by itself`;
}

const UNITS = [
  ['day', 86_400_000_000],
  ['hour', 3_600_000_000],
  ['minute', 60_000_000],
  ['second', 1_000_000],
] as const;

/** `an hour`, `90 minutes`: by the largest unit of which it is a whole number. */
function spanWords(us: number): string {
  const [name, size] = UNITS.find(([, unit]) => us >= unit && us % unit === 0) ?? ['second', 1_000_000];
  const count = us / size;
  if (count === 1) return name === 'hour' ? 'an hour' : `a ${name}`;
  return `${Number(count.toFixed(3))} ${name}s`;
}
