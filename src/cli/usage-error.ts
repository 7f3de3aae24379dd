/** Prints a command line that cannot be understood: the mistake, near matches, and where to find help. */
import type { Command, CommanderError } from 'commander';

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { printFailure } from './failure.ts';
import { wantsJson } from './program.ts';
import type { Terminal } from './terminal.ts';

/** @returns the exit code */
export function printUsageError(
  error: CommanderError,
  program: Command,
  words: readonly string[],
  terminal: Terminal,
): number {
  const command = commandOf(program, words);
  const json = wantsJson(words);
  // Its help is on standard error already.
  if (error.code === 'commander.help' && !json) return EXIT_USAGE;
  const message = messageOf(error, command);
  const help = `${pathOf(command)} --help`;
  if (json)
    return printFailure(new OstinatoError('bad-input', message, { remedy: `See: ${help}` }), terminal, {
      debug: false,
      json,
    });
  terminal.err(`${terminal.styleErr(['red', 'bold'], 'Error:')} ${message}\n(add --help for usage)\n`);
  return EXIT_USAGE;
}

function messageOf({ code, message }: CommanderError, command: Command): string {
  if (code === 'commander.help') return `${pathOf(command)} needs a command: ${commandNames(command).join(', ')}.`;
  const text = message.replace(/^error: /, '').trim();
  const [, what, word = ''] = /^unknown (command|option) '([^']*)'/.exec(text) ?? [];
  if (what === 'command') return text + didYouMean(word, commandNames(command));
  return what === 'option' ? text + didYouMean(word, optionNames(command)) : text;
}

function commandNames(command: Command): readonly string[] {
  return command.commands.map((child) => child.name());
}

function optionNames(command: Command): readonly string[] {
  return [command, ...ancestors(command)]
    .flatMap(({ options }) => options.flatMap(({ long }) => long ?? []))
    .concat('--help');
}

function ancestors(command: Command): Command[] {
  return command.parent === null ? [] : [command.parent, ...ancestors(command.parent)];
}

/** The command that the words lead to. */
function commandOf(program: Command, words: readonly string[]): Command {
  let found = program;
  for (const [index, word] of words.entries()) {
    if (word === '--') break;
    if (word.startsWith('-') || words[index - 1] === '--profile') continue;
    const child = found.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    found = child;
  }
  return found;
}

function pathOf(command: Command): string {
  return [
    ...ancestors(command)
      .map((each) => each.name())
      .reverse(),
    command.name(),
  ].join(' ');
}
