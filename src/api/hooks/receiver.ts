/**
 * `/hooks/<slug>`: whoever knows the address may call it, by any method, with any body.
 *
 * 1. An address that leads nowhere and a webhook that is paused are answered alike: in words, in what is looked at
 *    before, and by one limit for all of them.
 * 2. Nothing of an address or of what was sent is told: not in a log, not in an event.
 * 3. Whatever is wrong with a template or a body is the caller's (4xx), and told as `ostinato.webhook.failed`.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { EVENT_BYTES_MAX } from '../../contract/body/event.ts';
import { TokenBucket, type BucketRule } from '../../core/web/token-bucket.ts';
import type { HookCall } from '../../core/webhooks/hook-call.ts';
import type { Webhook, WebhookId } from '../../core/webhooks/webhook.ts';
import { send } from '../answering.ts';
import { failureAnswer, NOT_FOUND } from '../failures.ts';
import { isSameSecret } from '../gate/secret.ts';
import { NO_CONTENT, type Answer } from '../operation.ts';
import { BodyReader, BodyRefused } from '../sent-body.ts';
import { eventsOfCall, type HookParts } from './events-of-call.ts';
import { slugHash } from './slug.ts';

export const HOOKS_PREFIX = '/hooks';

export interface HookLimits {
  /** Of each webhook. */
  readonly calls: BucketRule;
  /** Of all addresses together that lead nowhere. */
  readonly unknown: BucketRule;
  /** Failures that are told, of each webhook. */
  readonly failures: BucketRule;
}

/** GitHub sends some hundred a minute of a busy organization. */
const LIMITS: HookLimits = {
  calls: { burst: 200, aMinute: 1200 },
  unknown: { burst: 60, aMinute: 60 },
  failures: { burst: 20, aMinute: 20 },
};
/** Webhooks whose calls are counted: the rest begins anew. */
const COUNTED_MAX = 10_000;

export interface HookReceiverParts extends HookParts {
  /** Default: see `LIMITS`. */
  readonly limits?: HookLimits | undefined;
}

interface Counts {
  readonly calls: TokenBucket;
  readonly failures: TokenBucket;
}

export class HookReceiver {
  readonly #parts: HookReceiverParts;
  readonly #limits: HookLimits;
  readonly #reader = new BodyReader();
  readonly #unknown: TokenBucket;
  readonly #counts = new Map<WebhookId, Counts>();

  constructor(parts: HookReceiverParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? LIMITS;
    this.#unknown = new TokenBucket(this.#limits.unknown, parts.clock.now());
  }

  /** @param onFailure called for failures of the server */
  serve(
    app: FastifyInstance,
    onFailure: (error: unknown, request: Pick<FastifyRequest, 'method' | 'url'>) => void,
  ): void {
    app.all<{ readonly Params: { readonly slug: string } }>(
      `${HOOKS_PREFIX}/:slug`,
      { config: { access: 'hook' } },
      (request, reply) => {
        const fail = (error: unknown): Answer =>
          error instanceof BodyRefused
            ? error.answer
            : failureAnswer(
                error,
                (ours) => onFailure(ours, { method: request.method, url: `${HOOKS_PREFIX}/…` }),
                false,
              );
        void this.#answer(request, request.params.slug)
          .catch(fail)
          .then((answer) => send(reply, answer));
      },
    );
  }

  async #answer(request: FastifyRequest, slug: string): Promise<Answer> {
    const { useCases, clock } = this.#parts;
    const hash = slugHash(slug);
    const found = await useCases.readWebhook({ slugHash: hash });
    const isThere = isSameSecret(hash, found?.slugHash ?? '') && found !== null && found.isEnabled;
    const counts = isThere ? this.#countsOf(found.id) : null;
    const waitSeconds = (counts?.calls ?? this.#unknown).take(clock.now());
    if (waitSeconds > 0) return tooMany(waitSeconds);
    if (!isThere || counts === null) return NOT_FOUND;
    return await this.#received(found, counts, await this.#callOf(request));
  }

  async #received(webhook: Webhook, { failures }: Counts, call: HookCall): Promise<Answer> {
    const { useCases, clock } = this.#parts;
    const outcome = await eventsOfCall(this.#parts, webhook, call);
    if (outcome.ok) {
      await useCases.recordEvents(outcome.events.map((event) => ({ event, taskRun: null })));
      return NO_CONTENT;
    }
    if (failures.take(clock.now()) === 0) await useCases.tellWebhookFailed(webhook, outcome.reason, call.method);
    return {
      status: outcome.why === 'forged' ? 403 : 422,
      body: { detail: `No event was recorded: ${outcome.reason}.` },
    };
  }

  #countsOf(id: WebhookId): Counts {
    const known = this.#counts.get(id);
    if (known !== undefined) return known;
    if (this.#counts.size >= COUNTED_MAX) this.#counts.clear();
    const now = this.#parts.clock.now();
    const counts = {
      calls: new TokenBucket(this.#limits.calls, now),
      failures: new TokenBucket(this.#limits.failures, now),
    };
    this.#counts.set(id, counts);
    return counts;
  }

  async #callOf(request: FastifyRequest): Promise<HookCall> {
    const stream = request.body as Readable | null | undefined;
    const body = stream
      ? await new Promise<string>((resolve, reject) => {
          this.#reader.read(
            stream,
            request.headers,
            EVENT_BYTES_MAX,
            (text, giveBack) => {
              giveBack?.();
              resolve(text);
            },
            reject,
          );
        })
      : '';
    const query = request.query as HookCall['query'];
    return { method: request.method.toUpperCase(), headers: flat(request.headers), body, query: { ...query } };
  }
}

function flat(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function tooMany(waitSeconds: number): Answer {
  return {
    status: 429,
    body: { detail: `Too many calls: again in ${waitSeconds} s.` },
    headers: { 'retry-after': String(waitSeconds) },
  };
}
