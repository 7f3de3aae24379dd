/**
 * A transaction that is open, and how it ends.
 *
 * 1. A body that returns commits: results are kept, commit hooks run in the order in which the tasks ended. A body that
 *    throws rolls back: the rollback hooks run in reverse order, the tasks become `RolledBack`, and a resumed run does
 *    them again.
 * 2. It ends once. The decision is on the record of a task before the first hook runs; an attempt that continues the
 *    run finishes it before anything else (`transaction-book.ts`).
 * 3. An attempt that continues the run opens it anew, under another id. It continues the earlier one from the first
 *    finished step that it takes over from it: the tasks of both are its own, and what that one had committed stays
 *    committed.
 */

import { thrownText } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { Cancellation } from './cancellation.ts';
import { decidingOn } from './deciding.ts';
import { NO_VALUES, persistValues, type Kept } from './kept-values.ts';
import type { Deciding, Participant, Staged } from './participant.ts';
import { runInFrame, type Frame } from './run-context.ts';
import type { TaskShare } from './task-share.ts';
import type { CommitMode, Transaction, TransactionOptions, TransactionStatus } from './transaction.ts';
import type { Around } from './transaction-hook.ts';

/** `rolled-back`: the transaction was over before the task was, and the task has been taken back, too. */
export type JoinAnswer = 'joined' | 'rolled-back';

export class OpenTransaction implements Transaction, Around {
  readonly name: string;
  readonly mode: CommitMode;
  readonly parent: OpenTransaction | null;
  readonly id: string;
  /** Where it was opened. An attempt that takes no step over identifies an earlier transaction by this. */
  readonly place: string;
  /** Its own id, and the ids that it had in earlier attempts. */
  readonly #ids: Set<string>;
  #status: TransactionStatus = 'active';
  /** An earlier attempt had committed the transaction. */
  #wasCommitted = false;
  readonly #values = new Map<string, unknown>();
  /** What its finished tasks kept, newest last: for the body, never for the hooks of other tasks. */
  readonly #heard = new Map<string, unknown>();
  /** Its tasks in the order in which they ended. */
  readonly #participants = new Map<string, Participant>();
  readonly #staged = new Map<string, Staged>();
  /** Inner transactions that handed their tasks on. */
  readonly #inner: OpenTransaction[] = [];
  readonly #frame: Frame;
  readonly #ended = Promise.withResolvers<void>();
  /** The share of the task in whose body it was opened. */
  readonly #share: TaskShare | null;
  /** The frame that hooks run in: outside any transaction, and not called off with the run. */
  readonly hookFrame: Frame;

  constructor(frame: Frame, options: TransactionOptions, place: string) {
    this.parent = frame.transaction;
    this.#share = frame.share;
    this.name = options.name ?? 'transaction';
    this.mode = options.commit ?? this.parent?.mode ?? 'lazy';
    this.place = place;
    this.id = `${place}.${frame.scope.ports.ids.next()}`;
    this.#ids = new Set([this.id]);
    this.#frame = { ...frame, transaction: this, share: null };
    this.hookFrame = { ...frame, transaction: null, share: null, around: new Cancellation() };
  }

  /** Resolves when its body has ended and the commit or rollback is complete. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** @internal */
  close(): void {
    this.#ended.resolve();
  }

  get status(): TransactionStatus {
    return this.#status;
  }

  set(key: string, value: unknown): void {
    this.#values.set(key, value);
  }

  get(key: string): unknown {
    const found = this.lookup(key);
    if (found) return found.value;
    return this.#heard.has(key) ? this.#heard.get(key) : this.parent?.get(key);
  }

