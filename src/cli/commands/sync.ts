import type { Command } from 'commander';

import { createClock } from '../../platform/clock.ts';
import { createIdSource } from '../../platform/ids.ts';
import { warnings } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { loadSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

export function define(command: Command, terminal: Terminal): void {
  command
    .description(
      'Tell the server what programs of this home recorded while it was away. Every command and flow that reaches the server does so, too.',
    )
    .addOption(outputOption(command))
    .action((options: OutputOptions) => sync(terminal, options));
  addExamples(command, [['ostinato sync', 'after the server was away']]);
}

async function sync(terminal: Terminal, { output }: OutputOptions): Promise<void> {
  const { values } = loadSettings(terminal);
  if (values.apiUrl === null) {
    printResult(
      terminal,
      output,
      { api_url: null, recorded: 0 },
      () => 'No server is set (api.url): runs are recorded in the embedded database.',
    );
    return;
  }
  const { openHttpHome } = await import('../../sdk/open-http.ts');
  const home = openHttpHome({
    apiUrl: values.apiUrl,
    values,
    clock: createClock(),
    ids: createIdSource(),
    onNotice: warnings(terminal),
  });
  const client = await home.connect();
  try {
    const { recovered } = await home.sync();
    printResult(terminal, output, { api_url: values.apiUrl, recorded: recovered }, () =>
      recovered === 0
        ? `The server at ${values.apiUrl} has everything.`
        : `${recovered} changes and steps are recorded by the server at ${values.apiUrl} now.`,
    );
  } finally {
    await client.close();
  }
}
