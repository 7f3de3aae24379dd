/**
 * Every command that a message names can be pasted. The messages are read from the sources: what stands for a word in
 * them is quoted, and the command, given to a shell, is one that there is, with options and arguments that it takes.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Command, CommanderError } from 'commander';
import { parseSync, Visitor, type Expression, type TemplateLiteral } from 'oxc-parser';

import { buildProgram } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { findSetting, SETTING_KEYS } from '../../src/platform/settings-table.ts';
import { ROOT } from './launch.ts';

interface Message {
  readonly place: string;
  /** What stands for its holes are words of their own, `HOLE0`, `HOLE1`, …. */
  readonly text: string;
  readonly holes: readonly Expression[];
}

const messages: readonly Message[] = globSync('{src,ui,packages}/**/*.{ts,tsx}', {
  cwd: ROOT,
  exclude: (name) => name.includes('node_modules') || name.endsWith('dist'),
})
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((file) => messagesIn(file));

function messagesIn(file: string): Message[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const found: Message[] = [];
  const placeOf = (at: number): string => `${file}:${source.slice(0, at).split('\n').length}`;
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string') found.push({ place: placeOf(node.start), text: node.value, holes: [] });
    },
    TemplateLiteral(node: TemplateLiteral) {
      const text = node.quasis
        .map(({ value }, index) => (index === 0 ? '' : `HOLE${index - 1}`) + (value.cooked ?? ''))
        .join('');
      found.push({ place: placeOf(node.start), text, holes: node.expressions });
    },
  }).visit(parseSync(file, source).program);
  return found;
}

/** A command ends with its quotes, its sentence or its line. */
const COMMAND = /(?<=^|[`\s(=&|$])ostinato (?=[a-z-])((?:'[^']*'|"[^"]*"|(?!; |\. |, | {2,}|: )[^`\n)'"|&])+)/g;

interface Named {
  readonly place: string;
  readonly command: string;
  readonly holes: readonly Expression[];
}

const COMMAND_WORDS = [
  'run',
  'flow',
  'flow-run',
  'task-run',
  'why',
  'open',
  'event',
  'artifact',
  'variable',
  'block',
  'concurrency',
  'server',
  'sync',
  'init',
  'config',
  'profile',
  'completion',
  'version',
  '--profile',
  '--debug',
];

const named: readonly Named[] = messages.flatMap(({ place, text, holes }) =>
  [...text.matchAll(COMMAND)]
    .map(([, words = '']) => words.trim().replace(/[.,;:?…]+$/, ''))
    .filter((command) => COMMAND_WORDS.includes(command.split(/\s/, 1)[0] ?? ''))
    .map((command) => ({ place, command, holes })),
);

/** What makes a word of whatever it is given, and what is a plain word whatever the user does. */
const QUOTING = ['shellWord', 'operandWords', 'pathWord', 'entryWord', 'runWord'];

function isQuoted(expression: Expression): boolean {
  switch (expression.type) {
    case 'CallExpression':
      return expression.callee.type === 'Identifier' && QUOTING.includes(expression.callee.name);
    case 'MemberExpression':
      return expression.property.type === 'Identifier' && ['id', 'pid'].includes(expression.property.name);
    case 'ConditionalExpression':
      return isQuoted(expression.consequent) && isQuoted(expression.alternate);
    case 'Literal':
      return typeof expression.value === 'string' && /^[\w.-]+$/.test(expression.value);
    case 'Identifier':
      // By its name, it is one already; or a key of the settings, or an id.
      return /Word$|^key$|^id$/.test(expression.name);
    default:
      return false;
  }
}

test('there are such messages, in every wing', () => {
  assert.ok(named.length > 100, String(named.length));
  for (const wing of ['src/core/', 'src/cli/', 'src/platform/', 'src/engine/'])
    assert.ok(
      named.some(({ place }) => place.startsWith(wing)),
      wing,
    );
});

test('what stands for a word of a command is quoted', () => {
  const bare = named.flatMap(({ place, command, holes }) =>
    [...command.matchAll(/HOLE(\d+)/g)]
      .filter(([, index]) => !isQuoted(holes[Number(index)] as Expression))
      .map(([hole]) => `${place}: ${command} (${hole})`),
  );
  assert.deepEqual(bare, []);
});

/** Words in capitals stand for what the reader puts there. */
const STANDS_FOR: Readonly<Record<string, string>> = { SLOTS: '1', SPEC: '^1.0.0' };

test('each is a command that there is, with options and arguments that it takes', async (t) => {
  const read = execFileSync(
    'sh',
    ['-c', named.map(({ command }) => `printf '%s\\0' ${command}; printf '\\n\\0'`).join('\n')],
    { encoding: 'utf8' },
  );
  const words = read
    .split('\n\0')
    .slice(0, -1)
    .map((part) => part.split('\0').slice(0, -1));
  assert.equal(words.length, named.length);
  const silent = { ...processTerminal(), out: () => undefined, err: () => undefined };
  for (const [index, { place, command }] of named.entries()) {
    await t.test(`${place}: ${command}`, async () => {
      const program = await buildProgram(silent, { all: true });
      const ran: string[] = [];
      replaceActions(program, (path) => void ran.push(path));
      const given = (words[index] as string[]).map((word) => STANDS_FOR[word] ?? word);
      try {
        await program.parseAsync(given, { from: 'user' });
      } catch (error) {
        const { code } = error as CommanderError;
        const isHelp = code === 'commander.helpDisplayed';
        // A sentence may speak of a command by its name alone.
        const isName =
          (code === 'commander.missingArgument' || code === 'commander.help') &&
          given.every((word) => /^[a-z-]+$/.test(word));
        if (!isHelp && !isName) throw error;
        return;
      }
      assert.equal(ran.length, 1);
    });
  }
});

/** Each command only notes that it would have run. */
function replaceActions(command: Command, note: (path: string) => void): void {
  if (command.commands.length === 0) command.action(() => note(command.name()));
  for (const child of command.commands) replaceActions(child, note);
}

test('settings and variables of the environment that messages name are there', () => {
  // Sentences; what else has dots in it are columns and files.
  const sentences = messages.filter(({ place, text }) => text.includes(' ') && !place.startsWith('src/store/'));
  const wrong = sentences.flatMap(({ place, text }) =>
    [
      ...[...text.matchAll(/\bOSTINATO_[A-Z_]+\b/g)].map(([name]) => name),
      ...[
        ...text.matchAll(
          /(?<![\w./-])(?:api|server|results|runner|retention|database)\.[a-z]+(?:_[a-z]+)*(?![\w(./])/g,
        ),
      ].map(([name]) => name),
    ]
      .filter((name) => findSetting(name) === null)
      .map((name) => `${place}: ${name}`),
  );
  assert.deepEqual(wrong, [], SETTING_KEYS.join(', '));
});
