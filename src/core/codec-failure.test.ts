import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeFailure } from './codec-failure.ts';
import { fromFailureInfo, toFailureInfo } from './codec.ts';
import { OstinatoError, TerminalError } from './errors.ts';

test('an error comes back with name, message, code, stack, cause and fields', () => {
  class QuotaError extends RangeError {
    readonly code = 'E_QUOTA';
    readonly left = 3n;
  }
  const error = new QuotaError('too much', { cause: new TypeError('inner', { cause: 'a text' }) });
  const info = toFailureInfo(error);
  assert.deepEqual(
    [info.name, info.message, info.code, info.cause?.name, info.stack],
    ['QuotaError', 'too much', 'E_QUOTA', 'TypeError', error.stack],
  );
  const back = fromFailureInfo(info) as QuotaError;
  assert.ok(back instanceof RangeError);
  assert.deepEqual(
    [back.name, back.message, back.code, back.left, back.stack],
    ['QuotaError', 'too much', 'E_QUOTA', 3n, error.stack],
  );
  assert.ok(back.cause instanceof TypeError);
  assert.equal(back.cause.cause, 'a text');
  assert.deepEqual(toFailureInfo(back), info);
});

test('the errors of the product keep their class', () => {
  const back = fromFailureInfo(toFailureInfo(new OstinatoError('value-missing', 'gone', { remedy: 'again' })));
  assert.ok(OstinatoError.is(back));
  assert.deepEqual([back.code, back.remedy], ['value-missing', 'again']);
  assert.ok(fromFailureInfo(toFailureInfo(new TerminalError('stop'))) instanceof TerminalError);
});

test('a numeric code, inner errors and fields without text survive as far as they can', () => {
  const inner = Object.assign(new Error('a'), { socket: new WeakMap() });
  const error = Object.assign(new AggregateError([inner, 7], 'all'), { code: 11, request: () => 1 });
  const info = toFailureInfo(error);
  assert.equal(info.code, '11');
  const back = fromFailureInfo(info) as AggregateError & { code: number; request: string };
  assert.deepEqual([back.code, back.request, back.errors[1]], [11, '[a function (request)]', 7]);
  assert.equal((back.errors[0] as Error).message, 'a');
});

test('anything thrown is described, and nothing throws', () => {
  assert.deepEqual(toFailureInfo('plain'), { name: 'NonErrorThrown', message: 'plain', fields: '{"thrown":"plain"}' });
  assert.equal(toFailureInfo(undefined).message, 'undefined');
  assert.match(toFailureInfo(() => 1).message, /a function/);
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
      getPrototypeOf() {
        throw new Error('no');
      },
    },
  );
  assert.match(toFailureInfo(hostile).message, /cannot be read/);
  assert.match(toFailureInfo(new Error('x', { cause: hostile })).cause?.message ?? '', /cannot be read/);
  const loop = new Error('loop');
  loop.cause = loop;
  assert.ok(toFailureInfo(loop));
  const knot = new AggregateError([], 'knot');
  knot.errors.push(knot, knot, knot);
  assert.ok(toFailureInfo(knot));
  assert.ok(toFailureInfo(new Error('x'.repeat(1e6))).message.length < 20_000);
  fc.assert(fc.property(fc.anything(), (thrown) => assert.ok(fromFailureInfo(toFailureInfo(thrown)) instanceof Error)));
});

test('the classes of an error are on record, also of one that is recorded again, and of odd ones', () => {
  class HttpError extends Error {}
  class NotFound extends HttpError {
    override name = 'not_found';
  }
  const classesOf = (thrown: unknown): readonly string[] => describeFailure(thrown, null).classes;
  const rebuilt = fromFailureInfo(toFailureInfo(new NotFound('gone')));
  assert.deepEqual(classesOf(new NotFound('gone')), ['not_found', 'NotFound', 'HttpError', 'Error']);
  assert.deepEqual(classesOf(rebuilt), ['not_found', 'NotFound', 'HttpError', 'Error']);
  assert.deepEqual(classesOf(fromFailureInfo(toFailureInfo(rebuilt))), ['not_found', 'NotFound', 'HttpError', 'Error']);
  assert.equal(Object.keys(rebuilt).length, 0);
  assert.deepEqual(classesOf(fromFailureInfo(toFailureInfo(new TypeError('x')))), ['TypeError', 'Error']);
  assert.equal(toFailureInfo(new HttpError('x')).fields, '{"$base":"Error"}');
  assert.deepEqual(classesOf('a text'), []);
  assert.deepEqual(classesOf(Object.create(Error.prototype)), ['Error']);
  let deep: new () => Error = Error;
  for (let n = 0; n < 100; n += 1) deep = { [`C${n}`]: class extends deep {} }[`C${n}`] as new () => Error;
  assert.ok(classesOf(new deep()).length <= 22);
  const lying = Object.assign(new Error('x'), { [Symbol.for('ostinato.error-classes')]: [1, 'Liar', null] });
  assert.deepEqual(classesOf(lying), ['Error', 'Liar']);
});
