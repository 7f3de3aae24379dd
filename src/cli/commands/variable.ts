import type { Command } from 'commander';

import { encodeVariable } from '../../contract/variable.ts';
import type { OstinatoClient } from '../../client/port.ts';
import { OstinatoError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import type { Variable } from '../../core/variable.ts';
import { exactValue } from '../../core/json-value.ts';
import { parseNumbers } from '../../core/written-number.ts';
import { refuseRepeatedKeys } from '../../sdk/typed-arguments.ts';
import { collect, parseLimit } from '../arguments.ts';
import { showAgo, showTime } from '../format.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderFacts, renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface SetOptions extends OutputOptions {
  readonly overwrite?: boolean;
  readonly text?: boolean;
  readonly tag?: readonly string[];
}

/** Variables do not need lost runs to be marked first. */
const QUIET = { lookAfterLostRuns: false } as const;
/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;

export function define(command: Command, terminal: Terminal): void {
  const open = (work: (context: CommandContext) => Promise<void>): Promise<void> => withClient(terminal, work, QUIET);

  const list = command.command('ls').description('List variables, by name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, 200)
    .addOption(outputOption(list))
    .action(({ output, limit }: OutputOptions & { limit: number }) =>
      open((context) => listVariables(context, output, limit)),
    );

  const get = command.command('get').description('Print the value of a variable: text as it is, all else as JSON.');
  get
    .argument('<name>')
    .addOption(outputOption(get))
    .action((name: string, { output }: OutputOptions) =>
      open(async ({ client }) => {
        const variable = await requireVariable(client, name);
        printResult(terminal, output, encodeVariable(variable).value, () =>
          typeof variable.value === 'string' ? variable.value : jsonOf(variable),
        );
      }),
    );
  addExamples(get, [['ostinato variable get sales_target', 'the value alone, for scripts']]);

  const set = command.command('set').description('Set a variable. The value is JSON where it is JSON, text otherwise.');
  set
    .argument('<name>')
    .argument('<value>')
    .option('--overwrite', 'replace the value when the variable exists')
    .option('--text', 'take the value as text, even if it looks like JSON')
    .option('--tag <tag>', 'repeat it for several', collect)
    .addOption(outputOption(set))
    .action((name: string, value: string, options: SetOptions) =>
      open((context) => setVariable(context, name, value, options)),
    );
  addExamples(set, [
    ['ostinato variable set sales_target 1500', 'a number'],
    ['ostinato variable set regions \'["eu", "us"]\'', 'a list'],
    ['ostinato variable set motd "hello there" --overwrite', 'text; replaces what was there'],
    ['ostinato variable set code 42 --text', 'text that looks like something else'],
  ]);

  const unset = command.command('unset').description('Delete a variable.');
  unset
    .argument('<name>')
    .addOption(outputOption(unset))
    .action((name: string, { output }: OutputOptions) =>
      open(async ({ client }) => {
        if (!(await client.control.variables.unset(name))) throw await missing(client, name);
        printResult(terminal, output, { name }, () => `Variable ${name} is deleted.`);
      }),
    );

  const inspect = command.command('inspect').description('Show a variable with its tags and times.');
  inspect
    .argument('<name>')
    .addOption(outputOption(inspect))
    .action((name: string, { output }: OutputOptions) =>
      open(async ({ client }) => {
        const variable = await requireVariable(client, name);
        printResult(terminal, output, encodeVariable(variable), () => renderFacts(factsOf(variable), terminal));
      }),
    );
}

async function listVariables(
  { client, clock, terminal }: CommandContext,
  output: OutputOptions['output'],
  limit: number,
): Promise<void> {
  const variables = await client.control.variables.list({ limit });
  const now = clock.now();
  const columns: Column<Variable>[] = [
    { title: 'NAME', text: ({ name }) => name, is: 'whole' },
    { title: 'VALUE', text: jsonOf, shrinks: true, drops: 1 },
    { title: 'TAGS', text: ({ tags }) => tags.join(', '), shrinks: true, drops: 3 },
    { title: 'UPDATED', text: ({ updatedAt }) => showAgo(updatedAt, now), drops: 2 },
  ];
  printResult(terminal, output, variables.map(encodeVariable), () =>
    variables.length === 0
      ? 'No variables yet. Set one with: ostinato variable set NAME VALUE'
      : renderTable(variables, columns, terminal),
  );
}

async function setVariable(
  { client, terminal }: CommandContext,
  name: string,
  text: string,
  options: SetOptions,
): Promise<void> {
  const { overwrite = false, text: asText = false, tag, output } = options;
  const before = overwrite && tag === undefined ? await client.control.variables.read(name) : null;
  const given = asText ? { value: text } : readVariableValue(text);
  try {
    // Without --tag, an existing variable keeps its tags.
    const variable = await client.control.variables.set({ name, ...given, tags: tag ?? before?.tags ?? [], overwrite });
    printResult(terminal, output, encodeVariable(variable), () => `${name} = ${jsonOf(given)}`);
  } catch (error) {
    if (!OstinatoError.is(error) || error.code !== 'conflict') throw error;
    throw new OstinatoError('conflict', error.message, {
      remedy: 'Add --overwrite to replace its value.',
      cause: error,
    });
  }
}

function factsOf(variable: Variable): [string, string][] {
  const { id, name, tags, createdAt, updatedAt } = variable;
  return [
    ['id', id],
    ['name', name],
    ['value', jsonOf(variable)],
    ['tags', tags.join(', ')],
    ['created', showTime(createdAt)],
    ['updated', showTime(updatedAt)],
  ];
}

/** JSON with the numbers as they were written. */
function jsonOf({ value, exactValue: exact }: Pick<Variable, 'value' | 'exactValue'>): string {
  return exact ?? JSON.stringify(value);
}

/**
 * JSON if it is valid JSON, else text. Whole numbers of any length are kept exactly: programs read them back unchanged.
 *
 * @throws `bad-input` for other numbers that would lose digits when a program reads them
 */
function readVariableValue(text: string): Pick<Variable, 'value' | 'exactValue'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { value: text };
  }
  refuseRepeatedKeys(text, 'The value');
  parseNumbers(text, (number) => {
    if (number.isInteger) return null;
    throw new OstinatoError(
      'bad-input',
      `${number.text} cannot be kept as a number: JavaScript and Python would read ${Number(number.text)}.`,
      { remedy: 'Keep it as text: --text' },
    );
  });
  const exact = JSON.stringify(exactValue(text));
  return exact === JSON.stringify(value) ? { value } : { value, exactValue: exact };
}

async function requireVariable(client: OstinatoClient, name: string): Promise<Variable> {
  const variable = await client.control.variables.read(name);
  if (variable === null) throw await missing(client, name);
  return variable;
}

async function missing(client: OstinatoClient, name: string): Promise<OstinatoError> {
  const names = (await client.control.variables.list({ limit: NAMES_MAX })).map((each) => each.name);
  return new OstinatoError('not-found', `There is no variable "${name}".${didYouMean(name, names)}`, {
    remedy: 'List them with: ostinato variable ls',
  });
}
