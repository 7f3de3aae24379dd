import type { Command } from 'commander';

import { parseHost, parsePort, parseSeconds } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface StartOptions {
  readonly host: string;
  readonly port: number;
  readonly database?: string;
  readonly background?: boolean;
  readonly allowAnonymous?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  const start = command
    .command('start')
    .description('Serve the API and the pages. Runs of flow files in the same home are seen in it at once.');
  start
    .option('--host <address>', 'the address to listen at', parseHost, '127.0.0.1')
    .option('--port <port>', 'the port; 0 takes a free one', parsePort, 4200)
    .option('--database <url>', 'sqlite:PATH or postgresql://USER@HOST/DATABASE (default: the database of this home)')
    .option('--background', 'come back when it answers; `ostinato server stop` ends it')
    .option('--allow-anonymous', 'let everybody in at an address that others can reach')
    .action(async (options: StartOptions) => (await import('../server-start.ts')).startServer(terminal, options));
  addExamples(start, [
    ['ostinato server start', 'serve at http://127.0.0.1:4200 until Ctrl-C'],
    ['ostinato server start --background', 'serve and give the prompt back'],
    ['OSTINATO_SERVER_AUTH_STRING=me:secret ostinato server start --host 0.0.0.0', 'serve others who know the secret'],
  ]);

  const stop = command.command('stop').description('End the server of this home: what is under way is answered first.');
  stop
    .option('--timeout <seconds>', 'how long to wait for its end', parseSeconds, 30)
    .action(async ({ timeout }: { readonly timeout: number }) =>
      (await import('../server-control.ts')).stopServer(terminal, timeout),
    );
  addExamples(stop, [['ostinato server stop', 'end the server that runs in the background']]);

  const status = command
    .command('status')
    .description('Say whether the server of this home answers: exit code 0 when it does, 1 when not.');
  status
    .option('--wait', 'wait until it answers')
    .option('--timeout <seconds>', 'how long to wait at most', parseSeconds, 60)
    .addOption(outputOption(status))
    .action(async (options: OutputOptions & { readonly wait?: boolean; readonly timeout: number }) =>
      (await import('../server-control.ts')).showServerStatus(terminal, options),
    );
  addExamples(status, [['ostinato server status --wait --timeout 20', 'go on when the server is ready']]);
}
