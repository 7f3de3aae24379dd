/** Builds the commander program from the table of commands. */
import { Command, CommanderError } from 'commander';

import { packageVersion } from '../platform/package-version.ts';
import { parseName, REPEATED } from './arguments.ts';
import { COMMANDS } from './command-table.ts';
import { OUTPUT_FORMATS } from './output.ts';
import type { Terminal } from './terminal.ts';
import { textWidth } from './text-width.ts';

export interface GlobalOptions {
  readonly debug?: boolean;
  readonly profile?: string;
}

/** `all` loads every command, as the completion script and the reference need; a command's name loads only that one. */
export async function buildProgram(
  terminal: Terminal,
  wanted: { readonly all: true } | { readonly word: string | null; readonly json?: boolean },
): Promise<Command> {
  const program = new Command('ostinato');
  program
    .description('Runs flows and tasks, records them, and shows what happened.')
    .option('--profile <name>', 'use the settings of this profile', parseName)
    .option('--debug', 'show the stack and the causes of an error')
    .option(ownVersion(wanted), 'say the version')
    .on('option:version', () => sayVersion(terminal))
    .on('option:v', () => sayVersion(terminal))
    .configureHelp({
      displayWidth: textWidth,
      styleTitle: (text) => terminal.style('bold', text),
      styleCommandText: (text) => terminal.style('cyan', text),
      styleOptionText: (text) => terminal.style('cyan', text),
    })
    .configureOutput({
      writeOut: terminal.out,
      // The help that is printed for a missing command is not JSON.
      writeErr: 'json' in wanted && wanted.json === true ? () => {} : terminal.err,
      // Errors are printed when the command has ended: as sentences, or as JSON.
      outputError: () => {},
      ...(terminal.columns === null ? {} : { getOutHelpWidth: () => terminal.columns ?? 80 }),
    })
    .showSuggestionAfterError(false)
    .exitOverride()
    .helpCommand('help [command]', 'explain a command')
    .addHelpText(
      'after',
      `\nStart here:\n  $ ostinato run my-flow.ts          run the flow in a file\n  $ ostinato config view --sources   every setting and where it comes from\n`,
    );
  for (const { name, summary, heading, load } of COMMANDS) {
    const command = program
      .command(name)
      .description(capitalise(summary) + '.')
      .summary(summary)
      .helpGroup(heading);
    if ('all' in wanted || wanted.word === name) (await load()).define(command, terminal);
  }
  refuseSecondValues(program);
  return program;
}

/** The program's options count behind a command, too: where one has its own `--version`, only `-v` is left to it. */
function ownVersion(wanted: object): string {
  return 'word' in wanted && wanted.word === 'deployment' ? '-v' : '-v, --version';
}

/**
 * The version is read only when asked for, so that other starts do not pay for it. Ends like commander's own options.
 */
function sayVersion(terminal: Terminal): never {
  const version = packageVersion();
  terminal.out(`${version}\n`);
  throw new CommanderError(0, 'commander.version', version);
}

/** Refuses a repeated option; commander silently takes the last value. */
function refuseSecondValues(command: Command): void {
  for (const option of command.options) {
    if (option.isBoolean() || option.variadic || REPEATED.has(option.parseArg)) continue;
    let before: string | null = null;
    command.on(`option:${option.name()}`, (value: string) => {
      if (before !== null && before !== value)
        command.error(`error: option '${option.flags}' is given twice: ${before} and ${value}.`);
      before = value;
    });
  }
  for (const child of command.commands) refuseSecondValues(child);
}

/** The first word that is not an option: the command's name, or with `help NAME` the name after it. */
export function findCommandWord(words: readonly string[]): string | null {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--profile') index += 1;
    else if (word !== 'help' && !word.startsWith('-')) return word;
  }
  return null;
}

/** Whether errors are printed as JSON: read from the arguments, since the error may be about parsing them. */
export function wantsJson(words: readonly string[]): boolean {
  const json = OUTPUT_FORMATS[1];
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  return own.some(
    (word, index) =>
      word === `--output=${json}` ||
      new RegExp(`^-[a-z]?o${json}$`).test(word) ||
      (word === json && /^(?:-[a-z]?o|--output)$/.test(own[index - 1] ?? '')),
  );
}

/** Whether the words are `ostinato run FILE --help`, which also shows the parameters of the file's flows. */
export function wantsFlowHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (
    findCommandWord(words) === 'run' &&
    words.slice(0, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
  );
}

const HELP_COLUMNS = 80;

/** Adds lines `$ command   what it does` to the help of a command; two lines each where one would be too long. */
export function addExamples(command: Command, examples: readonly (readonly [line: string, what: string])[]): void {
  const width = Math.max(...examples.map(([line]) => line.length));
  const fits = examples.every(([, what]) => width + what.length + 7 <= HELP_COLUMNS);
  const lines = examples.map(([line, what]) =>
    fits ? `  $ ${line.padEnd(width)}   ${what}` : `  $ ${line}\n      ${what}`,
  );
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n`);
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
