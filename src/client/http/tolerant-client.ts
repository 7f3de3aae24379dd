/**
 * The client port over the wire, for a process that runs flows: a run never dies for the server's sake.
 *
 * 1. While the server answers, it decides. While it is away, the same rules decide here, and the server is told when it
 *    is back.
 * 2. What only the server can know (a variable that was never read, another process's run) is waited for, but not for
 *    ever.
 * 3. A request that may be sent twice carries a mark, so that the second time changes nothing.
 */

import type { TagSlots, TakeTagSlots } from '../../core/concurrency/tag-slots.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CreateFlowRun, SetFlowRunState, UpdateFlowRun } from '../../core/flow-run-request.ts';
import type { FlowRunId, IdSource, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { ProposedState } from '../../core/state.ts';
import type { RecordedStep } from '../../core/task-run.ts';
import type { Clock, Instant } from '../../core/time.ts';
import type { Transition } from '../../core/transition.ts';
import type { ClaimCacheKey, OstinatoClient, ResultStore } from '../port.ts';
import type { CacheBook } from './cache-book.ts';
import type { HeldRuns } from './held-runs.ts';
import type { Link } from './link.ts';
import type { Outbox } from './outbox.ts';
import type { CacheSettlement, Remote } from './remote.ts';
import type { StepMemory } from './steps.ts';
import { tolerantControl } from './tolerant-control.ts';
import { Unavailable } from './transport.ts';

export interface TolerantParts {
  readonly link: Link<Remote>;
  readonly held: HeldRuns;
  readonly outbox: Outbox;
  readonly cache: CacheBook;
  readonly steps: StepMemory;
  readonly results: ResultStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly apiUrl: string;
  /** Hears who this process is, to say it again to a server that was away. */
  readonly onRegistered: (process: ProcessRecord) => void;
  /** Grows each time a server with another database was told our runs anew; `null` while it has to be told. */
  readonly retold: () => number | null;
  /** Tells it our runs anew. @throws `Unavailable` */
  readonly retell: (server: Remote) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** For what only the server can answer. */
const WAIT_SECONDS = 30;

/** So long a server that answers, and is too busy to say who holds what, is asked again. */
const BUSY_SECONDS = 30;

class TolerantClient {
  readonly #parts: TolerantParts;
  /** Keys that were claimed while the server was away. */
  readonly #claimedHere = new Set<string>();
  /** Since when the server has not said who may take slots; `null`: the last time it did. */
  #slotsUnknownSince: Instant | null = null;
  #merged: { readonly id: FlowRunId; readonly all: readonly RecordedStep[] } | null = null;

  constructor(parts: TolerantParts) {
    this.#parts = parts;
  }

  async createFlowRun(request: CreateFlowRun): Promise<FlowRun> {
    const { link, held } = this.#parts;
    // The server may have carried it out when it is decided here that it has not: the mark makes both first states one.
    const marked = { ...request, state: this.#marked(request.state ?? { type: 'PENDING' }) };
    return await link.ask(
      async (server) => held.keep(await server.createFlowRun(marked)),
      () => held.create(marked),
    );
  }

  async setFlowRunState(request: SetFlowRunState): Promise<Transition<FlowRun>> {
    const { link, held } = this.#parts;
    const marked = { ...request, state: this.#marked(request.state) };
    const known = held.get(request.id);
    return await link.ask(
      async (server) => {
        const answer = await this.#surely(server, request.id, () => server.setFlowRunState(marked, known));
        held.keep(answer.run);
        return answer;
      },
      (reason) => {
        const run = held.get(request.id);
        if (run === null) throw reason;
        return held.move(run, marked);
      },
    );
  }

  /**
   * A run of ours that the server does not know was lost with its database: it is told anew, and asked for once more.
   */
  async #surely<T>(server: Remote, id: FlowRunId, question: () => T | Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (!OstinatoError.is(error) || error.code !== 'not-found' || this.#parts.held.get(id) === null) throw error;
      await this.#parts.retell(server);
      return await question();
    }
  }

  #marked(state: ProposedState): ProposedState {
    if (state.details?.transitionId !== undefined) return state;
    return { ...state, details: { ...state.details, transitionId: this.#parts.ids.next() } } as ProposedState;
  }

  async updateFlowRun(id: FlowRunId, change: UpdateFlowRun): Promise<void> {
    const { link, outbox, held } = this.#parts;
    held.amend(id, change);
    await link.ask(
      async (server) => await this.#surely(server, id, () => server.updateFlowRun(id, change)),
      () => outbox.add({ kind: 'updated', id, change }),
    );
  }

  async readFlowRun(id: FlowRunId): Promise<FlowRun | null> {
    const known = this.#parts.held.get(id);
    if (known !== null && this.#parts.link.isAway) return known;
    return await this.sure(async (server) => {
      const before = this.#parts.retold();
      const run = await server.readFlowRun(id);
      if (run !== null || known === null || !(await this.#wasToldAnew(server, before))) return run;
      return await server.readFlowRun(id);
    });
  }

  async beat(id: ProcessId) {
    const { link, retold } = this.#parts;
    return await link.ask(
      async (server) => {
        const before = retold();
        const answer = await server.beat(id);
        return answer.isRegistered || !(await this.#wasToldAnew(server, before))
          ? answer
          : { ...answer, isRegistered: true };
      },
      () => ({ isRegistered: true, cancelling: [] }),
    );
  }

  /**
   * Whether an answer may be from before the server was told of us: then it has been told now.
   * @param before as it was when it was asked
   */
  async #wasToldAnew(server: Remote, before: number | null): Promise<boolean> {
    const now = this.#parts.retold();
    if (now !== null && now === before) return false;
    if (now === null) await this.#parts.retell(server);
    return true;
  }

  /** Waits for the server, but not for ever. */
  async sure<T>(question: (server: Remote) => T | Promise<T>): Promise<T> {
    const { link } = this.#parts;
    return await link.ask(question, async (first) => {
      if (!(await link.whenUp(WAIT_SECONDS))) throw first;
      return await link.ask(question, (second) => {
        throw second;
      });
    });
  }

  /**
   * Of a run with steps that only this process knows, all are listed for the first page: both lists have their own
   * order.
   */
  async steps(
    id: FlowRunId,
    page: { readonly after?: TaskRunId | undefined; readonly limit: number },
  ): Promise<readonly RecordedStep[]> {
    const { steps } = this.#parts;
    if (steps.of(id).size === 0) return await this.#listed(id, page);
    if (page.after === undefined) this.#merged = { id, all: steps.merged(id, await this.#allListed(id, page.limit)) };
    const all = this.#merged?.id === id ? this.#merged.all : [];
    const from = page.after === undefined ? 0 : all.findIndex((step) => step.id === page.after) + 1;
    return all.slice(from, from + page.limit);
  }

  async #listed(
    id: FlowRunId,
    page: { readonly after?: TaskRunId | undefined; readonly limit: number },
  ): Promise<readonly RecordedStep[]> {
    return await this.#parts.link.ask(
      async (server) => await server.listRecordedSteps(id, page),
      () => [],
    );
  }

  async #allListed(id: FlowRunId, limit: number): Promise<readonly RecordedStep[]> {
    const all: RecordedStep[] = [];
    for (;;) {
      const page = await this.#listed(id, { after: all.at(-1)?.id, limit });
      all.push(...page);
      if (page.length < limit) return all;
    }
  }

  /**
   * While the server is away nobody can tell what others hold: runs go on, and what is held is renewed when it is back.
   * One that is busy is asked again for a while: under a load that it cannot bear, a limit matters most.
   */
  async takeTagSlots(request: TakeTagSlots): Promise<TagSlots> {
    const { link, clock } = this.#parts;
    for (;;) {
      const answer = await link.ask<TagSlots | Unavailable>(
        async (server) => await server.takeTagSlots(request),
        (reason) => reason,
      );
      if (!(answer instanceof Unavailable)) {
        this.#slotsUnknownSince = null;
        return answer;
      }
      this.#slotsUnknownSince ??= clock.now();
      const leftSeconds = BUSY_SECONDS - (clock.now() - this.#slotsUnknownSince) / 1_000_000;
      const isBusy = answer.status !== null && leftSeconds > Math.max(0, (answer.retryAfterMs ?? 0) / 1000);
      if (!isBusy || !(await link.whenUp(leftSeconds))) return { outcome: 'unlimited' };
    }
  }

  async claim(request: ClaimCacheKey) {
    const { link, cache, clock } = this.#parts;
    return await link.ask(
      async (server) => await server.claimCacheKey(request),
      () => {
        this.#claimedHere.add(request.key);
        return cache.claim(request, clock.now());
      },
    );
  }

  async settle(settlement: CacheSettlement): Promise<void> {
    const { link, cache, outbox } = this.#parts;
    if (this.#claimedHere.delete(settlement.key)) {
      outbox.add({ kind: 'cache-settled', settlement });
      return await cache.settle(settlement);
    }
    await link.ask(
      async (server) => await server.settleCacheClaim(settlement),
      () => outbox.add({ kind: 'cache-settled', settlement }),
    );
  }
}

export function createTolerantClient(parts: TolerantParts): OstinatoClient {
  const { link, held, results } = parts;
  const own = new TolerantClient(parts);
  return {
    description: `over HTTP, ${parts.apiUrl}`,
    results,
    close: parts.close,
    createFlowRun: (request) => own.createFlowRun(request),
    setFlowRunState: (request) => own.setFlowRunState(request),
    resumeFlowRun: (request) =>
      own.sure(async (server) => {
        if (request.process !== undefined) parts.onRegistered(request.process);
        const answer = await server.resumeFlowRun(request);
        if (answer.status === 'accept') held.keep(answer.run);
        return answer;
      }),
    updateFlowRun: (id, change) => own.updateFlowRun(id, change),
    cancelFlowRun: (id) => own.sure((server) => server.cancelFlowRun(id)),
    readFlowRun: (id) => own.readFlowRun(id),
    deleteFlowRun: (id) => own.sure((server) => server.deleteFlowRun(id)),
    listFlowRunStates: (id) => own.sure((server) => server.listFlowRunStates(id)),
    recordTaskRuns: (records, logs) =>
      link.ask(
        async (server) => await server.recordTaskRuns(records, logs),
        (reason) => {
          throw reason;
        },
      ),
    readTaskRun: (id) => own.sure((server) => server.readTaskRun(id)),
    listTaskRunStates: (id) => own.sure((server) => server.listTaskRunStates(id)),
    listRecordedSteps: (id, page) => own.steps(id, page),
    // A flow that starts looks for runs to continue: without a server there are none.
    list: (noun, page) =>
      noun === 'flow_run'
        ? link.ask(
            async (server) => await server.list(noun, page),
            () => [],
          )
        : own.sure((server) => server.list(noun, page)),
    countByState: (noun, where) => own.sure((server) => server.countByState(noun, where)),
    explainRun: (id) => own.sure((server) => server.explainRun(id)),
    claimCacheKey: (request) => own.claim(request),
    settleCacheClaim: (settlement) => own.settle(settlement),
    takeTagSlots: (request) => own.takeTagSlots(request),
    renewTagSlots: (leaseIds) =>
      link.ask(
        async (server) => await server.renewTagSlots(leaseIds),
        () => [],
      ),
    releaseLease: (id) =>
      link.ask(
        async (server) => await server.releaseLease(id),
        () => false,
      ),
    registerProcess: async (process) => {
      parts.onRegistered(process);
      await link.ask(
        async (server) => await server.registerProcess(process),
        () => undefined,
      );
    },
    beat: (id) => own.beat(id),
    endProcess: (id) =>
      link.ask(
        async (server) => await server.endProcess(id),
        () => undefined,
      ),
    reapLostRuns: () =>
      link.ask(
        async (server) => await server.reapLostRuns(),
        () => [],
      ),
    control: tolerantControl(parts, (question) => own.sure(question)),
  };
}
