import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sentenceParts, type SentencePart } from './sentence-parts.ts';

const told = (parts: readonly SentencePart[]): string =>
  parts
    .filter(({ text }) => text !== '')
    .map(({ kind, text }) => (kind === 'words' ? text : `<${kind}:${text}>`))
    .join('');
const of = (text: string, name: string | null = null, isMoving = false): string =>
  told(sentenceParts({ text, name, isMoving, hasCommands: true }));

test('the run that is named, the length of time that grows, times and commands are told apart', () => {
  assert.equal(
    of('Waits 10 s for attempt 2 of 3 after Error: took 5 s.', null, true),
    'Waits <moving:10 s> for attempt 2 of 3 after Error: took 5 s.',
  );
  assert.equal(
    of('Waits for its scheduled time, 2026-11-22T18:13:00Z (in 3 min 20 s).', null, true),
    'Waits for its scheduled time, <time:2026-11-22T18:13:00Z> (in <moving:3 min 20 s>).',
  );
  assert.equal(
    of('Task "load 30 s" has been running for 0.25 s.', 'load 30 s', true),
    'Task "<run:load 30 s>" has been running for <moving:0.25 s>.',
  );
  assert.equal(of('2 h 5 min ago', null, true), '<moving:2 h 5 min> ago');
  assert.equal(of('It had been running for 12 s.'), 'It had been running for 12 s.', 'what is over does not grow');
  assert.equal(
    of("It runs again: `ostinato flow-run retry 'a b'`; or `ostinato why x`."),
    "It runs again: <command:ostinato flow-run retry 'a b'>; or <command:ostinato why x>.",
  );
});

test('whatever names hold, nothing is lost and nothing is taken for what it is not', () => {
  for (const name of ['a`b', '"', '', '2026-11-22T18:13:00Z', '5 s', '<b>', 'x'.repeat(3000)]) {
    const text = `Task "${name}" has been running for 7 s, see \`ostinato why x\`.`;
    const parts = sentenceParts({ text, name, isMoving: true, hasCommands: true });
    assert.equal(parts.map((part) => (part.kind === 'command' ? `\`${part.text}\`` : part.text)).join(''), text);
    assert.deepEqual(
      parts.filter(({ kind }) => kind === 'moving').map((part) => part.text),
      ['7 s'],
      name,
    );
    assert.deepEqual(
      parts.filter(({ kind }) => kind === 'run').map((part) => part.text),
      [name],
    );
  }
  assert.equal(of('Task "a" failed.', 'b'), 'Task "a" failed.');
  assert.equal(of('one ` alone'), 'one ` alone');
  const error = 'It ended with SyntaxError: `rm -rf x` of 2026-11-22T18:13:00Z.';
  assert.equal(told(sentenceParts({ text: error, name: null, isMoving: false, hasCommands: false })), error);
});
