/** Rows PA1 and FL12: parameters by any Standard Schema, checked before Running, described as JSON Schema. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';
import { flow, OstinatoError, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const schema = z.object({
  day: z.coerce.date(),
  limit: z.number().int().min(1).default(10),
  mode: z.enum(['full', 'delta']).default('full'),
  customers: z.array(z.object({ email: z.email() })).default([]),
});

function makeReport(): ReturnType<typeof define> {
  return define();
}
const define = () =>
  flow(({ day, limit, mode }) => `${day.getUTCFullYear()} ${limit} ${mode}`, { name: 'report', parameters: schema });

test('PA1 parameters are coerced, defaults filled in, and the record has them as the body saw them', async () => {
  await using world = await createTestWorld();
  const report = makeReport();
  assert.equal(await world.run(() => report({ day: '2030-05-01' })), '2030 10 full');
  const { parameters } = await world.flowRun('report');
  assert.deepEqual(await world.value(parameters), {
    day: new Date('2030-05-01'),
    limit: 10,
    mode: 'full',
    customers: [],
  });
});

test('PA1 bad parameters end in a Failed run that never was Running; the message names field, rule and value', async () => {
  await using world = await createTestWorld();
  const report = makeReport();
  const bad = { day: 'no day', limit: 0, mode: 'all', customers: [{ email: 'a@b.de' }, { email: 'nobody' }] };
  await assert.rejects(
    world.run(() => report(bad as never)),
    (error) => {
      assert.ok(OstinatoError.is(error));
      assert.equal(error.code, 'bad-parameters');
      for (const part of [
        'day: ',
        '"no day"',
        'limit: ',
        '(got 0)',
        'mode: ',
        '(got "all")',
        'customers[1].email: ',
        '"nobody"',
      ])
        assert.ok(error.message.includes(part), `${part} in ${error.message}`);
      return true;
    },
  );
  assert.deepEqual(await world.states('report'), ['Pending', 'Failed']);
  const { state } = await world.flowRun('report');
  assert.match(state.message ?? '', /customers\[1\]\.email/);
  assert.equal(state.type === 'FAILED' && state.failure?.code, 'bad-parameters');
});

test('PA1 a missing parameter and none at all', async () => {
  await using world = await createTestWorld();
  const report = makeReport();
  await assert.rejects(
    world.run(() => report({} as never)),
    /day: .*\(got nothing\)/,
  );
  await assert.rejects(
    world.run(() => (report as unknown as () => Promise<unknown>)()),
    /day: /,
  );
});

test('PA1 all parameters have defaults: the flow may be called without any', async () => {
  await using world = await createTestWorld();
  const easy = flow(({ limit }) => limit, { name: 'easy', parameters: z.object({ limit: z.number().default(3) }) });
  assert.equal(await world.run(() => easy()), 3);
});

test('PA1 onFailure and state() work for bad parameters, too; the body never ran', async () => {
  await using world = await createTestWorld();
  let ran = false;
  const heard: string[] = [];
  const strict = flow(
    ({ n }) => {
      ran = true;
      return n;
    },
    {
      name: 'strict',
      parameters: z.object({ n: z.number() }),
      onFailure: (_, state) => {
        heard.push(state.type);
      },
    },
  );
  const state = await world.run(() => strict.state({ n: 'x' } as never));
  assert.deepEqual([state.type, ran, heard], ['FAILED', false, ['FAILED']]);
});

test('PA1 a subflow with bad parameters fails at its call, and its parent may go on', async () => {
  await using world = await createTestWorld();
  const child = flow(({ n }) => n, { name: 'child', parameters: z.object({ n: z.number().max(5) }) });
  const parent = flow(
    async () => {
      try {
        return await child({ n: 9 });
      } catch (error) {
        return OstinatoError.is(error) ? error.code : 'other';
      }
    },
    { name: 'parent' },
  );
  assert.equal(await world.run(() => parent()), 'bad-parameters');
  assert.deepEqual(await world.states((await world.flowRun('child')).id), ['Pending', 'Failed']);
});

test("PA1 futures inside a subflow's parameters are resolved before they are checked", async () => {
  await using world = await createTestWorld();
  const give = task((x: number) => x, { name: 'give' });
  const child = flow(({ n }) => n * 2, { name: 'child', parameters: z.object({ n: z.number() }) });
  const parent = flow(() => child({ n: give(4) }), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 8);
});

test('PA1 async rules, transforms, and schemas of no library', async () => {
  await using world = await createTestWorld();
  const known = flow(({ name }) => name, {
    name: 'known',
    parameters: z.object({
      name: z
        .string()
        .refine(async (name) => name !== 'nobody', 'is not known')
        .transform((name) => name.toUpperCase()),
    }),
  });
  assert.equal(await world.run(() => known({ name: 'ada' })), 'ADA');
  await assert.rejects(
    world.run(() => known({ name: 'nobody' })),
    /name: is not known \(got "nobody"\)/,
  );
  const handmade: StandardSchemaV1<{ n: string }, { n: number }> = {
    '~standard': {
      version: 1,
      vendor: 'hand',
      validate: (value) => ({ value: { n: Number((value as { n: string }).n) } }),
    },
  };
  const own = flow(({ n }) => n + 1, { name: 'own', parameters: handmade });
  assert.equal(await world.run(() => own({ n: '41' })), 42);
  assert.equal(own.parameterSchema, null);
});

test('PA1 a schema that throws fails the run, and says that it was the schema', async () => {
  await using world = await createTestWorld();
  const broken: StandardSchemaV1<object> = {
    '~standard': {
      version: 1,
      vendor: 'hand',
      validate: () => {
        throw new Error('schema trouble');
      },
    },
  };
  const own = flow(() => 1, { name: 'own', parameters: broken });
  await assert.rejects(
    world.run(() => own({})),
    /schema trouble/,
  );
  assert.equal((await world.flowRun('own')).state.type, 'FAILED');
});

test('PA1 a run that goes on has its recorded parameters, and they are not transformed twice', async () => {
  await using world = await createTestWorld();
  let fails = true;
  const once = flow(
    ({ n }) => {
      if (fails) throw new Error('x');
      return n;
    },
    { name: 'once', parameters: z.object({ n: z.number().transform((n) => n * 2) }) },
  );
  await world.run(() => once.state({ n: 5 }));
  fails = false;
  assert.equal(await world.retry(once), 10);
});

test('PA1 parameters that cannot be recorded (a connection) do not keep the flow from running; a retry says what is missing', async () => {
  await using world = await createTestWorld();
  let fails = true;
  const odd = flow(
    ({ send }: { send: () => number }) => {
      if (fails) throw new Error('x');
      return send();
    },
    { name: 'odd' },
  );
  await world.run(() => odd.state({ send: () => 5 }));
  assert.equal((await world.flowRun('odd')).state.message, 'Error: x');
  fails = false;
  await assert.rejects(world.retry(odd), /parameters of flow run .* was not kept|were not kept/);
  assert.equal(await world.run(() => odd({ send: () => 5 })), 5);
});

test("FL12 the parameters' JSON Schema: what callers may pass", () => {
  const { parameterSchema } = makeReport();
  assert.ok(parameterSchema);
  const properties = parameterSchema['properties'] as Record<string, Record<string, unknown>>;
  assert.equal(parameterSchema['type'], 'object');
  assert.equal(properties['limit']?.['type'], 'integer');
  assert.equal(properties['limit']?.['default'], 10);
  assert.deepEqual(properties['mode']?.['enum'], ['full', 'delta']);
  assert.deepEqual(Object.keys(properties), ['day', 'limit', 'mode', 'customers']);
  assert.equal(flow(() => 1, { name: 'plain' }).parameterSchema, null);
});

test('FL12 with() keeps the schema', async () => {
  await using world = await createTestWorld();
  const other = makeReport().with({ name: 'other' });
  assert.ok(other.parameterSchema);
  await assert.rejects(
    world.run(() => other({ day: 'x' })),
    /day/,
  );
});

test('PA1 a name that the schema does not have ends the run before it begins, with the nearest one; flows that take any name take it', async () => {
  await using world = await createTestWorld();
  let ran = 0;
  const report = flow(() => (ran += 1), {
    name: 'yearly',
    parameters: z.object({ year: z.number().default(2020), month: z.number().optional() }),
  });
  await assert.rejects(
    world.run(() => report({ yera: 2024 } as never)),
    { code: 'bad-parameters', message: /yera: There is no such parameter\. Did you mean "year"\? \(got 2024\)/ },
  );
  await assert.rejects(
    world.run(() => report({ year: 1, quite: 2, different: 3 } as never)),
    /quite: .*It has: year, month.*different: /,
  );
  assert.equal(ran, 0);
  await world.run(() => report({ year: 2024, yera: undefined } as never));
  const none = flow(() => 'none', { name: 'none', parameters: z.object({}) });
  await assert.rejects(
    world.run(() => none({ a: 1 } as never)),
    /It takes none/,
  );

  const loose = flow((given) => Object.keys(given), {
    name: 'loose',
    parameters: z.looseObject({ year: z.number().default(1) }),
  });
  assert.deepEqual(await world.run(() => loose({ yera: 2 })), ['year', 'yera']);
  const renamed = flow((given) => given, {
    name: 'renamed',
    parameters: z.object({ year: z.number() }).transform(({ year }) => ({ when: year })),
  });
  assert.deepEqual(await world.run(() => renamed({ year: 5 })), { when: 5 });
  await assert.rejects(
    world.run(() => renamed({ year: 5, yera: 6 } as never)),
    /yera/,
  );
  const either = flow((given) => given, {
    name: 'either',
    parameters: z.union([z.object({ a: z.number() }), z.object({ b: z.number() })]),
  });
  assert.deepEqual(await world.run(() => either({ b: 2 })), { b: 2 });
});

test('PA1 subflows are checked the same way', async () => {
  await using world = await createTestWorld();
  const child = flow(({ n }) => n, { name: 'strict child', parameters: z.object({ n: z.number().default(1) }) });
  const parent = flow(async () => await child({ m: 2 } as never), { name: 'parent of it' });
  await assert.rejects(
    world.run(() => parent()),
    /m: There is no such parameter/,
  );
});
