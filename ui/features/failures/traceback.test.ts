import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cleanText, hasFrames } from './clean-text.ts';
import { folded, partsOf } from './traceback.ts';

const JS = `TypeError: x is undefined
    and more of it
    at load (file:///home/ada/shop/flows/load.ts:12:9)
    at async Promise.all (index 0)
    at runBody (file:///home/ada/shop/node_modules/ostinato/dist/engine/body.js:3:1)
    at async file:///home/ada/shop/flows/shop.ts:30:3
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)
    at new Promise (<anonymous>)`;

const PYTHON = `Encountered exception during execution: KeyError('x')
Traceback (most recent call last):
  File "/home/ada/.venv/lib/python3.13/site-packages/prefect/flow_engine.py", line 842, in run_context
    yield self
    ^^^^^^^^^^
  File "/home/ada/shop/flow.py", line 9, in shop
    load("north")
    ~~~~^^^^^^^^^
  File "/usr/lib/python3.13/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
ValueError: boom

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/ada/shop/flow.py", line 12, in <module>
    raise KeyError("x") from error
KeyError: 'x'`;

const shown = (text: string): string[] =>
  folded(text).parts.flatMap((part) =>
    part.kind === 'left-out'
      ? [`… ${part.count}`]
      : part.kind === 'words'
        ? [part.text]
        : part.frames.map((frame) => frame.text.trim().split('\n')[0] ?? ''),
  );

test('of a stack of JavaScript, the frames of Node, of packages and of the engine are left out', () => {
  assert.deepEqual(shown(JS), [
    'TypeError: x is undefined\n    and more of it',
    'at load (file:///home/ada/shop/flows/load.ts:12:9)',
    '… 2',
    'at async file:///home/ada/shop/flows/shop.ts:30:3',
    '… 2',
  ]);
  assert.equal(folded(JS).leftOut, 4);
});

test("our own sources are known where they are no package, and a folder of the same name is nobody's but the user's", () => {
  const engine =
    '    at body (file:///x/our/src/engine/attempts.ts:1:2)\n    at inFrame (file:///x/our/src/engine/run-context.ts:3:4)\n    at file:///x/our/src/sdk/flow.ts:5:6';
  assert.deepEqual(shown(`Error: no\n    at load (file:///x/shop/src/engine/load.ts:1:1)\n${engine}`), [
    'Error: no',
    'at load (file:///x/shop/src/engine/load.ts:1:1)',
    '… 3',
  ]);
  assert.equal(folded('Error: no\n    at a (file:///x/shop/src/engine/a.ts:1:1)\n    at b (node:fs:1:1)').leftOut, 1);
});

test('of a traceback of Python, its code stays with its frame, and the causes stay in their order', () => {
  assert.deepEqual(shown(PYTHON), [
    "Encountered exception during execution: KeyError('x')\nTraceback (most recent call last):",
    '… 1',
    'File "/home/ada/shop/flow.py", line 9, in shop',
    '… 1',
    'ValueError: boom\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):',
    'File "/home/ada/shop/flow.py", line 12, in <module>',
    "KeyError: 'x'",
  ]);
  const [, frames] = partsOf(PYTHON);
  assert.deepEqual(
    frames?.kind === 'frames' ? frames.frames.map(({ text }) => text.split('\n').length) : null,
    [3, 3, 2],
  );
});

test('nothing is lost: the parts, put together, are the text', () => {
  for (const text of [
    JS,
    PYTHON,
    '',
    'one line',
    '\n\n',
    `${PYTHON}\n${JS}\n`,
    '  + Exception Group Traceback (most recent call last):\n  |   File "/a/b.py", line 1, in f\n  |     g()\n  | ExceptionGroup: two',
  ]) {
    assert.equal(
      partsOf(text)
        .map((part) => (part.kind === 'words' ? part.text : part.frames.map((frame) => frame.text).join('\n')))
        .join('\n'),
      text,
    );
  }
});

test("where no frame is the user's, or each is, all are shown", () => {
  for (const text of [
    'Error: x\n    at a (node:fs:1:1)\n    at b (node:fs:2:2)',
    'Error: x\n    at a (/home/ada/a.js:1:1)',
    'only words',
  ]) {
    assert.equal(folded(text).leftOut, 0);
    assert.deepEqual(folded(text).parts, partsOf(text));
  }
});

test('what has frames is known, quickly', () => {
  assert.deepEqual([JS, PYTHON, 'a line', 'two\nlines', 'see\n  at the end'].map(hasFrames), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(hasFrames(`x${'\n'.repeat(200_000)}${' '.repeat(200_000)}`), false);
  assert.equal(partsOf(`${'a'.repeat(100_000)}\n${'    at f (/a.js:1:1)\n'.repeat(20_000)}`).length, 3);
});

test('no control character is left, for the eye or the clipboard', () => {
  assert.equal(
    cleanText('\u001B[31mred\u001B[0m \u001B]0;title\u0007x\r\ny\tz \u202Eturned \u0000\u0007'),
    'red x\ny\tz \\u202eturned \\u0000\\u0007',
  );
  assert.equal(cleanText('\u001B'), '\\u001b');
});
