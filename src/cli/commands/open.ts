import { spawn } from 'node:child_process';

import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import { runWord } from '../../core/shell-word.ts';
import { findServer } from '../../platform/server-record.ts';
import { addressOf } from '../../sdk/open-http.ts';
import { findAnyRun, type AnyRun } from '../find-run.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { isAnswering } from '../server-control.ts';
import { loadSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

interface OpenOptions extends OutputOptions {
  readonly print?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  command
    .argument('<run>', 'flow run or task run: id, beginning of an id, or name')
    .option('--print', 'only print the address of its page')
    .addOption(outputOption(command))
    .action((word: string, options: OpenOptions) => withClient(terminal, (context) => openRun(context, word, options)));
  addExamples(command, [
    ['ostinato open brave-otter', 'its page, in the browser'],
    ['ostinato open brave-otter --print', 'the address alone'],
  ]);
  command.addHelpText('after', '\nStarts no server. Without a terminal it only prints the address.\n');
}

async function openRun(
  { client, clock, terminal }: CommandContext,
  word: string,
  { print = false, output }: OpenOptions,
): Promise<void> {
  const found = await findAnyRun(client, word);
  const { values } = loadSettings(terminal);
  const base =
    values.apiUrl === null
      ? await localPages(values.home, clock.now(), found)
      : addressOf(values.apiUrl).apiUrl.replace(/\/api\/?$/, '');
  const url = `${base}/runs/${found.kind === 'flow_run' ? 'flow-run' : 'task-run'}/${found.run.id}`;
  printResult(terminal, output, { url }, () => url);
  if (!print && output !== 'json' && terminal.isInteractive) startBrowser(url, terminal);
}

async function localPages(home: string, now: Parameters<typeof findServer>[1], { run }: AnyRun): Promise<string> {
  const server = findServer(home, now);
  const again = `then: ostinato open ${runWord(run)}`;
  if (server === null)
    throw new OstinatoError('not-found', 'No server runs in this home, which would show the page.', {
      remedy: `Start one: ostinato server start --background, ${again}`,
    });
  const url = server.url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, '//127.0.0.1');
  if (!(await isAnswering(url)))
    throw new OstinatoError('server-unavailable', `The server at ${url} (process ${server.pid}) does not answer.`, {
      remedy: `Wait for it: ostinato server status --wait, ${again}`,
    });
  return url;
}

/** The URL was printed, so a browser that does not start is no error. */
function startBrowser(url: string, { environment }: Terminal): void {
  const own = environment['BROWSER'];
  const [program, words]: [string, string[]] =
    own !== undefined && own !== ''
      ? [own, []]
      : process.platform === 'darwin'
        ? ['open', []]
        : process.platform === 'win32'
          ? ['explorer', []]
          : ['xdg-open', []];
  const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
