/** `ostinato automation`: lists, shows, pauses, resumes and deletes automations. */

import { automationsOf, findAutomation, type AutomationClient } from '../client/control/automations.ts';
import type { ActionReceipt } from '../contract/action-receipt.ts';
import type { Automation } from '../contract/automation.ts';
import { readInstant } from '../contract/encode/instant.ts';
import type { Instant } from '../core/time.ts';
import type { InspectAutomationOptions } from './commands/automation.ts';
import { confirmDeletion } from './confirm.ts';
import { showAgo, timeOf } from './format.ts';
import { withPlane } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { printRows, renderFacts, renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';
import { triggerInWords } from './trigger-words.ts';

type Output = OutputOptions['output'];

async function withAutomations(
  terminal: Terminal,
  work: (automations: AutomationClient, now: Instant) => Promise<void>,
): Promise<void> {
  await withPlane(terminal, ({ plane, clock }) => work(automationsOf(plane), clock.now()));
}

export async function listAutomations(terminal: Terminal, limit: number, output: Output): Promise<void> {
  await withAutomations(terminal, async (automations) => {
    const columns: Column<Automation>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'STATUS', text: statusOf },
      { title: 'TRIGGER', text: ({ trigger }) => triggerInWords(trigger), shrinks: true, drops: 2 },
      { title: 'ACTIONS', text: actionsOf, shrinks: true, drops: 1 },
      { title: 'DESCRIPTION', text: ({ description }) => description, shrinks: true, drops: 3 },
    ];
    printRows(terminal, output, await automations.list({ limit }), { columns, none: 'No automations yet.' });
  });
}

export async function inspectAutomation(
  terminal: Terminal,
  word: string,
  { output, limit }: InspectAutomationOptions,
): Promise<void> {
  await withAutomations(terminal, async (automations, now) => {
    const { plain, exact } = await findAutomation(automations, word);
    const receipts = await automations.receipts(plain.id, limit);
    printResult(terminal, output, receipts === null ? exact : { ...exact, receipts: receipts.exact }, () =>
      [
        renderFacts(factsOf(plain), terminal).trimEnd(),
        ...(receipts === null ? [] : ['', shownReceipts(receipts.plain, now, terminal)]),
      ].join('\n'),
    );
  });
}

function shownReceipts(receipts: readonly ActionReceipt[], now: Instant, terminal: Terminal): string {
  if (receipts.length === 0) return 'It has not acted yet, or that was long ago.';
  const columns: Column<ActionReceipt>[] = [
    { title: 'FIRED', text: ({ fired }) => showAgo(readInstant(fired), now), is: 'whole' },
    { title: 'ACTION', text: ({ action_type: type }) => type, shrinks: true, drops: 2 },
    { title: 'STATUS', text: ({ status }) => status },
    { title: 'TRIES', text: ({ attempts }) => String(attempts), align: 'right', drops: 3 },
    { title: 'WHAT', text: ({ text }) => text, shrinks: true, drops: 1 },
  ];
  return renderTable(receipts, columns, terminal).trimEnd();
}

function factsOf(plain: Automation): [string, string][] {
  return [
    ['id', plain.id],
    ['name', plain.name],
    ['description', plain.description],
    ['status', statusOf(plain)],
    ['tags', plain.tags.join(', ')],
    ['trigger', triggerInWords(plain.trigger)],
    ...ACTION_LISTS.flatMap(([list, title]) => plain[list].map((action): [string, string] => [title, typeOf(action)])),
    ['created', timeOf(plain.created)],
    ['updated', timeOf(plain.updated)],
  ];
}

const ACTION_LISTS = [
  ['actions', 'action'],
  ['actions_on_trigger', 'when it is met'],
  ['actions_on_resolve', 'when it is over'],
] as const;

function statusOf({ enabled }: Automation): string {
  return enabled ? 'on' : 'paused';
}

function actionsOf(automation: Automation): string {
  return ACTION_LISTS.flatMap(([list]) => automation[list].map(typeOf)).join(', ');
}

function typeOf(part: Readonly<Record<string, unknown>>): string {
  return typeof part['type'] === 'string' ? part['type'] : '';
}

export async function switchAutomation(
  terminal: Terminal,
  word: string,
  isEnabled: boolean,
  output: Output,
): Promise<void> {
  await withAutomations(terminal, async (automations) => {
    const { id, name } = (await findAutomation(automations, word)).plain;
    await automations.switch(id, isEnabled);
    printResult(terminal, output, { id, name, enabled: isEnabled }, () =>
      isEnabled ? `Automation ${name} goes on.` : `Automation ${name} is paused: it does nothing until it is resumed.`,
    );
  });
}

export async function deleteAutomation(
  terminal: Terminal,
  word: string,
  { output, yes }: OutputOptions & { readonly yes?: boolean },
): Promise<void> {
  await withAutomations(terminal, async (automations) => {
    const { id, name } = (await findAutomation(automations, word)).plain;
    if (yes !== true && !(await confirmDeletion(terminal, `automation ${name}`))) return;
    await automations.remove(id);
    printResult(terminal, output, { id, name }, () => `Automation ${name} is deleted.`);
  });
}
