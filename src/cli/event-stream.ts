/** Events as they happen: over the socket of a server, or by looking at the store. Nothing comes twice. */
import { EventFilterIn } from '../contract/body/event-filter.ts';
import { check } from '../contract/checker.ts';
import { eventFilter } from '../contract/decode/event-filter.ts';
import { OstinatoError } from '../core/errors.ts';
import { includesEvent, isInTime, type EventFilter } from '../core/event-filter.ts';
import type { Event } from '../core/event.ts';
import type { EventId } from '../core/ids.ts';
import { addSeconds, formatInstant, parseInstant, sleep, type Clock, type Instant } from '../core/time.ts';
import type { EventQueryIn } from './event-filter.ts';
import type { Live } from './open-api.ts';

export type WireEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly event: string; readonly occurred: string; readonly resource: Readonly<Record<string, string>> };

export interface StreamParts {
  readonly clock: Clock;
  readonly query: EventQueryIn;
  /** Whether a list of what was before is shown, too: then a moment of it comes again, so that none falls between the two. */
  readonly withPast: boolean;
  /** @returns whether it wants more */
  readonly onEvent: (event: WireEvent) => boolean;
}

export interface EventStream {
  /** Until nobody wants more; rejects when the server goes. */
  readonly ended: Promise<void>;
  /** Looks no more; `ended` resolves. */
  readonly close: () => void;
}

const POLL_MS = 200;
const PAGE = 200;
/** Ids that are remembered, so that what a list has shown does not come again. */
const SEEN_MAX = 20_000;
/** Clocks of two machines differ. */
const OVERLAP_SECONDS = 60;

export class SeenEvents {
  readonly #ids = new Set<string>();

  /** @returns whether it is new */
  add({ id }: WireEvent): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > SEEN_MAX) for (const oldest of this.#ids) { this.#ids.delete(oldest); break; }
    return true;
  }
}

/** Resolves when every event from now on will be told. */
export async function openStream(live: Live, parts: StreamParts): Promise<EventStream> {
  return live.kind === 'socket' ? await overSocket(live, parts) : await fromStore(live, parts);
}

async function fromStore({ api }: Extract<Live, { kind: 'store' }>, { clock, query, onEvent }: StreamParts): Promise<EventStream> {
  let seq = await api.newestEventSeq();
  const filter = coreFilter(query, clock);
  const closing = new AbortController();
  const look = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const page = await api.readEvents(seq, PAGE);
      seq = page.seq;
      for (const event of page.events as readonly WireEvent[]) if (fits(filter, event) && !onEvent(event)) return;
      if (page.events.length < PAGE) await sleep(clock, POLL_MS, closing.signal).catch(() => {});
    }
  };
  return { ended: look(), close: () => closing.abort() };
}

function coreFilter(query: EventQueryIn, clock: Clock): EventFilter {
  const checked = check(EventFilterIn, query, 'body');
  if (!checked.ok) throw new OstinatoError('bad-input', `The filter is not understood: ${checked.problems.map(({ msg }) => msg).join(' ')}`);
  const now = clock.now();
  return { ...eventFilter(checked.value as EventFilterIn, now), until: addSeconds(now, 100 * 365 * 86_400) };
}

function fits(filter: EventFilter, { id, event, occurred, resource, related, payload }: WireEvent): boolean {
  const at = parseInstant(occurred) ?? (0 as Instant);
  const whole: Event = { id: id as EventId, name: event, occurred: at, received: at, follows: null, resource, related: (related ?? []) as Event['related'], payload: JSON.stringify(payload ?? {}) };
  return isInTime(filter, whole) && includesEvent(filter, whole);
}

/** Prefect's handshake and frames: works with its server, too. */
async function overSocket({ url, secret }: Extract<Live, { kind: 'socket' }>, { clock, query, withPast, onEvent }: StreamParts): Promise<EventStream> {
  const socket = new WebSocket(`${url}/events/out`, 'prefect');
  const ready = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  // Told by `ready` where it fails before.
  over.promise.catch(() => {});
  let isWanted = true;
  const since = formatInstant(addSeconds(clock.now(), -OVERLAP_SECONDS));
  const occurred = withPast ? { since: query.occurred.since !== undefined && query.occurred.since > since ? query.occurred.since : since } : query.occurred;
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'auth', token: secret ?? '' })));
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(String(data)) as { readonly type?: string; readonly event?: WireEvent };
    if (frame.type === 'auth_success') {
      // What happens between the list and this message is in the past that is sent first.
      socket.send(JSON.stringify({ type: 'filter', backfill: withPast, filter: { ...query, occurred: { ...occurred, until: formatInstant(addSeconds(clock.now(), 50 * 365 * 86_400)) } } }));
      return ready.resolve();
    }
    if (frame.type !== 'event' || frame.event === undefined || !isWanted) return;
    isWanted = onEvent(frame.event);
    if (!isWanted) {
      socket.close();
      over.resolve();
    }
  });
  socket.addEventListener('close', ({ reason }) => {
    const gone = new OstinatoError('server-unavailable', `The server at ${url.replace(/^ws/, 'http')} has closed the stream of events${reason === '' ? '.' : `: ${reason}`}`, { remedy: 'Is the server running? Call the command again with --since to miss nothing.' });
    ready.reject(gone);
    over.reject(gone);
  });
  await ready.promise;
  return {
    ended: over.promise,
    close: () => {
      over.resolve();
      socket.close();
    },
  };
}
