/**
 * The table of contents of the command line: a file a command, loaded only when it is the one chosen.
 *
 * To add a command: write `commands/NAME.ts` that exports `define`, and add a line here.
 */
import type { Command } from 'commander';

import type { Terminal } from './terminal.ts';

export interface CommandFile {
  /** Adds arguments, options, subcommands, examples and the action to a command that has its name and summary. */
  readonly define: (command: Command, terminal: Terminal) => void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line for `ostinato --help` and for shell completion. */
  readonly summary: string;
  /** The heading in `ostinato --help`. */
  readonly heading: 'Setting up:' | 'Running:' | 'Looking:' | 'Data:';
  readonly load: () => Promise<CommandFile>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'config', heading: 'Setting up:', summary: 'show and change settings', load: () => import('./commands/config.ts') },
  { name: 'profile', heading: 'Setting up:', summary: 'keep named sets of settings', load: () => import('./commands/profile.ts') },
  { name: 'completion', heading: 'Setting up:', summary: 'print the completion script of a shell', load: () => import('./commands/completion.ts') },
  { name: 'version', heading: 'Setting up:', summary: 'show versions, database and home', load: () => import('./commands/version.ts') },
];
