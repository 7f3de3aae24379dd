import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { secondsBetween, type Instant } from '../core/time.ts';
import { showInstant, showSeconds } from '../core/why-phrases.ts';
import { lostState } from './end-lost-run.ts';
import { endLostTasks } from './end-lost-tasks.ts';
import { readHeartbeats } from './heartbeats.ts';
import type { OrchestratorPorts } from './ports.ts';
import { setFlowRunState } from './set-flow-run-state.ts';
import { describeRunningSteps } from './running-steps.ts';

/** Missed heartbeats; a single one may be late or lost. */
const MISSED_MAX = 3;
/** Three times the shortest interval that clients can be configured with. */
const SILENT_SECONDS_MIN = 90;
export type Silence =
  | { readonly kind: 'ended'; readonly run: FlowRun }
  /** Heartbeats still come; check again at `silentAt`. */
  | { readonly kind: 'heard'; readonly silentAt: Instant }
  /** It never sent any, has ended, or belongs to a process of our engine: silence means nothing. */
  | { readonly kind: 'unknown' };

/**
 * Ends a run of another client whose heartbeats have stopped: Crashed, or Cancelled when it was being cancelled, with
 * its open task runs. Silent is one that has missed three of its own intervals; one that has sent a single heartbeat,
 * after `silentSeconds`.
 */
export async function endSilentRun(ports: OrchestratorPorts, id: FlowRunId, silentSeconds: number): Promise<Silence> {
  const now = ports.clock.now();
  const run = await ports.storage.readFlowRun(id);
  if (run === null || run.lease !== null || (run.state.type !== 'RUNNING' && run.state.type !== 'CANCELLING'))
    return { kind: 'unknown' };
  // Heartbeats from before a pause or a retry do not count.
  const since = run.state.type === 'RUNNING' ? run.state.timestamp - SLACK_US : 0;
  const beats = (await readHeartbeats(ports, id, now)).filter((beat) => beat >= since);
  const [newest] = beats;
  if (newest === undefined) return { kind: 'unknown' };
  const intervals = beats.slice(1).map((beat, index) => secondsBetween(beat, beats[index] as Instant));
  const allowed =
    intervals.length === 0 ? silentSeconds : Math.max(SILENT_SECONDS_MIN, MISSED_MAX * Math.max(...intervals));
  if (secondsBetween(newest, now) < allowed) return { kind: 'heard', silentAt: (newest + allowed * 1e6) as Instant };
  const ran = await describeRunningSteps(ports, run);
  const evidence = `Its client has sent no heartbeat for ${showSeconds(secondsBetween(newest, now))}: the last one came at ${showInstant(newest)}. ${ran}`;
  const end = lostState(run.state.type, evidence);
  const answer = await setFlowRunState(ports, { id, state: end, onlyFrom: run.state.id });
  if (answer.status !== 'accept') return { kind: 'unknown' };
  await endLostTasks(ports, id, end, answer.run.state.timestamp);
  return { kind: 'ended', run: answer.run };
}

/** Clocks of client and server may differ. */
const SLACK_US = 5e6;
