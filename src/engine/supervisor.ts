/**
 * The runs that this process holds: registers the process, beats for their leases, hears requests to cancel.
 *
 * 1. The process row exists before the first lease that names it.
 * 2. The beat runs while any run is active, and only then: an idle process keeps no timer and no row.
 */

import type { FlowRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Timer } from '../core/time.ts';
import { StopReason } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import type { EnginePorts } from './ports.ts';

/** Also how soon a request to cancel from another process is heard; one small row write. */
const BEAT_MS = 500;

export class Supervisor {
  readonly #ports: EnginePorts;
  readonly #active = new Map<FlowRunId, FlowScope>();
  #registered: Promise<void> | undefined;
  #timer: Timer | undefined;
  #beating = false;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** Call before a run of this process is created or resumed. */
  register(): Promise<void> {
    return (this.#registered ??= this.#register());
  }

  async #register(): Promise<void> {
    await this.#ports.client.registerProcess({ ...this.#ports.process, heartbeatAt: this.#ports.clock.now() });
    const lost = await this.#ports.client.reapLostRuns();
    for (const run of lost) this.#notice(LOG_LEVELS.warning, `Flow run ${run.name} (${run.id}) is marked Crashed: ${(run.state.message ?? 'its process is gone').replace(/\.$/, '')}. ${run.policy.resume === 'automatic' ? 'Its flow continues it by itself.' : `Continue it with: ostinato flow-run retry ${run.id}`}`);
  }

  enter(scope: FlowScope): void {
    this.#active.set(scope.flowRun.id, scope);
    this.#schedule();
  }

  leave(scope: FlowScope): void {
    if (this.#active.get(scope.flowRun.id) === scope) this.#active.delete(scope.flowRun.id);
    if (this.#active.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Asks every root run to stop. */
  cancelAll(reason: StopReason): void {
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
    this.#timer = this.#ports.clock.setTimer(BEAT_MS, () => {
      this.#timer = undefined;
      void this.#beat().finally(() => { if (this.#active.size > 0) this.#schedule(); });
    }, { unref: true });
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      const { cancelling } = await this.#ports.client.beat(this.#ports.process.id);
      for (const id of cancelling) this.#active.get(id)?.cancellation.abort(new StopReason('cancel', 'Cancellation was asked for.'));
    } catch (error) {
      this.#notice(LOG_LEVELS.warning, `The heartbeat could not be written: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#beating = false;
    }
  }

  #notice(level: number, message: string): void {
    for (const observer of this.#ports.observers) observer.noticed?.(level, message);
  }
}

const supervisors = new WeakMap<EnginePorts, Supervisor>();

/** One a process and engine. */
export function supervisorOf(ports: EnginePorts): Supervisor {
  let supervisor = supervisors.get(ports);
  if (!supervisor) supervisors.set(ports, (supervisor = new Supervisor(ports)));
  return supervisor;
}
