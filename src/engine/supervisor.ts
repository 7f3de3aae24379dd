/**
 * The runs that this process holds: registers the process, renews their leases, receives requests to cancel.
 *
 * 1. The process row exists before the first lease that names it.
 * 2. The beat runs while any run is active, and only then: an idle process keeps no timer, and says again that it is
 *    there before its next run.
 * 3. A process that was silent for so long that others may have taken it for dead (a machine that slept) looks after
 *    its leases when it wakes, and stops the runs that are not its own any more.
 */

import type { FlowRunId } from '../core/ids.ts';
import { thrownText } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { HEARTBEAT_SECONDS, LEASE_SECONDS, type ProcessRecord } from '../core/process-record.ts';
import { secondsBetween, type Instant, type Timer } from '../core/time.ts';
import { Cancellation, RunLost, StopReason } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import type { EnginePorts } from './ports.ts';
import { sharedState } from './shared-state.ts';
import { tagLeasesOf } from './tag-slots.ts';

/** Milliseconds between heartbeats, and the delay of a cancellation by another process; one small row write each. */
const BEAT_MS = 500;

export class Supervisor {
  readonly #ports: EnginePorts;
  readonly #active = new Map<FlowRunId, FlowScope>();
  /** Tasks and fan-outs outside any flow that are running, and their cancellation. */
  #outside = { count: 0, cancellation: new Cancellation() };
  #registered: Promise<void> | undefined;
  #timer: Timer | undefined;
  #beating = false;
  /** Whether heartbeats fail: reported once, until one succeeds. */
  #beatFails = false;
  /** When the store last took a heartbeat. */
  #heardAt = 0 as Instant;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
  }

  get activeCount(): number {
    return this.#active.size + this.#outside.count;
  }

  get outsideCount(): number {
    return this.#outside.count;
  }

  /** Call before a run of this process is created or resumed. */
  register(): Promise<void> {
    if (this.activeCount === 0 && secondsBetween(this.#heardAt, this.#ports.clock.now()) > HEARTBEAT_SECONDS)
      this.#registered = undefined;
    return (this.#registered ??= this.#register().catch((error: unknown) => {
      this.#registered = undefined;
      throw error;
    }));
  }

  /**
   * Asks for a run by a request that registers this process, too, where that has to be done: its row is there before
   * the lease. What others have lost is left to the server, which looks after it.
   *
   * @param ask given this process; `null`: it is registered. One that is given no run is not
   */
  async registerWith<T extends { readonly status: string }>(
    ask: (process: ProcessRecord | null) => Promise<T>,
  ): Promise<T> {
    const now = this.#ports.clock.now();
    const isStale = this.activeCount === 0 && secondsBetween(this.#heardAt, now) > HEARTBEAT_SECONDS;
    if (this.#registered !== undefined && !isStale) {
      await this.#registered;
      return await ask(null);
    }
    this.#ports.recorder.renewJournal();
    const answer = await ask({ ...this.#ports.process, heartbeatAt: now });
    if (answer.status === 'accept') {
      this.#heardAt = now;
      this.#registered = Promise.resolve();
    }
    return answer;
  }

  async #register(): Promise<void> {
    await this.#sayThatItIsThere();
    const lost = await this.#ports.client.reapLostRuns();
    for (const run of lost)
      this.#notice(
        LOG_LEVELS.warning,
        `Flow run ${run.name} (${run.id}) is marked Crashed: ${(run.state.message ?? 'its process is gone').replace(/\.$/, '')}. ${run.policy.resume === 'automatic' ? 'Its flow continues it by itself.' : `Continue it with: ostinato flow-run retry ${run.id}`}`,
      );
  }

  async #sayThatItIsThere(): Promise<void> {
    this.#heardAt = this.#ports.clock.now();
    this.#ports.recorder.renewJournal();
    await this.#ports.client.registerProcess({ ...this.#ports.process, heartbeatAt: this.#heardAt });
  }

  enter(scope: FlowScope): void {
    // An attempt of this process that lost the run and does not know it yet.
    this.#active
      .get(scope.flowRun.id)
      ?.cancellation.abort(new RunLost(`Flow run ${scope.flowRun.name} goes on in a new attempt.`));
    this.#active.set(scope.flowRun.id, scope);
    this.#schedule();
  }

  leave(scope: FlowScope): void {
    if (this.#active.get(scope.flowRun.id) === scope) this.#active.delete(scope.flowRun.id);
    this.#restWhenIdle();
  }

  /** Call after `register`, when a task or fan-out outside any flow begins; returns its cancellation. */
  enterOutside(): Cancellation {
    this.#outside.count += 1;
    this.#schedule();
    return this.#outside.cancellation;
  }

  leaveOutside(): void {
    this.#outside.count -= 1;
    if (this.#outside.count === 0) this.#outside.cancellation = new Cancellation();
    this.#restWhenIdle();
  }

  #restWhenIdle(): void {
    if (this.activeCount > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Asks every root run, and every task outside flows, to stop. */
  cancelAll(reason: StopReason): void {
    this.#outside.cancellation.abort(reason);
    for (const scope of this.#active.values()) if (!scope.parent) scope.cancellation.abort(reason);
  }

  /** The live runs that no other flow started. */
  roots(): readonly FlowScope[] {
    return [...this.#active.values()].filter((scope) => !scope.parent);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    if (this.#registered) {
      await this.#registered;
      await this.#ports.client.endProcess(this.#ports.process.id);
      this.#registered = undefined;
    }
  }

  #schedule(): void {
    if (this.#timer) return;
    this.#timer = this.#ports.clock.setTimer(
      BEAT_MS,
      () => {
        this.#timer = undefined;
        void this.#beat().finally(() => {
          if (this.activeCount > 0) this.#schedule();
        });
      },
      { unref: true },
    );
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      const now = this.#ports.clock.now();
      const wasSilent = secondsBetween(this.#heardAt, now) > LEASE_SECONDS;
      const { cancelling, isRegistered } = await this.#ports.client.beat(this.#ports.process.id);
      this.#heardAt = now;
      this.#beatFails = false;
      // The last run ended while the heartbeat was being written.
      if (this.activeCount === 0) return;
      if (!isRegistered) {
        this.#outside.cancellation.abort(
          new RunLost(
            'This process was taken for dead, and the tasks that it ran outside any flow were marked Crashed.',
          ),
        );
        await this.#sayThatItIsThere();
      }
      if (wasSilent || !isRegistered) await this.#stopLostRuns();
      for (const id of cancelling) this.#active.get(id)?.cancellation.abort(askedFor());
      await this.#lookAtWaiting();
      await tagLeasesOf(this.#ports).renew();
    } catch (error) {
      if (!this.#beatFails)
        this.#notice(LOG_LEVELS.warning, `The heartbeat could not be written: ${thrownText(error)}`);
      this.#beatFails = true;
    } finally {
      this.#beating = false;
    }
  }

  async #stopLostRuns(): Promise<void> {
    this.#ports.recorder.renewJournal();
    for (const { flowRun, cancellation } of this.#active.values()) {
      const run = await this.#ports.client.readFlowRun(flowRun.id);
      if (run?.lease?.processId === this.#ports.process.id && run.lease.token === flowRun.lease?.token) continue;
      cancellation.abort(
        new RunLost(`This process was taken for dead, and flow run ${flowRun.name} is not its own any more.`),
      );
    }
  }

  /** Runs that wait for their next attempt are cancelled without this process: nothing has to stop first. */
  async #lookAtWaiting(): Promise<void> {
    for (const scope of this.#active.values()) {
      if (scope.flowRun.state.type !== 'SCHEDULED') continue;
      const run = await this.#ports.client.readFlowRun(scope.flowRun.id);
      if (run?.state.type === 'CANCELLED') scope.cancellation.abort(askedFor());
    }
  }

  #notice(level: number, message: string): void {
    for (const observer of this.#ports.observers) observer.noticed?.(level, message);
  }
}

function askedFor(): StopReason {
  return new StopReason('cancel', 'Cancellation was asked for.');
}

const supervisors = sharedState('supervisors', () => new WeakMap<EnginePorts, Supervisor>());

/** One supervisor a process and engine. */
export function supervisorOf(ports: EnginePorts): Supervisor {
  let supervisor = supervisors.get(ports);
  if (!supervisor) supervisors.set(ports, (supervisor = new Supervisor(ports)));
  return supervisor;
}
