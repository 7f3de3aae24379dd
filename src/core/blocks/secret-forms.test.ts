import assert from 'node:assert/strict';
import { test } from 'node:test';

import { secretForms } from './secret-forms.ts';

test('an address comes back as a whole, as its path, and by its password', () => {
  const forms = secretForms('https://ann:h%40sh-1@hooks.example/T0/key?sig=a+b');
  for (const form of [
    'https://ann:h%40sh-1@hooks.example/T0/key?sig=a+b',
    '/T0/key?sig=a+b',
    '/T0/key',
    'h%40sh-1',
    'h@sh-1',
    encodeURIComponent('/T0/key?sig=a+b'),
    Buffer.from('ann:h@sh-1').toString('base64').replace(/=+$/, ''),
  ])
    assert.ok(forms.includes(form), form);
  assert.ok(!forms.includes('hooks.example'));
});

test('of an address that only its service knows, the part after the name is a secret, too', () => {
  const forms = secretForms('slack://token-a/token-b/token-c');
  assert.ok(forms.includes('/token-b/token-c'));
});

test('what is too short to be told from other texts is not masked, what is too long has no further forms', () => {
  assert.deepEqual(secretForms('abc'), []);
  assert.deepEqual(secretForms('/'), []);
  assert.ok(secretForms('abc', ['user']).includes(Buffer.from('user:abc').toString('base64url')));
  const long = 'é'.repeat(20_000);
  assert.deepEqual(secretForms(long), [long]);
  assert.ok(secretForms('é'.repeat(16_000)).length > 1);
});

test('half of a character does not stop it', () => {
  assert.ok(secretForms('abc\uD800def').includes('abc\uD800def'));
});
