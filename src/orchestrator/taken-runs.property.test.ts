/** A run of a queue, whatever happens to it: it has one body at a time, and is never left for good. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun, RunLease } from '../core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import { allOf } from '../core/query.ts';
import { isTerminal, isTerminalType, type ProposedState } from '../core/state.ts';
import type { Transition } from '../core/transition.ts';
import { openWorld, SAMPLE_WORDS, type World } from './fixtures/world.ts';
import { DUE } from './work-pools/due-runs.ts';

const STEPS = [
  'worker claims',
  'process takes over',
  'program takes',
  'body begins',
  'body fails',
  'body crashes',
  'body ends cancelled',
  'body suspends itself',
  'body waits for a retry',
  'worker gives up',
  'worker is killed',
  'process is killed',
  'person cancels',
  'person ends it by force',
  'person schedules it',
  'person schedules it by force',
  'server looks for lost runs',
] as const;
type Step = (typeof STEPS)[number];

/** Of a flow with a second attempt. */
const WORDS = { ...SAMPLE_WORDS, policy: { ...SAMPLE_WORDS.policy, retries: 1, retryDelaySeconds: [1] } };

/** Whoever has a run, as it knows it. */
interface Holder {
  readonly processId: ProcessId;
  readonly lease: RunLease;
  isAlive: boolean;
}

class Story {
  readonly #world: World = openWorld();
  readonly #id: FlowRunId;
  /** A claim that nobody has taken over. */
  #claim: Holder | null = null;
  /** Those that run the body, or are about to. */
  #bodies: Holder[] = [];

  private constructor(world: World, id: FlowRunId) {
    this.#world = world;
    this.#id = id;
  }

  static async begin(): Promise<Story> {
    const world = openWorld();
    const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
    const parameters = { kind: 'foreign', text: '{}' } as const;
    const { id } = await world.use.createFlowRun(world.request({ runner: 'worker', state, parameters }));
    return new Story(world, id);
  }

