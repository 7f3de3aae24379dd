import assert from 'node:assert/strict';
import { test } from 'node:test';

import { didYouMean, nearestWord } from './nearest-word.ts';

test('a typing slip finds its word', () => {
  assert.equal(nearestWord('verison', ['config', 'version']), 'version');
  assert.equal(nearestWord('flwo-run', ['flow', 'flow-run', 'task-run']), 'flow-run');
  assert.equal(nearestWord('LOG.LEVEL', ['log.level']), 'log.level');
});

test('a word that resembles nothing gets no suggestion', () => {
  assert.equal(nearestWord('banana', ['config', 'version']), null);
  assert.equal(nearestWord('ab', ['xy']), null);
  assert.equal(didYouMean('banana', ['config']), '');
});

test('the suggestion reads as a sentence', () => {
  assert.equal(didYouMean('confg', ['config']), ' Did you mean "config"?');
});
