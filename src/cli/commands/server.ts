import type { Command } from 'commander';

import { createClock } from '../../platform/clock.ts';
import { createIdSource } from '../../platform/ids.ts';
import { systemRandom } from '../../platform/random.ts';
import { addExamples } from '../program.ts';
import { loadSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

interface StartOptions {
  readonly host: string;
  readonly port: string;
  readonly database?: string;
}

export function define(command: Command, terminal: Terminal): void {
  const start = command.command('start').description('Serve the API and the pages until Ctrl-C.');
  start
    .option('--host <address>', 'the address to listen at', '127.0.0.1')
    .option('--port <port>', 'the port; 0 takes a free one', '4200')
    .option('--database <url>', 'sqlite:PATH; default: the database of this home')
    .action((options: StartOptions) => startServer(terminal, options));
  addExamples(start, [['ostinato server start', 'serve at http://127.0.0.1:4200']]);
}

async function startServer(terminal: Terminal, { host, port, database }: StartOptions): Promise<void> {
  const { values } = loadSettings(terminal);
  const { serve } = await import('../../server/serve.ts');
  const server = await serve({
    databaseUrl: database ?? values.databaseUrl, host, port: Number(port), authString: null,
    clock: createClock(), ids: createIdSource(), random: systemRandom,
    onFailure: (message, error) => terminal.err(`${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
  });
  terminal.err(`Ostinato serves at ${server.url}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.close();
}
