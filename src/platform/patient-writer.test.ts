import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { PatientWriter } from './patient-writer.ts';

/** A descriptor that takes what it is told to: so many bytes, or an error. */
function descriptor(): {
  readonly answers: (number | string)[];
  readonly taken: () => string;
  readonly writer: PatientWriter;
  readonly setAhead: (bytes: number) => void;
} {
  const answers: (number | string)[] = [];
  let taken = '';
  let ahead = 0;
  const writer = new PatientWriter({
    fd: 2,
    ahead: () => ahead,
    writeSync: (_, bytes) => {
      const answer = answers.shift() ?? bytes.length;
      if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
      taken += Buffer.from(bytes.subarray(0, answer)).toString();
      return Math.min(answer, bytes.length);
    },
  });
  return { answers, taken: () => taken, writer, setAhead: (bytes) => void (ahead = bytes) };
}

test('a reader that is slow gets everything, in order, also what it took half of', () => {
  const { answers, taken, writer } = descriptor();
  answers.push(3, 'EAGAIN');
  writer.write('first\n');
  writer.write('second\n');
  assert.equal(taken(), 'fir');
  writer.drain();
  writer.drain();
  assert.equal(taken(), 'first\nsecond\n');
});

for (const errno of ['EPIPE', 'EIO', 'EBADF', 'ENXIO']) {
  test(`${errno}: nobody reads any more; nothing is thrown, nothing is tried again`, () => {
    const { answers, taken, writer } = descriptor();
    answers.push(errno);
    writer.write('first\n');
    writer.write('second\n');
    writer.drain();
    assert.equal(taken(), '');
  });
}

test('a full disk: what is missing is said when there is room again', () => {
  const { answers, taken, writer } = descriptor();
  answers.push('ENOSPC', 'ENOSPC', 'ENOSPC');
  writer.write('one\n');
  writer.write('two\nthree\n');
  writer.write('four\n');
  writer.write('five\n');
  assert.equal(
    taken(),
    '… 4 lines of this report could not be written and are missing here; the record has everything.\nfive\n',
  );
});

test('a reader that takes nothing costs a bounded memory, and hears how much it has missed', () => {
  const { answers, taken, writer } = descriptor();
  const line = `${'x'.repeat(1023)}\n`;
  answers.push(...Array.from({ length: 1 }, () => 'EAGAIN'));
  for (let i = 0; i < 5000; i += 1) writer.write(line);
  writer.drain();
  const lines = taken().split('\n').slice(0, -1);
  assert.equal(lines.length, 1024 + 1);
  assert.equal(
    lines.at(-1),
    '… 3,976 lines of this report could not be written and are missing here; the record has everything.',
  );
});

test('what the program has written itself and still waits comes first', () => {
  const { taken, writer, setAhead } = descriptor();
  setAhead(10);
  writer.write('report\n');
  assert.equal(taken(), '');
  setAhead(0);
  writer.drain();
  assert.equal(taken(), 'report\n');
});

test('whatever the descriptor answers: nothing is thrown, and lines come once and in order', () => {
  const answer = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom('EAGAIN', 'ENOSPC'));
  fc.assert(
    fc.property(fc.array(fc.oneof(answer, fc.constant('drain')), { maxLength: 60 }), (plan) => {
      const { answers, taken, writer } = descriptor();
      let count = 0;
      for (const step of plan) {
        if (step === 'drain') writer.drain();
        else {
          answers.push(step);
          writer.write(`line ${(count += 1)}\n`);
        }
      }
      answers.length = 0;
      writer.drain();
      const numbers = [...taken().matchAll(/line (\d+)\n/g)].map(([, number]) => Number(number));
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].toSorted((a, b) => a - b),
      );
      if (!plan.includes('ENOSPC')) assert.equal(numbers.length, count, taken());
    }),
  );
});
