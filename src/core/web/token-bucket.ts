/** Lets so many through at once, and so many a minute after that. Pure but for what it counts. */

import type { Instant } from '../time.ts';

export interface BucketRule {
  /** So many at once. */
  readonly burst: number;
  readonly aMinute: number;
}

export class TokenBucket {
  readonly #rule: BucketRule;
  #tokens: number;
  #at: Instant;

  constructor(rule: BucketRule, now: Instant) {
    this.#rule = rule;
    this.#tokens = rule.burst;
    this.#at = now;
  }

  /** 0: it may pass; else after so many seconds it is worth asking again, 1 at least. */
  take(now: Instant): number {
    const { burst, aMinute } = this.#rule;
    // A clock that is set back gives nothing and takes nothing.
    const passed = Math.max(0, now - this.#at) / 60_000_000;
    this.#tokens = Math.min(burst, this.#tokens + passed * aMinute);
    this.#at = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 60) / aMinute));
  }
}
