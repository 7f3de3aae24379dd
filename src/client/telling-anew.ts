/**
 * An orchestrator in this process whose database may be replaced by an older one: before a request that needs them, the
 * runs of this process are written to it again, with all their states.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { State } from '../core/state.ts';
import type { ClientUseCases } from './in-process.ts';
import { chain, isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import { ToldRuns } from './told-runs.ts';

export interface TellingAnewParts {
  readonly useCases: ClientUseCases;
  /** See `orchestrator/record-flow-run.ts`. */
  readonly record: (run: FlowRun, states: readonly State[]) => Promise<void>;
}

export interface TellingAnew {
  readonly useCases: ClientUseCases;
  /** Call when the database is another one than before. */
  tellAnew(): Promise<void>;
}

export function tellingAnew({ useCases, record }: TellingAnewParts): TellingAnew {
  const told = new ToldRuns();
  let process: ProcessRecord | null = null;
  let isBehind = false;

  const tellAnew = async (): Promise<void> => {
    isBehind = true;
    // A snapshot: a run that ends meanwhile is written with its end.
    const held = told.all();
    if (process !== null) await useCases.registerProcess(process);
    for (const { run, states } of held) await record(run, states);
    isBehind = false;
  };
  const keep = <Answer extends { readonly run: FlowRun }>(answer: Answer): Answer => {
    told.keep(answer.run);
    return answer;
  };
  /** When a run of ours is missing, it is written again, and the request repeated. */
  const surely = <Answer>(id: FlowRun['id'], ask: () => MaybePromise<Answer>): MaybePromise<Answer> => {
    const again = async (error: unknown): Promise<Answer> => {
      if (!OstinatoError.is(error) || error.code !== 'not-found' || told.get(id) === null) throw error;
      await tellAnew();
      return await ask();
    };
    try {
      const answer = ask();
      return isPromise(answer) ? answer.catch(again) : answer;
    } catch (error) {
      if (!OstinatoError.is(error) || error.code !== 'not-found') throw error;
      return again(error);
    }
  };

  return {
    tellAnew,
    useCases: {
      ...useCases,
      createFlowRun: (request) =>
        chain(useCases.createFlowRun(request), (run) => {
          told.keep(run);
          return run;
        }),
      setFlowRunState: (request) =>
        chain(
          surely(request.id, () => useCases.setFlowRunState(request)),
          keep,
        ),
      resumeFlowRun: (request) => {
        process = request.process ?? process;
        return chain(useCases.resumeFlowRun(request), (answer) => (answer.status === 'accept' ? keep(answer) : answer));
      },
      updateFlowRun: (id, change) => surely(id, () => useCases.updateFlowRun(id, change)),
      readFlowRun: (id) =>
        chain(useCases.readFlowRun(id), (run) => {
          if (run !== null || told.get(id) === null || !isBehind) return run;
          return tellAnew().then(() => useCases.readFlowRun(id));
        }),
      registerProcess: (record) => {
        process = record;
        return useCases.registerProcess(record);
      },
      beat: (id) =>
        chain(useCases.beat(id), (answer) => {
          if (answer.isRegistered || !isBehind) return answer;
          return tellAnew().then(() => ({ ...answer, isRegistered: true }));
        }),
    },
  };
}
