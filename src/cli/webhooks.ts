/** `ostinato webhook`: makes, lists, shows, pauses, tries and deletes webhooks. */

import { resolve } from 'node:path';

import { findWebhook, webhooksOf, type WebhookClient } from '../client/control/webhooks.ts';
import type { Event } from '../contract/schema/event.ts';
import type { Webhook } from '../contract/webhook.ts';
import { OstinatoError } from '../core/errors.ts';
import type {
  CreateWebhookOptions,
  DeleteWebhookOptions,
  ListWebhooksOptions,
  TestWebhookOptions,
} from './commands/webhook.ts';
import { confirmDeletion } from './confirm.ts';
import { readFileText } from './deployment-file/read-text.ts';
import { timeOf } from './format.ts';
import { withPlane } from './open-plane.ts';
import { jsonOutput, printResult, type OutputOptions } from './output.ts';
import { printRows, renderFacts, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text-width.ts';

type Output = OutputOptions['output'];

async function withWebhooks(terminal: Terminal, work: (webhooks: WebhookClient) => Promise<void>): Promise<void> {
  await withPlane(terminal, ({ plane }) => work(webhooksOf(plane)));
}

export async function createWebhook(terminal: Terminal, name: string, options: CreateWebhookOptions): Promise<void> {
  const { form, description, template, templateFile, secretFile, output } = options;
  if (template !== undefined && templateFile !== undefined)
    throw new OstinatoError('bad-input', 'The template is given twice.', {
      remedy: 'Give --template or --template-file.',
    });
  const written = templateFile === undefined ? template : fileText(terminal, templateFile, 'templates');
  const secret = secretFile === undefined ? undefined : fileText(terminal, secretFile, 'secrets').trim();
  await withWebhooks(terminal, async (webhooks) => {
    const made = await webhooks.create({
      name,
      ...(form === undefined ? {} : { form }),
      ...(description === undefined ? {} : { description }),
      ...(written === undefined ? {} : { template: written }),
      ...(secret === undefined ? {} : { secret }),
    });
    printResult(terminal, output, made.exact, () => addressText(made.plain, terminal));
  });
}

function fileText({ workingDirectory }: Terminal, file: string, what: string): string {
  const path = resolve(workingDirectory, file);
  return readFileText({ path, shown: file, remedy: 'Write it first.', of: { what, remedy: 'Name a file of text.' } });
}

/** The address is told this once. */
function addressText({ name, url }: Webhook, terminal: Terminal): string {
  const { origin, pathname } = new URL(url ?? 'http://localhost');
  // Made without a server: nobody knows yet where one will be.
  const address = origin === 'http://localhost' ? `<the address of your server>${pathname}` : `${origin}${pathname}`;
  return `Webhook ${oneLine(name)} is called at this address, which is a secret and is not shown again:\n\n  ${terminal.style('bold', address)}\n`;
}

export async function listWebhooks(terminal: Terminal, { limit, output }: ListWebhooksOptions): Promise<void> {
  await withWebhooks(terminal, async (webhooks) => {
    const columns: Column<Webhook>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'STATUS', text: statusOf },
      { title: 'FORM', text: ({ form }) => form, drops: 2 },
      { title: 'DESCRIPTION', text: ({ description }) => description, shrinks: true, drops: 1 },
    ];
    printRows(terminal, output, await webhooks.list({ limit }), { columns, none: 'No webhooks yet.' });
  });
}

export async function inspectWebhook(terminal: Terminal, word: string, output: Output): Promise<void> {
  await withWebhooks(terminal, async (webhooks) => {
    const { plain, exact } = await findWebhook(webhooks, word);
    printResult(terminal, output, exact, () => renderFacts(factsOf(plain), terminal));
  });
}

function factsOf(webhook: Webhook): [string, string][] {
  return [
    ['id', webhook.id],
    ['name', webhook.name],
    ['description', webhook.description],
    ['status', statusOf(webhook)],
    ['form', webhook.form],
    ['template', webhook.template],
    ['senders sign', webhook.has_secret ? 'yes' : 'no'],
    ['created', timeOf(webhook.created)],
    ['updated', timeOf(webhook.updated)],
  ];
}

function statusOf({ enabled }: Webhook): string {
  return enabled ? 'on' : 'paused';
}

export async function rotateWebhook(terminal: Terminal, word: string, output: Output): Promise<void> {
  await withWebhooks(terminal, async (webhooks) => {
    const { id } = (await findWebhook(webhooks, word)).plain;
    const rotated = await webhooks.rotate(id);
    printResult(terminal, output, rotated.exact, () => addressText(rotated.plain, terminal));
  });
}

export async function switchWebhook(
  terminal: Terminal,
  word: string,
  isEnabled: boolean,
  output: Output,
): Promise<void> {
  await withWebhooks(terminal, async (webhooks) => {
    const { id, name } = (await findWebhook(webhooks, word)).plain;
    await webhooks.switch(id, isEnabled);
    printResult(terminal, output, { id, name, enabled: isEnabled }, () =>
      isEnabled
        ? `Webhook ${oneLine(name)} takes calls again.`
        : `Webhook ${oneLine(name)} is paused: its address leads nowhere.`,
    );
  });
}

export async function deleteWebhook(
  terminal: Terminal,
  word: string,
  { output, yes }: DeleteWebhookOptions,
): Promise<void> {
  await withWebhooks(terminal, async (webhooks) => {
    const { id, name } = (await findWebhook(webhooks, word)).plain;
    if (yes !== true && !(await confirmDeletion(terminal, `webhook ${name}`))) return;
    await webhooks.remove(id);
    printResult(terminal, output, { id, name }, () => `Webhook ${oneLine(name)} is deleted.`);
  });
}

export async function testWebhook(terminal: Terminal, word: string, options: TestWebhookOptions): Promise<void> {
  const { method, header = [], body, output } = options;
  const headers = Object.fromEntries(header.map(headerOf));
  await withWebhooks(terminal, async (webhooks) => {
    const { id } = (await findWebhook(webhooks, word)).plain;
    const call = { headers, ...(method === undefined ? {} : { method }), ...(body === undefined ? {} : { body }) };
    const { plain, exact } = await webhooks.test(id, call);
    printResult(terminal, output, exact, () =>
      plain.problem === null
        ? plain.events.map((event) => renderFacts(eventFacts(event), terminal)).join('\n')
        : `No event would be recorded: ${oneLine(plain.problem)}.`,
    );
  });
}

function eventFacts({ event, id, occurred, resource, related, payload }: Event): [string, string][] {
  return [
    ['event', event],
    ['id', id],
    ['occurred', timeOf(occurred)],
    ...Object.entries(resource).map(([name, value]): [string, string] => [name, value]),
    ...related.map((labels): [string, string] => ['related', jsonOutput(labels, true)]),
    ['payload', jsonOutput(payload, true)],
  ];
}

function headerOf(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new OstinatoError('bad-input', `The header ${JSON.stringify(text)} has no colon.`, {
    remedy: 'For instance: --header "X-GitHub-Event: push"',
  });
}
