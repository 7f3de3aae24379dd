import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CommanderError, type Command } from 'commander';

import { collectStates, parseLimit, parsePort, parseSeconds } from './arguments.ts';
import { COMMANDS } from './command-table.ts';
import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

const wrong = (parse: (text: string) => unknown, texts: readonly string[]): void => {
  for (const text of texts) assert.throws(() => parse(text), CommanderError, JSON.stringify(text));
};

test('numbers are digits, within their bounds', () => {
  assert.deepEqual(['1', '50', '1000'].map(parseLimit), [1, 50, 1000]);
  wrong(parseLimit, ['', '0', '-1', '1001', '1e2', '1e9', '0x10', '1.5', ' 5', 'abc', 'NaN', 'Infinity', '٣', '5_0']);
  assert.deepEqual(['0', '4200', '65535'].map(parsePort), [0, 4200, 65_535]);
  wrong(parsePort, ['', '-1', '65536', '70000', '0x50', '1e3', '80.0']);
  assert.deepEqual(['0', '0.5', '30'].map(parseSeconds), [0, 0.5, 30]);
  wrong(parseSeconds, ['', '-1', '1e400', '0x10', 'abc', '5s', '1,5', '.5']);
  wrong(collectStates, ['', ',', 'bogus']);
});

function silent(): { terminal: Terminal; said: () => string } {
  let said = '';
  const style = (_format: unknown, text: string): string => text;
  const terminal: Terminal = {
    out: (text) => void (said += text),
    err: (text) => void (said += text),
    clearLine: () => {},
    style,
    styleErr: style,
    columns: 80,
    isInteractive: false,
    environment: {},
    workingDirectory: '/',
  };
  return { terminal, said: () => said };
}

test('an option that takes one value takes one: two are a slip, the same one twice is not', async () => {
  for (const [words, isRight] of [
    [['flow-run', 'ls', '--limit', '5', '--limit', '6'], false],
    [['flow-run', 'ls', '-o', 'json', '--output', 'table'], false],
    [['run', 'x.ts', '--params', '{}', '--params', '{"a":1}'], false],
    [['flow-run', 'ls', '-o', 'json', '-o', 'json'], true],
    [['flow-run', 'ls', '--tag', 'a', '--tag', 'b'], true],
    [['run', 'x.ts', '-p', 'a=1', '-p', 'b=2'], true],
  ] as const) {
    const { terminal } = silent();
    const program = await buildProgram(terminal, { all: true });
    const leave = (command: Command): void => {
      command.exitOverride().action(() => {});
      command.commands.forEach(leave);
    };
    program.commands.forEach(leave);
    const ended = program.parseAsync([...words], { from: 'user' });
    if (isRight) await ended;
    else
      await assert.rejects(
        ended,
        (error) => error instanceof CommanderError && error.message.includes('is given twice'),
      );
  }
});

test('help fits a terminal of 80 columns', async () => {
  const { terminal } = silent();
  const program = await buildProgram(terminal, { all: true });
  assert.equal(program.commands.length, COMMANDS.length);
  const tooLong: string[] = [];
  const look = (command: Command, path: string): void => {
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) });
    command.outputHelp();
    tooLong.push(
      ...help
        .split('\n')
        .filter((line) => line.length > 80)
        .map((line) => `${path}: ${line}`),
    );
    for (const child of command.commands) look(child, `${path} ${child.name()}`);
  };
  look(program, 'ostinato');
  assert.deepEqual(tooLong, []);
});
