import type { Command } from 'commander';

import { WEBHOOK_FORMS, type WebhookForm } from '../../core/webhooks/webhook.ts';
import { collect, parseLimit } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const WORD = 'its name or id';
const SHOWN = 200;

export interface CreateWebhookOptions extends OutputOptions {
  readonly form?: WebhookForm;
  readonly description?: string;
  readonly template?: string;
  readonly templateFile?: string;
  readonly secretFile?: string;
}
export interface ListWebhooksOptions extends OutputOptions {
  readonly limit: number;
}
export interface DeleteWebhookOptions extends OutputOptions {
  readonly yes?: boolean;
}
export interface TestWebhookOptions extends OutputOptions {
  readonly method?: string;
  readonly header?: readonly string[];
  readonly body?: string;
}

export function define(command: Command, terminal: Terminal): void {
  defineCreate(command, terminal);
  const list = command.command('ls').description('List webhooks, by name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async (options: ListWebhooksOptions) => {
      await (await loaded()).listWebhooks(terminal, options);
    });

  const inspect = command.command('inspect').description('Show a webhook, without its address.');
  inspect
    .argument('<webhook>', WORD)
    .addOption(outputOption(inspect))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).inspectWebhook(terminal, word, output);
    });

  const rotate = command
    .command('rotate')
    .summary('draw a new address')
    .description('Draw a new address for a webhook. The old one leads nowhere from then on.');
  rotate
    .argument('<webhook>', WORD)
    .addOption(outputOption(rotate))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).rotateWebhook(terminal, word, output);
    });

  for (const [name, isEnabled, what] of [
    ['pause', false, 'Let the address of a webhook lead nowhere until it is resumed.'],
    ['resume', true, 'Let a webhook take calls again.'],
  ] as const) {
    const one = command.command(name).description(what);
    one
      .argument('<webhook>', WORD)
      .addOption(outputOption(one))
      .action(async (word: string, { output }: OutputOptions) => {
        await (await loaded()).switchWebhook(terminal, word, isEnabled, output);
      });
  }

  const remove = command.command('delete').description('Delete a webhook.');
  remove
    .argument('<webhook>', WORD)
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption(remove))
    .action(async (word: string, options: DeleteWebhookOptions) => {
      await (await loaded()).deleteWebhook(terminal, word, options);
    });
  defineTest(command, terminal);
}

function defineCreate(command: Command, terminal: Terminal): void {
  const create = command
    .command('create')
    .summary('make one, and print its address')
    .description('Make a webhook, and print its address, which is not shown again.');
  create
    .argument('<name>')
    .addOption(
      create.createOption('--form <form>', 'what becomes of a call (default: template)').choices(WEBHOOK_FORMS),
    )
    .option('--template <template>', 'Jinja that writes the event as JSON, of method, headers, body and query')
    .option('--template-file <file>', 'where that template is')
    .option('--secret-file <file>', 'where the secret is that senders sign with; GitHub needs one')
    .option('--description <text>', 'what it is for')
    .addOption(outputOption(create))
    .action(async (name: string, options: CreateWebhookOptions) => {
      await (await loaded()).createWebhook(terminal, name, options);
    });
  addExamples(create, [
    ['ostinato webhook create till --template-file till.json.jinja', 'anything that sends JSON'],
    ['ostinato webhook create code --form github --secret-file secret.txt', 'a repository at GitHub'],
    ['ostinato webhook create others --form cloudevents', 'whoever speaks CloudEvents'],
  ]);
}

function defineTest(command: Command, terminal: Terminal): void {
  const test = command
    .command('test')
    .summary('what would become of a call')
    .description('Show what events a call would become. Nothing is recorded, and no signature is looked at.');
  test
    .argument('<webhook>', WORD)
    .option('--body <text>', 'what is sent')
    .option('--header <header>', 'as "Name: value"; repeat it for several', collect)
    .option('--method <method>', 'by which method (default: POST)')
    .addOption(outputOption(test))
    .action(async (word: string, options: TestWebhookOptions) => {
      await (await loaded()).testWebhook(terminal, word, options);
    });
  addExamples(test, [
    [`ostinato webhook test till --body '{"id": 7}'`, 'what the template makes of it'],
    ['ostinato webhook test code --header "X-GitHub-Event: ping" --body \'{}\'', 'a call of GitHub'],
  ]);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../webhooks.ts');
}
