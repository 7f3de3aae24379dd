import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRun } from '../core/flow-run.ts';
import { createIdSource } from '../platform/ids.ts';
import type { Storage } from '../store/port.ts';
import type { OrchestratorPorts } from './ports.ts';
import { retrySafe } from './retry-safe.ts';

type Change = (run: null) => {
  readonly answer: unknown;
  readonly placeholder?: { readonly id: string; readonly move: (run: null) => unknown };
};

/** A store that calls each function three times, as one does whose transaction met others twice. */
function portsOn(mayCallAgain: boolean, answers: unknown[]): OrchestratorPorts {
  const storage = {
    mayCallAgain,
    changeFlowRun(_id: string, _needs: object, change: Change) {
      for (let time = 0; time < 3; time += 1) {
        const { answer, placeholder } = change(null);
        answers.push([answer, placeholder?.move(null)]);
      }
    },
    insertFlowRun(_run: FlowRun, _events: unknown, placeholder: { readonly move: (run: null) => unknown }) {
      for (let time = 0; time < 3; time += 1) answers.push(placeholder.move(null));
    },
  };
  let drawn = 0;
  return {
    storage: storage as unknown as Storage,
    ids: createIdSource(),
    random: () => (drawn += 1) / 100,
  } as unknown as OrchestratorPorts;
}

function drawIn({ storage, ids, random }: OrchestratorPorts): void {
  void storage.changeFlowRun('one' as never, {}, () => ({
    answer: [ids.next(), ids.next(), random()],
    placeholder: { id: 'a' as never, move: () => ids.next() as never },
  }));
}

test('a change that is made again draws what it drew, and so does what it hands over', () => {
  const answers: unknown[] = [];
  drawIn(retrySafe(portsOn(true, answers)));
  assert.equal(answers.length, 3);
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  const [[first, second], move] = answers[0] as [[string, string, number], string];
  assert.equal(new Set([first, second, move]).size, 3, 'in one attempt nothing is drawn twice');
});

test('each change draws for itself, and so does whoever is outside of one', () => {
  const answers: unknown[] = [];
  const ports = retrySafe(portsOn(true, answers));
  drawIn(ports);
  drawIn(ports);
  assert.notDeepEqual(answers[3], answers[0]);
  assert.notEqual(ports.ids.next(), ports.ids.next());
});

test('the move of a placeholder that is handed over by itself draws once', () => {
  const answers: unknown[] = [];
  const ports = retrySafe(portsOn(true, answers));
  void ports.storage.insertFlowRun({} as FlowRun, [], { id: 'a' as never, move: () => ports.ids.next() as never });
  assert.equal(new Set(answers).size, 1);
});

test('a function that throws leaves nothing behind for others', () => {
  const ports = retrySafe(portsOn(true, []));
  assert.throws(
    () =>
      ports.storage.changeFlowRun('one' as never, {}, () => {
        ports.ids.next();
        throw new Error('refused');
      }),
    /refused/,
  );
  assert.notEqual(ports.ids.next(), ports.ids.next());
});

test('a store that never calls again is left as it is', () => {
  const ports = portsOn(false, []);
  assert.equal(retrySafe(ports), ports);
});
