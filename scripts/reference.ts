/**
 * The pages of `docs/reference/` that are made from the code: exit codes, settings, commands. Written by `npm run
 * docs`.
 */
import { ERROR_CODES } from '../src/core/errors.ts';
import { describeCommand, flattenTree, type CommandNode } from '../src/cli/completion/command-tree.ts';
import { EXIT_CODES } from '../src/cli/exit-codes.ts';
import { buildProgram } from '../src/cli/program.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import { environmentName, SETTING_NAMES, SETTINGS, type Setting } from '../src/platform/settings-table.ts';

const MADE = '<!-- Made from the code by `npm run docs`. -->\n';
/** Defaults that lie in the home folder are shown by its name. */
const HOME = '~/.ostinato';

/** @returns file name → content */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['exit-codes.md', exitCodesPage()],
    ['settings.md', settingsPage()],
    ['command-line.md', await commandLinePage()],
  ]);
}

function exitCodesPage(): string {
  const errors = Object.entries(ERROR_CODES);
  const exits = Object.entries(EXIT_CODES).map(([code, meaning]) => {
    const names = errors.filter(([, facts]) => String(facts.exitCode) === code).map(([name]) => `\`${name}\``);
    return [code, meaning, names.join(', ')];
  });
  const codes = errors.map(([name, { exitCode, httpStatus, retryable }]) => [
    `\`${name}\``,
    String(exitCode),
    String(httpStatus),
    retryable ? 'yes' : 'no',
  ]);
  return `${MADE}# Exit codes and error codes

Every command ends with one of these codes. With \`-o json\`, an error is one line of JSON on standard error:
\`{"error": {"code", "message", "remedy", "exit_code"}}\`.

${table(['exit code', 'meaning', 'error codes'], exits)}
The error codes, wherever they come from (\`error.code\` in TypeScript, the body of an HTTP answer, the command line):

${table(['error code', 'exit code', 'HTTP status', 'may trying again help?'], codes)}`;
}

function settingsPage(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { key, description, rule, fallback } = SETTINGS[name] as Setting<unknown>;
    const standard = name === 'home' ? HOME : fallback(HOME);
    return [
      `\`${key}\``,
      `\`${environmentName(key)}\``,
      standard === null ? 'not set' : `\`${String(standard)}\``,
      description,
      rule,
    ];
  });
  return `${MADE}# Settings

A value comes from the strongest source that has it: environment variable, \`ostinato.toml\` (the nearest at or above the working
directory), the active profile in \`<home>/profiles.toml\`, default. \`ostinato config view --sources\` shows which one it was.

${table(['key', 'environment variable', 'default', 'meaning', 'must be'], rows)}
\`\`\`toml
# ostinato.toml
durability = "sync"

[log]
level = "debug"
\`\`\`
`;
}

async function commandLinePage(): Promise<string> {
  const root = describeCommand(await buildProgram(SILENT, { all: true }));
  const leaves = flattenTree(root).filter(({ path, children }) => path.length > 0 && children.length === 0);
  return `${MADE}# Command line\n\n${optionsOf(root, 'Before or after every command:')}\n${leaves.map(commandSection).join('\n')}`;
}

function commandSection(node: CommandNode): string {
  return `## ostinato ${node.path.join(' ')}\n\n${node.summary.charAt(0).toUpperCase()}${node.summary.slice(1)}\n\n\`ostinato ${node.path.join(' ')} ${node.usage}\`\n\n${optionsOf(node, 'Options:')}`;
}

function optionsOf({ options }: CommandNode, title: string): string {
  const lines = options
    .filter(({ long }) => long !== '--help')
    .map(({ flags, description, choices }) => {
      return `- \`${flags}\`: ${description}${choices.length === 0 ? '' : ` (${choices.join(', ')})`}`;
    });
  return lines.length === 0 ? '' : `${title}\n\n${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

const SILENT: Terminal = {
  out: () => undefined,
  err: () => undefined,
  clearLine: () => undefined,
  style: (_format, text) => text,
  styleErr: (_format, text) => text,
  columns: null,
  isInteractive: false,
  environment: {},
  workingDirectory: '/',
};