  /** @internal */
  lookup(key: string): { readonly value: unknown } | undefined {
    if (this.#values.has(key)) return { value: this.#values.get(key) };
    return this.#share?.lookup(key) ?? this.parent?.lookup(key);
  }

  /** @internal All values that `get` can find. */
  visible(): Kept {
    return new Map([
      ...(this.parent?.visible() ?? NO_VALUES),
      ...this.#heard,
      ...(this.#share?.kept() ?? NO_VALUES),
      ...this.#values,
    ]);
  }

  /** @internal */
  hear(kept: Kept): void {
    for (const [name, value] of kept) this.#heard.set(name, value);
  }

  /** @internal Ids of the transactions around what is called in it, outermost first. */
  within(): readonly string[] {
    return this.#chain().map(({ id }) => id);
  }

  /** This transaction and those around it, outermost first. */
  #chain(): readonly OpenTransaction[] {
    return this.parent ? [...this.parent.#chain(), this] : [this];
  }

  /**
   * @internal Makes a finished step of an earlier attempt its own. Returns whether that attempt had committed the step.
   *
   * @param isSure whether the step tells which transaction this one continues. One that was called equally in several
   *   does not: the rest of another one would be taken back with this one.
   */
  continues(within: readonly string[], isSure: boolean): boolean {
    const chain = this.#chain();
    let isCommitted = false;
    chain.forEach((transaction, index) => {
      const id = within[index];
      if (id === undefined) return;
      const book = transaction.#frame.scope.flow?.book;
      const committed = book?.isCommitted(id) === true || this.#frame.scope.flow?.book?.isCommitted(id) === true;
      isCommitted ||= committed;
      if (!isSure) return;
      transaction.#ids.add(id);
      book?.claim(id);
      if (committed) transaction.#wasCommitted = true;
    });
    return isCommitted || chain.some((transaction) => transaction.#wasCommitted);
  }

  /**
   * @internal How well a step of an earlier attempt fits in here: more for each transaction around it that is continued
   * here, less for each that lies elsewhere.
   */
  fits(within: readonly string[]): number {
    const chain = this.#chain();
    let fit = -Math.abs(chain.length - within.length);
    chain.forEach((transaction, index) => {
      const id = within[index];
      if (id === undefined) return;
      const isElsewhere =
        !id.startsWith(`${transaction.place}.`) || transaction.#frame.scope.flow?.book?.isClaimed(id) === true;
      if (transaction.#ids.has(id)) fit += 1;
      else if (isElsewhere) fit -= 1;
    });
    return fit;
  }

  /** @internal The uncommitted result for the cache key, from this transaction or one around it. */
  staged(key: string): Staged | undefined {
    return this.#staged.get(key) ?? this.parent?.staged(key);
  }

  /**
   * @internal Adds a finished task. It replaces one of the same id: a subflow that runs again takes over steps that
   * have joined already.
   */
  async join(participant: Participant): Promise<JoinAnswer> {
    if (this.#status === 'rolled-back' && !participant.isCommitted) {
      await participant.takeBack(await this.#deciding());
      return 'rolled-back';
    }
    this.hear(participant.kept);
    if (this.#status !== 'active') {
      // The task ended after the commit: nothing can take it back any more.
      await this.#count(participant, await this.#deciding());
      return 'joined';
    }
    const { staged } = participant;
    if (staged) this.#staged.set(staged.key, staged);
    if (this.mode === 'eager') await participant.keep();
    if (this.mode === 'off') await participant.giveBack();
    this.#participants.delete(participant.id);
    this.#participants.set(participant.id, this.mode === 'off' ? participant.uncached() : participant);
    return 'joined';
  }

  /** @internal Removes a task that has been taken back by itself. */
  leave(id: string): void {
    this.#participants.delete(id);
    this.parent?.leave(id);
  }

  /** @internal */
  run<T>(body: (transaction: OpenTransaction) => T): T {
    return runInFrame(this.#frame, () => body(this));
  }

  /** @internal An inner lazy transaction hands its tasks to the one around it. */
  async commit(): Promise<void> {
    if (this.#status !== 'active') return;
    this.#status = 'committed';
    if (this.parent && this.mode !== 'eager') {
      this.parent.#inner.push(this);
      for (const participant of this.#participants.values()) await this.parent.join(participant);
      return;
    }
    await this.#decide(async () => {
      const said = await this.#deciding();
      if (!this.#wasCommitted) {
        for (const orphan of await this.#orphans()) await orphan.leave(said);
        const all = [...this.#participants.values()];
        await (all.find(({ hasHooks }) => hasHooks) ?? all[0])?.markCommitted(said);
      }
      for (const participant of this.#participants.values()) await this.#count(participant, said);
    });
  }

  /** @internal */
  async rollback(): Promise<void> {
    if (this.#status !== 'active') return;
    this.#status = 'rolled-back';
    await this.#decide(async () => {
      const said = await this.#deciding();
      const orphans = this.#wasCommitted ? [] : await this.#orphans();
      const own = [...this.#participants.values()].filter(({ isCommitted }) => !isCommitted);
      if (this.#wasCommitted)
        this.#say(`${this.name} was committed by an earlier attempt: what that had finished is not taken back.`);
      for (const participant of [...orphans, ...own].reverse()) await participant.takeBack(said);
      // Hooks of the commit that only this attempt has.
      for (const participant of this.#participants.values()) if (participant.isCommitted) await participant.count(said);
    });
  }

  /** Tasks that an earlier attempt finished in this transaction and this attempt did not call: their effects exist. */
  async #orphans(): Promise<readonly Participant[]> {
    const book = this.#frame.scope.flow?.book;
    if (!book) return [];
    if (this.#ids.size === 1) book.endedAt(this.place, this.#status === 'rolled-back');
    return await book.orphans(this.#ids, this.#participants, this, this.hookFrame);
  }

  async #count(participant: Participant, said: Deciding): Promise<void> {
    if (this.mode === 'lazy') await participant.keep();
    await participant.count(said);
  }

  /** Carries the decision out. Until that is done the flow does not end, and no other attempt may begin. */
  async #decide(carryOut: () => Promise<void>): Promise<void> {
    const { flow, ports } = this.#frame.scope;
    const deciding = decidingOn(ports);
    const { promise, resolve } = Promise.withResolvers<void>();
    deciding.set(this.id, promise);
    flow?.started();
    try {
      await carryOut();
    } finally {
      flow?.ended(null);
      deciding.delete(this.id);
      resolve();
    }
  }

  async #deciding(): Promise<Deciding> {
    return { ids: [...this.#ids], by: this.name, values: await this.#persistOwn() };
  }

  /**
   * Records the values that this transaction and those around it keep, by transaction id, for hooks that run in another
   * process.
   */
  async #persistOwn(): Promise<Deciding['values']> {
    const all = new Map<string, unknown>();
    const { scope } = this.#frame;
    const collect = (transaction: OpenTransaction): void => {
      const own = new Map([...(transaction.#share?.kept() ?? NO_VALUES), ...transaction.#values]);
      for (const [name, value] of own) for (const id of transaction.#ids) all.set(`${id} ${name}`, value);
      transaction.#inner.forEach(collect);
    };
    this.#chain().forEach(collect);
    if (all.size === 0) return null;
    try {
      const { ref, unkept } = await persistValues(
        scope.ports,
        all,
        `values that transaction "${this.name}" keeps`,
        scope.flow?.flowRun.durability ?? 'process',
      );
      if (unkept.length > 0)
        this.#say(
          `${this.name} keeps ${unkept.map((key) => `"${key.slice(key.indexOf(' ') + 1)}"`).join(', ')} in this process only: the value cannot be recorded.`,
        );
      return ref;
    } catch (error) {
      this.#say(`What ${this.name} keeps could not be recorded: ${thrownText(error)}`);
      return null;
    }
  }

  #say(message: string): void {
    this.#frame.scope.log(LOG_LEVELS.warning, message);
  }
}
