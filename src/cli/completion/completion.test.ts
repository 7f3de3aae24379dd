import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { Command, Option } from 'commander';

import { bashScript } from './bash.ts';
import { describeCommand } from './command-tree.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

function sample(): Command {
  const program = new Command('ostinato').option('--debug', "show an error's stack");
  const flowRun = program.command('flow-run').description('Look at runs: all of them.');
  flowRun.command('ls').addOption(new Option('-o, --output <format>', 'how').choices(['table', 'json']));
  flowRun.command('logs').option('-f, --follow', 'keep going');
  program.command('completion').addArgument(program.createArgument('<shell>').choices(['bash', 'zsh']));
  return program;
}

/** What bash offers after the words; the last one is being typed. */
function completeInBash(...words: string[]): string[] {
  const line = ['ostinato', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${bashScript(describeCommand(sample()))}
COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _ostinato; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean).sort();
}

test('bash completes commands, subcommands, options, and the values of options and arguments', () => {
  assert.deepEqual(completeInBash('fl'), ['flow-run']);
  assert.deepEqual(completeInBash('flow-run', ''), ['logs', 'ls']);
  assert.deepEqual(completeInBash('--debug', 'flow-run', 'l'), ['logs', 'ls']);
  assert.deepEqual(completeInBash('flow-run', 'logs', '--'), ['--follow', '--help']);
  assert.deepEqual(completeInBash('flow-run', 'ls', '-o', 'j'), ['json']);
  assert.deepEqual(completeInBash('completion', ''), ['bash', 'zsh']);
});

test('bash offers nothing of its own where a file is expected, so that file names come', () => {
  assert.deepEqual(completeInBash('flow-run', 'logs', ''), []);
});

test('zsh and fish scripts carry every command with its meaning, quoted', () => {
  const tree = describeCommand(sample());
  const zsh = zshScript(tree);
  assert.match(zsh, /'flow-run:Look at runs: all of them\.'/);
  assert.match(zsh, /'--debug:show an error'\\''s stack'/);
  assert.match(zsh, /\(' flow-run ls:-o'\|' flow-run ls:--output'\) choices=\('table' 'json'\)/);
  const fish = fishScript(tree);
  assert.match(fish, /-f -a 'flow-run' -d 'Look at runs: all of them\.'/);
  assert.match(fish, /-s o -l output -x -a 'table json'/);
  assert.match(fish, /-l debug -d 'show an error\\'s stack'/);
});
