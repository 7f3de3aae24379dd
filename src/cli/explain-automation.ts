/** `ostinato automation why`: which events an automation has counted, which not and why. */

import { automationsOf, findAutomation } from '../client/control/automations.ts';
import type { Automation } from '../contract/automation.ts';
import type { BackTestVerdict } from '../contract/back-test.ts';
import { OstinatoError } from '../core/errors.ts';
import { formatInstant } from '../core/time.ts';
import {
  replay,
  replayedJson,
  shownFirings,
  shownHints,
  shownMisses,
  shownWindow,
  type Replayed,
} from './automation-replay.ts';
import type { WhyAutomationOptions } from './commands/automation-test.ts';
import { timeOf } from './format.ts';
import { withPlane } from './open-plane.ts';
import { printResult } from './output.ts';
import type { Terminal } from './terminal.ts';
import { timeIn } from './test-automations.ts';

export async function explainAutomation(
  terminal: Terminal,
  word: string,
  { event, firing, since, limit, output }: WhyAutomationOptions,
): Promise<void> {
  await withPlane(terminal, async ({ plane, clock }) => {
    const automations = automationsOf(plane);
    const { plain } = await findAutomation(automations, word);
    const from = since === undefined ? plain.updated : formatInstant(timeIn(since, clock.now()));
    const replayed = await replay(
      terminal,
      automations,
      { automation_id: plain.id, since: from, limit, event_id: event ?? null, firing_id: firing ?? null },
      output === 'json',
    );
    if (firing !== undefined && replayed.firings.length === 0)
      throw new OstinatoError('not-found', `Of what is stored since ${from}, nothing leads to the firing ${firing}.`, {
        remedy:
          'Firings from before it was changed last cannot be explained any more, nor those of events that are gone.',
      });
    printResult(terminal, output, { id: plain.id, name: plain.name, ...replayedJson(replayed) }, () =>
      [...head(plain, from), ...body(replayed, event, firing, terminal)].join('\n'),
    );
  });
}

function head({ name, enabled }: Automation, since: string): readonly string[] {
  return [`${name}, since ${timeOf(since)}${enabled ? '' : '; it is paused'}:`];
}

function body(
  replayed: Replayed,
  event: string | undefined,
  firing: string | undefined,
  terminal: Terminal,
): readonly string[] {
  if (firing !== undefined) return [...shownFirings({ ...replayed, fired: 0 }, terminal), ...countedEvents(replayed)];
  if (event !== undefined)
    return [
      ...replayed.verdicts.flatMap((verdict, index) => verdictWords(verdict, index, replayed.verdicts.length)),
      ...(replayed.firings.length === 0 ? [] : ['', 'It counted for:']),
      ...shownFirings({ ...replayed, fired: 0 }, terminal),
    ];
  const { fired, events } = replayed;
  return [
    `${events} ${events === 1 ? 'event' : 'events'}, ${fired} ${fired === 1 ? 'firing' : 'firings'}.`,
    ...shownFirings(replayed, terminal),
    ...shownMisses(replayed),
    ...shownHints(replayed),
  ];
}

function countedEvents({ firings }: Replayed): readonly string[] {
  return firings.flatMap(({ windows }) =>
    windows.flatMap((window) => [
      '',
      `${shownWindow(window)}:`,
      ...window.events.map(({ id, occurred }) => `  ${timeOf(occurred)}  ${id}`),
      ...(window.count > window.events.length ? [`  … and ${window.count - window.events.length} more.`] : []),
    ]),
  );
}

const WORDS: Readonly<Record<string, string>> = {
  counted: 'It counted',
  opened: 'It opened a window',
  'open-already': 'It changed nothing: a window is open already',
  early: 'It did not count: it occurred before the window began',
  late: 'It did not count: it occurred after the end of the window',
  kept: 'It is kept for a window that opens later',
  repeated: 'It did not count again: it was there before',
  unopened: 'It did not count: no event has opened a window before it',
  unexpected: 'It did not count: its name is none that is expected',
  ended: 'A window had ended without a firing',
  fired: 'With it, it fired',
};

function verdictWords(
  { passed_over: over, happenings }: BackTestVerdict,
  index: number,
  count: number,
): readonly string[] {
  const where = count === 1 ? '' : `Trigger ${index + 1}: `;
  if (over !== null) {
    const expected = over.expected.map((pattern) => `"${pattern}"`).join(' or ') || 'anything';
    const actual = over.actual === null ? 'it has none' : `it is "${over.actual}"`;
    switch (over.what) {
      case 'received':
        return [`${where}It came before: it was received ${timeOf(over.actual ?? '')}.`];
      case 'name':
        return [`${where}It is passed over by its name: expected ${expected}, ${actual}.`];
      default: {
        const whose = over.what === 'label' ? 'its label' : 'the label of what is related to it';
        return [`${where}It is passed over by ${whose} ${over.label}: expected ${expected}, ${actual}.`];
      }
    }
  }
  if (happenings.length === 0) return [`${where}It has not been looked at: it waits for the event that it follows.`];
  return happenings.map(({ what, start, end, count: counted, firing_id: firing }) => {
    const period = start === null || end === null || start >= end ? '' : `, from ${timeOf(start)} to ${timeOf(end)}`;
    const numbers = what === 'counted' || what === 'ended' ? `, number ${counted} of the window` : '';
    return `${where}${WORDS[what] ?? what}${numbers}${period}${firing === null ? '' : ` (${firing})`}.`;
  });
}
