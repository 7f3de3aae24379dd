/**
 * The commands with their options as plain data, which the scripts of three shells and the reference page are made
 * from.
 */
import type { Command, Option } from 'commander';

import { kindOfArgument, kindOfOption, type ValueKind } from './value-kinds.ts';

export interface CommandNode {
  /** Words after `ostinato`; empty for `ostinato` itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly OptionNode[];
  /** Possible values of its arguments, if that is a short list. */
  readonly argumentWords: readonly string[];
  /** The kinds of its arguments, in order; the last one's is that of all further ones, if it may be repeated. */
  readonly argumentValues: readonly (ValueKind | null)[];
  readonly takesMore: boolean;
  readonly children: readonly CommandNode[];
}

export interface OptionNode {
  readonly short: string | null;
  readonly long: string | null;
  readonly flags: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly values: ValueKind | null;
}

export function describeCommand(command: Command, path: readonly string[] = []): CommandNode {
  return {
    path,
    summary: command.summary() || command.description(),
    usage: command.usage(),
    options: [...command.options.filter(({ hidden }) => !hidden).map((option) => describeOption(option, path)), HELP],
    argumentWords: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    argumentValues: command.registeredArguments.map((argument) => kindOfArgument(path, argument.name())),
    takesMore: command.registeredArguments.at(-1)?.variadic === true,
    children: command.commands.map((child) => describeCommand(child, [...path, child.name()])),
  };
}

/** The node and all below it, parents first. */
export function flattenTree(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(flattenTree)];
}

const HELP: OptionNode = {
  short: '-h',
  long: '--help',
  flags: '-h, --help',
  description: 'explain the command',
  takesValue: false,
  choices: [],
  values: null,
};

function describeOption(
  { short, long, flags, description, required, optional, argChoices }: Option,
  path: readonly string[],
): OptionNode {
  return {
    short: short ?? null,
    long: long ?? null,
    flags,
    description,
    takesValue: required || optional,
    choices: argChoices ?? [],
    values: kindOfOption(path, long ?? null, flags),
  };
}