  async take(step: Step): Promise<void> {
    const world = this.#world;
    world.advance(5);
    const body = this.#bodies.find(({ isAlive }) => isAlive);
    switch (step) {
      case 'worker claims': {
        const processId = await world.start();
        const held = heldBy(processId, await world.use.claimFlowRun({ id: this.#id, processId }));
        if (held !== null) this.#claim = held;
        return;
      }
      case 'process takes over': {
        if (this.#claim === null) return;
        const handedOver = this.#claim.lease;
        return await this.#takenBy(await world.start(), { handedOver });
      }
      case 'program takes':
        return await this.#takenBy(await world.start(), { isQueued: true });
      case 'body begins':
        return await this.#says(body, { type: 'RUNNING' });
      case 'body fails':
        return await this.#says(body, { type: 'FAILED', failure: null, details: { retriable: false } });
      case 'body waits for a retry':
        return await this.#says(body, { type: 'FAILED', failure: null });
      case 'body crashes':
        return await this.#says(body, { type: 'CRASHED', evidence: 'exit code 7' });
      case 'body ends cancelled':
        return await this.#says(body, { type: 'CANCELLED' });
      case 'body suspends itself':
        return await this.#says(body, { type: 'PAUSED', name: 'Suspended', details: { pauseReschedule: true } }, true);
      case 'worker gives up':
        await this.#says(this.#claim ?? undefined, { type: 'CRASHED', evidence: 'it could not be started' });
        this.#claim = null;
        return;
      case 'worker is killed':
        if (this.#claim !== null) world.kill(this.#claim.processId);
        this.#claim = null;
        return;
      case 'process is killed':
        if (body === undefined) return;
        world.kill(body.processId);
        body.isAlive = false;
        return;
      case 'person cancels':
        return await this.#proposes({ type: 'CANCELLING' }, false);
      case 'person ends it by force':
        return await this.#proposes({ type: 'FAILED', failure: null }, true);
      case 'person schedules it':
        return await this.#proposes({ type: 'SCHEDULED', scheduledTime: world.now() }, false);
      case 'person schedules it by force':
        return await this.#proposes({ type: 'SCHEDULED', scheduledTime: world.now() }, true);
      case 'server looks for lost runs':
        await world.use.reapLostRuns({ isThorough: true });
    }
  }

  /** Everybody who has it ends, and the server looks. */
  async settle(): Promise<void> {
    await this.take('worker gives up');
    for (const body of this.#bodies.filter(({ isAlive }) => isAlive)) {
      await this.#says(body, { type: 'FAILED', failure: null, details: { retriable: false } });
      if (body.isAlive) this.#world.kill(body.processId);
      body.isAlive = false;
    }
    for (let look = 0; look < 2; look += 1) {
      this.#world.advance(120);
      await this.take('server looks for lost runs');
    }
  }

  async run(): Promise<FlowRun> {
    const run = await this.#world.use.readFlowRun(this.#id);
    assert.ok(run);
    return run;
  }

  get living(): number {
    return this.#bodies.filter(({ isAlive }) => isAlive).length;
  }

  async isGivenAndTaken(): Promise<boolean> {
    const { storage, use, start } = this.#world;
    const due = await storage.find('flow_run', { where: allOf(DUE), sort: [], limit: 5, offset: 0 });
    if (due.length === 0) return false;
    return (await use.claimFlowRun({ id: this.#id, processId: await start() })).status === 'accept';
  }

  async #takenBy(processId: ProcessId, how: { handedOver?: RunLease; isQueued?: boolean }): Promise<void> {
    const answer = await this.#world.use.resumeFlowRun({ id: this.#id, processId, words: WORDS, ...how });
    const held = heldBy(processId, answer);
    if (held === null) return;
    this.#claim = null;
    this.#bodies.push(held);
  }

  /** Whoever hears that the run is another's has done with it. */
  async #says(holder: Holder | undefined, proposed: ProposedState, force = false): Promise<void> {
    if (holder === undefined || !holder.isAlive) return;
    const wanted = (await this.run()).state.type;
    const isEnd = isTerminalType(proposed.type);
    const state: ProposedState = wanted === 'CANCELLING' && isEnd ? { type: 'CANCELLED' } : proposed;
    try {
      const answer = await this.#world.use.setFlowRunState({
        id: this.#id,
        state,
        leaseToken: holder.lease.token,
        ...(force ? { force } : {}),
      });
      const { type } = answer.run.state;
      if (isTerminal(answer.run.state) || type === 'PAUSED') holder.isAlive = false;
    } catch (error) {
      if (!OstinatoError.is(error) || error.code !== 'lease-lost') throw error;
      holder.isAlive = false;
    }
  }

  async #proposes(state: ProposedState, force: boolean): Promise<void> {
    await this.#world.use.setFlowRunState({ id: this.#id, state, force });
  }
}

function heldBy(processId: ProcessId, { status, run }: Transition<FlowRun>): Holder | null {
  return status === 'accept' && run.lease !== null ? { processId, lease: run.lease, isAlive: true } : null;
}

test('one body at a time, and when all who had it have ended, the run has ended or is taken by the next who asks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { maxLength: 14 }), async (steps) => {
      const story = await Story.begin();
      for (const step of steps) {
        await story.take(step);
        assert.ok(story.living <= 1, `${story.living} bodies after: ${step}`);
      }
      await story.settle();
      const { state } = await story.run();
      if (state.type === 'PAUSED') await story.take('person schedules it by force');
      const settled = (await story.run()).state;
      if (isTerminal(settled)) return;
      assert.equal(settled.type, 'SCHEDULED');
      assert.ok(await story.isGivenAndTaken(), `${settled.name} is given to nobody`);
    }),
    { numRuns: Number(process.env['OSTINATO_TAKEN_RUNS'] ?? 120) },
  );
});
