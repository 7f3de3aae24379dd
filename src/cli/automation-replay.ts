/** What a back-test of an automation has told, put together from its parts, and shown. */

import type { AutomationClient } from '../client/control/automations.ts';
import type {
  BackTestAnswer,
  BackTestBody,
  BackTestFiring,
  BackTestHint,
  BackTestVerdict,
  CountedWindowWire,
} from '../contract/back-test.ts';
import { timeOf } from './format.ts';
import type { Terminal } from './terminal.ts';
import { truncateText } from './text-width.ts';

/** All parts of one. */
export interface Replayed {
  readonly since: string;
  readonly until: string;
  readonly firings: readonly BackTestFiring[];
  readonly fired: number;
  readonly nearMisses: readonly CountedWindowWire[];
  readonly missed: number;
  readonly verdicts: readonly BackTestVerdict[];
  readonly events: number;
  readonly endedEarly: string | null;
  readonly hints: readonly BackTestHint[];
}

/** Near misses that are shown. */
const MISSES_MAX = 20;
const TEXT_MAX = 200;

/** @param isSilent whether nothing is said on the way */
export async function replay(
  terminal: Terminal,
  automations: AutomationClient,
  asked: Omit<BackTestBody, 'continuation' | 'limit'> & { readonly limit: number },
  isSilent: boolean,
): Promise<Replayed> {
  const firings: BackTestFiring[] = [];
  const nearMisses: CountedWindowWire[] = [];
  const verdicts = new Map<string, BackTestVerdict>();
  const showsProgress = !isSilent && terminal.columns !== null;
  let [fired, missed, isSaid] = [0, 0, false];
  let last: BackTestAnswer | null = null;
  for await (const { plain } of automations.test(asked)) {
    last = plain;
    fired += plain.fired;
    missed += plain.missed;
    firings.push(...plain.firings.slice(0, asked.limit - firings.length));
    nearMisses.push(...plain.near_misses.slice(0, MISSES_MAX - nearMisses.length));
    for (const verdict of plain.verdicts) {
      const before = verdicts.get(verdict.trigger_id)?.happenings ?? [];
      verdicts.set(verdict.trigger_id, { ...verdict, happenings: [...before, ...verdict.happenings] });
    }
    if (!showsProgress) continue;
    if (isSaid) terminal.clearLine();
    isSaid = plain.continuation !== null;
    const text = `${Math.floor(plain.progress * 100)} %  ${plain.events} events, ${fired} firings`;
    if (isSaid) terminal.out(truncateText(text, (terminal.columns ?? 0) - 1));
  }
  return {
    since: last?.since ?? asked.since,
    until: last?.until ?? asked.since,
    firings,
    fired,
    nearMisses,
    missed,
    verdicts: [...verdicts.values()],
    events: last?.events ?? 0,
    endedEarly: last?.ended_early ?? null,
    hints: last?.hints ?? [],
  };
}

/** As JSON, in the names of the API. */
export function replayedJson(replayed: Replayed): Readonly<Record<string, unknown>> {
  const { since, until, firings, fired, nearMisses, missed, verdicts, events, endedEarly, hints } = replayed;
  return {
    since,
    until,
    events,
    fired,
    firings,
    missed,
    near_misses: nearMisses,
    verdicts,
    hints,
    ended_early: endedEarly,
  };
}

export function shownFirings({ firings, fired }: Replayed, terminal: Terminal): readonly string[] {
  const more = fired - firings.length;
  return [
    ...firings.flatMap((firing) => shownFiring(firing, terminal)),
    ...(more > 0 ? [`… and ${more} more: show them with --limit.`] : []),
  ];
}

function shownFiring({ id, at, event, windows, actions }: BackTestFiring, terminal: Terminal): readonly string[] {
  const by = event === null ? 'by the passing of time' : `${event.name} of ${event.resource_id}`;
  return [
    `${terminal.style('bold', timeOf(at))}  ${by}  (firing ${id})`,
    ...windows.map((window) => `  ${shownWindow(window)}`),
    ...actions.map(({ type, target, texts, refusal }) => {
      const words = [
        ...(target === null ? [] : [`${target.kind.replaceAll('-', ' ')} ${target.name ?? target.id}`]),
        ...Object.entries(texts).map(([name, text]) => `${name} ${short(text)}`),
        ...(refusal === null ? [] : [`would be refused: ${refusal}`]),
      ];
      return `  ${type}${words.length === 0 ? '' : `: ${words.join(', ')}`}`;
    }),
  ];
}

function short(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 1)}…` : line;
}

/** For instance `2 of 3 came from … to … for shop.id=7`. */
export function shownWindow({ count, threshold, start, end, labels }: CountedWindowWire): string {
  const keys = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const period = start < end ? ` from ${timeOf(start)} to ${timeOf(end)}` : '';
  return `${count} of ${threshold} came${period}${keys.length === 0 ? '' : `, for ${keys.join(', ')}`}`;
}

export function shownMisses({ nearMisses, missed }: Replayed): readonly string[] {
  if (missed === 0) return [];
  const more = missed - nearMisses.length;
  return [
    '',
    `It nearly fired ${missed === 1 ? 'once' : `${missed} times`}:`,
    ...nearMisses.map((window) => `  ${shownWindow(window)}`),
    ...(more > 0 ? [`  … and ${more} more.`] : []),
  ];
}

export function shownHints({ hints, endedEarly }: Replayed): readonly string[] {
  const said = hints.map(({ what, label, expected, count, nearest }) => {
    const near = nearest.map(({ value, count: seen }) => `"${value}" (${seen})`).join(', ');
    const nearestOnes = near === '' ? '' : ` Nearest: ${near}.`;
    if (what === 'name')
      return `None of ${count} ${count === 1 ? 'event' : 'events'} had the name ${expected.join(' or ')}.${nearestOnes}`;
    const whose = what === 'label' ? 'the label' : 'a related resource with the label';
    return `${count} ${count === 1 ? 'event' : 'events'} had this name, none had ${whose} ${label}: ${expected.join(' or ')}.${nearestOnes}`;
  });
  return [...(endedEarly === null ? [] : ['', endedEarly]), ...(said.length === 0 ? [] : ['', ...said])];
}
