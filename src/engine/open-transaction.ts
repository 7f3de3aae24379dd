/**
 * A transaction that is open, and how it ends.
 *
 * 1. A body that returns commits: results are kept, commit hooks run in the order in which the tasks ended. A body that throws
 *    rolls back: the rollback hooks run in reverse order, the tasks become `RolledBack`, and a resumed run does them again.
 * 2. It ends once. The decision is on the record of a task before the first hook runs; an attempt that continues the run
 *    finishes it before anything else (`transaction-book.ts`).
 * 3. An attempt that continues the run opens it anew, under another id. It continues the earlier one from the first finished
 *    step that it takes over from it: the tasks of both are its own, and what that one had committed stays committed.
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
  /** Where it was opened: what an attempt that takes no step over knows an earlier one by. */
  readonly place: string;
  /** Its own id, and those it had in earlier attempts. */
  readonly #ids: Set<string>;
  #status: TransactionStatus = 'active';
  /** An earlier attempt had committed it. */
  #wasCommitted = false;
  readonly #values = new Map<string, unknown>();
  /** What its tasks keep, newest last: for the body, never for the hooks of other tasks. */
  readonly #heard = new Map<string, unknown>();
  /** In the order of their end. */
  readonly #participants = new Map<string, Participant>();
  readonly #staged = new Map<string, Staged>();
  /** Inner ones that handed their tasks on. */
  readonly #inner: OpenTransaction[] = [];
  readonly #frame: Frame;
  readonly #ended = Promise.withResolvers<void>();
  /** Of the task in whose body it was opened. */
  readonly #share: TaskShare | null;
  /** What hooks run in: outside any transaction, and not called off with the run. */
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

  /** Resolves when its body has ended, and what follows from that. */
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

  /** @internal All that `get` finds. */
  visible(): Kept {
    return new Map([...(this.parent?.visible() ?? NO_VALUES), ...this.#heard, ...(this.#share?.kept() ?? NO_VALUES), ...this.#values]);
  }

  /** @internal */
  hear(kept: Kept): void {
    for (const [name, value] of kept) this.#heard.set(name, value);
  }

  /** @internal Ids of the transactions around what is called in it, outermost first. */
  within(): readonly string[] {
    return this.#chain().map(({ id }) => id);
  }

  /** It and those around it, outermost first. */
  #chain(): readonly OpenTransaction[] {
    return this.parent ? [...this.parent.#chain(), this] : [this];
  }

  /** @internal A finished step of an earlier attempt is one of its own. Answers whether that attempt had committed it. */
  continues(within: readonly string[]): boolean {
    const chain = this.#chain();
    chain.forEach((transaction, index) => {
      const id = within[index];
      if (id === undefined) return;
      transaction.#ids.add(id);
      const book = transaction.#frame.scope.flow?.book;
      book?.claim(id);
      if (book?.isCommitted(id) === true || this.#frame.scope.flow?.book?.isCommitted(id) === true) transaction.#wasCommitted = true;
    });
    return chain.some((transaction) => transaction.#wasCommitted);
  }

  /** @internal What this transaction, or one around it, has computed for the key. */
  staged(key: string): Staged | undefined {
    return this.#staged.get(key) ?? this.parent?.staged(key);
  }

  /** @internal Only the first of those that join under one id counts: a subflow that runs again takes its steps over. */
  async join(participant: Participant): Promise<JoinAnswer> {
    if (this.#status === 'rolled-back' && !participant.isCommitted) {
      await participant.takeBack(await this.#deciding());
      return 'rolled-back';
    }
    this.hear(participant.kept);
    if (this.#status !== 'active') {
      // It ended after the commit: nothing can take it back any more.
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

  /** @internal A task that joined has been taken back by itself. */
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
      if (this.#wasCommitted) this.#say(`${this.name} was committed by an earlier attempt: what that had finished is not taken back.`);
      for (const participant of [...orphans, ...own].reverse()) await participant.takeBack(said);
    });
  }

  /** Tasks that an earlier attempt finished in it, and that this one did not call: their effects are there all the same. */
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

  /** The flow does not end, and no other attempt looks at it, before the decision is carried out. */
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

  /** What this one and those around it keep, by their ids: hooks that run in another process see it. */
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
      const { ref, unkept } = await persistValues(scope.ports, all, `values that transaction "${this.name}" keeps`, scope.flow?.flowRun.durability ?? 'process');
      if (unkept.length > 0) this.#say(`${this.name} keeps ${unkept.map((key) => `"${key.slice(key.indexOf(' ') + 1)}"`).join(', ')} in this process only: the value cannot be recorded.`);
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
