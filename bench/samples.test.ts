import assert from 'node:assert/strict';
import { test } from 'node:test';

import { samplesOf } from './samples.ts';

test('the median of an odd number of values is one of them, whatever their order', () => {
  assert.deepEqual(samplesOf([9, 1, 5]), { median: 5, min: 1, max: 9, values: [9, 1, 5] });
});

test('the median of an even number of values lies between the two in the middle', () => {
  assert.equal(samplesOf([1, 2, 4, 100]).median, 3);
});

test('one slow outlier does not move the median', () => {
  assert.equal(samplesOf([10, 10, 10, 10, 4000]).median, 10);
});

test('nothing measured is an error, not zero', () => {
  assert.throws(() => samplesOf([]), RangeError);
});
