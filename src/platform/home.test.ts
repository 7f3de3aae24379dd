import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { OstinatoError } from '../core/errors.ts';
import { defaultHome, expandPath } from './home.ts';
import { resolveSettings } from './settings.ts';

const before = process.env['HOME'];
// Node answers the empty text then; for a user without an entry in the list of users it throws.
beforeEach(() => void (process.env['HOME'] = ''));
after(() => void (before === undefined ? delete process.env['HOME'] : (process.env['HOME'] = before)));

const refuses = (act: () => unknown, words: RegExp): void => {
  assert.throws(
    act,
    (error) =>
      OstinatoError.is(error) &&
      error.code === 'bad-input' &&
      words.test(error.message) &&
      /OSTINATO_HOME/.test(error.remedy),
  );
};

test('without a home directory nothing is guessed: no folder of the moment, none that is relative', () => {
  refuses(defaultHome, /no home directory, and OSTINATO_HOME does not say/);
  refuses(() => expandPath('~/results', '/project'), /"~\/results" begins with it/);
  refuses(() => expandPath('~', '/project'), /"~" begins with it/);
  refuses(() => resolveSettings({ environment: {}, workingDirectory: '/' }), /OSTINATO_HOME does not say/);
});

test('whoever says where, needs none', () => {
  assert.equal(expandPath('/srv/runs', '/project'), '/srv/runs');
  assert.equal(expandPath('runs', '/project'), '/project/runs');
  assert.equal(
    resolveSettings({ environment: { OSTINATO_HOME: '/srv/ostinato' }, workingDirectory: '/' }).values.databaseUrl,
    'sqlite:/srv/ostinato/ostinato.db',
  );
});
