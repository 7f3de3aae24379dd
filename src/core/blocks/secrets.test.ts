import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { MASK, SecretRules } from './secrets.ts';

const SECRET = { type: 'string', format: 'password', writeOnly: true };
/** As Pydantic writes a model with accounts in every shape, each with its secrets. */
const SHOP = {
  properties: {
    accounts: { type: 'array', items: { $ref: '#/definitions/Account' } },
    by_region: { type: 'object', additionalProperties: { type: 'array', items: { $ref: '#/definitions/Account' } } },
    one_of: { anyOf: [{ $ref: '#/definitions/Account' }, { type: 'null' }] },
    pair: { type: 'array', prefixItems: [{ type: 'string' }, SECRET] },
    name: { type: 'string' },
  },
  definitions: {
    Account: { properties: { host: { type: 'string' }, password: SECRET, more: { $ref: '#/definitions/Account' } } },
  },
};
const account = (password: string | null, host = 'db') => ({ host, password });

test('secrets are found through lists, dictionaries, alternatives and references, by the schema or by its paths alone', () => {
  const data = {
    accounts: [account('s1'), { ...account('s2'), more: account('s3') }],
    by_region: { eu: [account('s4')], password: [account('s5')] },
    one_of: account('s6'),
    pair: ['open', 's7'],
    name: 'n',
    number: 1,
  };
  const shown = {
    accounts: [account(MASK), { ...account(MASK), more: account(MASK) }],
    by_region: { eu: [account(MASK)], password: [account(MASK)] },
    one_of: account(MASK),
    pair: ['open', MASK],
    name: 'n',
    number: 1,
  };
  assert.deepEqual(new SecretRules(SHOP).masked(data), shown);
  const paths = new SecretRules({
    secret_fields: ['accounts.password', 'accounts.more.password', 'by_region.password', 'one_of.password', 'pair'],
  });
  const hidden = JSON.stringify(paths.masked(data));
  for (const secret of ['s1', 's2', 's3', 's4', 's5', 's6', 's7']) assert.ok(!hidden.includes(secret), secret);
  for (const open of ['"name":"n"', '"number":1', '"host":"db"']) assert.ok(hidden.includes(open), open);
  assert.deepEqual(new SecretRules(SHOP).withoutSecrets(data), { name: 'n', number: 1 });
  assert.deepEqual(new SecretRules({ secret_fields: ['name'] }).masked({ x: { name: 'open' }, name: null }), {
    x: { name: 'open' },
    name: null,
  });
});

test('no secret is shown wherever it stands in its field', () => {
  const rules = new SecretRules({ secret_fields: ['field.key'] });
  const shape = fc.letrec<{ at: unknown }>((tie) => ({
    // What else stands under the key is masked as a whole, whatever is in it: only secrets do here.
    at: fc.oneof(
      { maxDepth: 5 },
      fc.constant({ key: 'SECRET' }),
      fc.array(tie('at'), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter((name) => name !== 'key'),
        tie('at'),
        { maxKeys: 3 },
      ),
    ),
  })).at;
  fc.assert(
    fc.property(shape, (field) => {
      const masked = JSON.stringify(rules.masked({ field }));
      assert.ok(!masked.includes('SECRET'), masked);
      assert.equal(JSON.stringify({ field }).split('SECRET').length, masked.split(MASK).length);
    }),
  );
});

test('what was shown is sent back and takes nothing away', () => {
  const rules = new SecretRules(SHOP);
  const current = {
    accounts: [account('s1', 'a'), account('s2', 'b'), account('s3', 'c')],
    by_region: { eu: [account('s4')] },
    name: 'n',
  };
  const [a, b, c] = [account(MASK, 'a'), account(MASK, 'b'), account(MASK, 'c')];
  const sent = (accounts: unknown[]): unknown => rules.unmasked({ accounts }, current)['accounts'];
  assert.deepEqual(rules.unmasked(rules.masked(current), current), current);
  assert.deepEqual(
    sent([c, a]),
    [account('s3', 'c'), account('s1', 'a')],
    'each element keeps its own secret when others go',
  );
  assert.deepEqual(sent([a, account(MASK, 'renamed'), c]), [
    account('s1', 'a'),
    account('s2', 'renamed'),
    account('s3', 'c'),
  ]);
  assert.deepEqual(sent([a, b, c, account('new', 'd')]), [
    account('s1', 'a'),
    account('s2', 'b'),
    account('s3', 'c'),
    account('new', 'd'),
  ]);
  for (const unclear of [
    [a, account(MASK, 'd')],
    [a, b, c, account(MASK, 'd')],
  ])
    assert.throws(() => sent(unclear), { code: 'bad-request', message: /Element \d/ });
  assert.deepEqual(rules.unmasked({ by_region: { us: [], eu: [account(MASK)] } }, current), {
    by_region: { us: [], eu: [account('s4')] },
  });
});

test('a list that is shown and sent back in another order keeps its secrets', () => {
  const rules = new SecretRules(SHOP);
  const accounts = fc.uniqueArray(
    fc.record({ host: fc.string(), password: fc.string({ minLength: 1 }) }, { noNullPrototype: true }),
    { selector: ({ host }) => host, maxLength: 8 },
  );
  fc.assert(
    fc.property(
      accounts.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list))),
      ([list, kept]) => {
        const shown = rules.masked({ accounts: kept });
        assert.deepEqual(rules.unmasked(shown, { accounts: list }), { accounts: kept });
      },
    ),
  );
});

test('a schema that would take for ever to ask hides what it cannot be asked about', () => {
  const wide = { properties: { a: { anyOf: Array.from({ length: 20_000 }, () => ({ additionalProperties: {} })) } } };
  const data = { a: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, { b: 'SECRET' }])) };
  assert.equal(Object.keys(new SecretRules(wide).masked(data)).length, 1);
  const many = new SecretRules({ secret_fields: Array.from({ length: 5_000 }, (_, index) => `f${index}`) });
  assert.deepEqual([many.masked({ other: 'SECRET' }), many.withoutSecrets({ other: 'SECRET' })], [{ other: MASK }, {}]);
  assert.deepEqual(
    new SecretRules({ properties: { a: { $ref: '#' } }, $ref: '#/properties/a' }).masked({ a: { a: 1 } }),
    { a: { a: 1 } },
  );
});
