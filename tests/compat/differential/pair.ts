/** The same request for both servers. The next one waits for both, so that what is made first is made first on both. */
import { request as open } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { differences, type Answer, type Difference } from './compare.ts';
import type { Request } from './generator.ts';
import type { Side, Things } from './things.ts';

/** What is recorded a little later is asked for again so long. */
const LATER_MS_MAX = 4_000;

export interface Exchange {
  readonly request: Request;
  readonly theirs: Answer;
  readonly ours: Answer;
  readonly differences: readonly Difference[];
}

export class Pair {
  readonly #urls: Readonly<Record<Side, string>>;
  readonly #things: Things;

  constructor(urls: Readonly<Record<Side, string>>, things: Things) {
    this.#urls = urls;
    this.#things = things;
  }

  async exchange(request: Request): Promise<Exchange> {
    for (const deadline = performance.now() + LATER_MS_MAX; ; await delay(150)) {
      const [theirs, ours] = await Promise.all([this.#ask('theirs', request), this.#ask('ours', request)]);
      this.#learn(request, theirs, ours);
      const read = (answer: Answer, side: Side): Answer => ({
        status: answer.status,
        text: this.#things.read(answer.text, side),
      });
      const exchange = { request, theirs: read(theirs, 'theirs'), ours: read(ours, 'ours') };
      const found = differences(request, exchange.theirs, exchange.ours);
      if (found.length > 0 && request.hint.isLater === true && performance.now() < deadline) continue;
      if (found.some(({ at }) => at === 'status')) await this.#even(request, theirs, ours);
      return { ...exchange, differences: found };
    }
  }

  /** A server that is too busy is asked again, as clients do. */
  async #ask(side: Side, request: Request): Promise<Answer> {
    for (const deadline = performance.now() + LATER_MS_MAX; ; await delay(100)) {
      const answer = await this.#askOnce(side, request);
      if (answer.status !== 503 || performance.now() > deadline) return answer;
    }
  }

  #askOnce(side: Side, { method, path, body }: Request): Promise<Answer> {
    return send(
      method,
      this.#urls[side] + this.#things.written(path, side),
      body === null ? null : this.#things.written(body, side),
    );
  }

  /** The ids that both gave to the same thing. */
  #learn({ hint, key }: Request, theirs: Answer, ours: Answer): void {
    if (theirs.status !== ours.status || theirs.status >= 300) return;
    const [one, other] = [idsIn(theirs.text), idsIn(ours.text)];
    if (one === null || other === null) return;
    if (hint.makes !== undefined && one.id !== null && other.id !== null)
      this.#things.add(hint.makes, one.id, other.id);
    const states = /\/(flow|task)_runs\//.exec(key)?.[1];
    if (states !== undefined && one.state !== null && other.state !== null)
      this.#things.add(`${states}_run_state`, one.state, other.state);
  }

  /** What one of them alone has done is undone, or left out of the rest: else everything after it would be another. */
  async #even(request: Request, theirs: Answer, ours: Answer): Promise<void> {
    this.#things.forget(request.path);
    if (request.hint.makes === undefined) return;
    for (const [side, answer] of [
      ['theirs', theirs],
      ['ours', ours],
    ] as const) {
      const id = answer.status < 300 ? idsIn(answer.text)?.id : null;
      if (id) await send('DELETE', `${this.#urls[side]}${request.path.replace(/\/$/, '')}/${id}`, null);
    }
  }
}

/** Over a connection of its own: one that a server closes just then is not taken for an answer. */
function send(method: string, url: string, body: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = open(url, { method, headers, agent: false }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode as number, text: answer }), reject);
    });
    sent.once('error', reject);
    sent.end(body ?? '');
  });
}

interface Made {
  readonly id?: string;
  readonly lease_id?: string;
  readonly state?: { readonly id?: string } | null;
}

function idsIn(text: string): { readonly id: string | null; readonly state: string | null } | null {
  try {
    const { id, lease_id, state } = JSON.parse(text) as Made;
    return { id: id ?? lease_id ?? null, state: state?.id ?? null };
  } catch {
    return null;
  }
}
