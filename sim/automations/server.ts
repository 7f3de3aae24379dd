/**
 * A server that looks at triggers and acts, and that dies: when it asks the store or a receiver, or before it hears the
 * answer. What it had asked for is done all the same; it does nothing more.
 */

import type { WebAnswer, WebRequest } from '../../src/core/web/send-request.ts';
import type { BlockKeeping } from '../../src/orchestrator/blocks/ports.ts';
import { createUseCases, type UseCases } from '../../src/orchestrator/use-cases.ts';
import { hashText } from '../../src/platform/hash.ts';
import { seededRandom } from '../../src/platform/random.ts';
import { ActionService } from '../../src/services/automation-actions.ts';
import { TriggerService } from '../../src/services/automation-triggers.ts';
import type { Storage } from '../../src/store/port.ts';
import { createSeededIds } from '../../src/testing/seeded-ids.ts';
import { SkewedClock } from '../scheduling/servers.ts';
import type { SimClock } from '../sim-clock.ts';
import { isSameSignature, newLinkSecret, signLink } from '../../src/platform/signed-links.ts';

export interface AutomationServerParts {
  readonly clock: SimClock;
  /** The store, as one more process opens it. */
  readonly open: () => Storage;
  readonly seed: number;
  readonly blockKeeping: BlockKeeping;
  readonly draw: () => number;
  readonly deathOdds: () => number;
  readonly awayMsMax: number;
  readonly send: (request: WebRequest) => Promise<WebAnswer>;
  readonly say: (what: string) => void;
  readonly onFailure: (what: string, error: unknown) => void;
}

interface Life {
  readonly cases: UseCases;
  readonly stop: () => void;
}

type Method = (...args: readonly unknown[]) => unknown;

export class AutomationServer {
  readonly clock: SkewedClock;
  deaths = 0;
  readonly #parts: AutomationServerParts;
  #life: Life | null = null;

  constructor(parts: AutomationServerParts) {
    this.#parts = parts;
    this.clock = new SkewedClock(parts.clock);
  }

  /** `null` while it is dead. */
  get cases(): UseCases | null {
    return this.#life?.cases ?? null;
  }

  start(): void {
    const { open, seed, blockKeeping, send, onFailure, say } = this.#parts;
    const { clock } = this;
    let life: Life | null = null;
    const isAlive = (): boolean => life === null || life === this.#life;
    const storage = this.#mortal(open(), isAlive);
    const cases = createUseCases({
      storage,
      clock,
      ids: createSeededIds(clock, seededRandom(seed + this.deaths * 1009)),
      random: this.#parts.draw,
      liveness: () => ({ alive: true, evidence: 'It answers.' }),
      blockKeeping,
      actions: {
        describe: () => Promise.resolve(null),
        pages: () => null,
        links: { newSecret: newLinkSecret, sign: signLink, isSame: isSameSignature },
        openChannel: () => Promise.reject(new Error('no notifications are sent here')),
        sendRequest: (request) => this.#survived(isAlive, 'a message', () => send(request)) as Promise<WebAnswer>,
      },
    });
    const parts = { useCases: cases, clock, onFailure };
    const triggers = new TriggerService({
      ...parts,
      hash: hashText,
      onNotice: (message) => onFailure('a notice', new Error(message)),
    });
    const actions = new ActionService(parts);
    const stopHearing = storage.onCommit(() => {
      triggers.wake();
      actions.wake();
    });
    const stop = (): void => {
      stopHearing();
      void triggers.stop();
      void actions.stop();
    };
    life = { cases, stop };
    this.#life = life;
    say('starts');
  }

  /** As `kill -9` does. */
  kill(why: string): void {
    const { clock, draw, say, awayMsMax } = this.#parts;
    if (this.#life === null) return;
    say(`dies: ${why}`);
    this.#life.stop();
    this.#life = null;
    this.deaths += 1;
    clock.setTimer(draw() * awayMsMax, () => this.start());
  }

  #mortal(storage: Storage, isAlive: () => boolean): Storage {
    const methods = Object.entries(storage).map(([name, value]) => {
      if (typeof value !== 'function' || name === 'onCommit') return [name, value] as const;
      const method = value as Method;
      return [name, (...args: readonly unknown[]) => this.#survived(isAlive, name, () => method(...args))] as const;
    });
    return Object.fromEntries(methods) as unknown as Storage;
  }

  /** Answers nothing, for ever, to whoever is dead by then. */
  async #survived(isAlive: () => boolean, what: string, ask: () => unknown): Promise<unknown> {
    if (this.#isOver(isAlive, `before ${what}`)) return await NEVER;
    let answer: unknown;
    try {
      answer = await ask();
    } catch (error) {
      if (!isAlive()) return await NEVER;
      throw error;
    }
    return this.#isOver(isAlive, `after ${what}`) ? await NEVER : answer;
  }

  #isOver(isAlive: () => boolean, when: string): boolean {
    const { draw, deathOdds } = this.#parts;
    if (isAlive() && draw() < deathOdds()) this.kill(when);
    return !isAlive();
  }
}

const NEVER = new Promise<never>(() => undefined);
