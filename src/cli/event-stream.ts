/** Live events: over the socket of a server, or by polling the store. No event is reported twice. */
import { EventFilterIn } from '../contract/body/event-filter.ts';
import { check } from '../contract/checker.ts';
import { liveEventFilter } from '../contract/decode/event-filter.ts';
import { OstinatoError } from '../core/errors.ts';
import { includesEvent, isInTime, type EventFilter } from '../core/event-filter.ts';
import type { Event } from '../core/event.ts';
import type { EventId } from '../core/ids.ts';
import { addSeconds, parseInstant, sleep, type Clock, type Instant } from '../core/time.ts';
import type { EventQueryIn } from './event-filter.ts';
import { overSocket } from './event-socket.ts';
import type { Live } from './open-api.ts';

export type WireEvent = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly event: string;
  readonly occurred: string;
  readonly resource: Readonly<Record<string, string>>;
};

export interface StreamParts {
  readonly clock: Clock;
  readonly query: EventQueryIn;
  /**
   * Whether past events are listed, too: then the stream overlaps with the list, so that no event falls between them.
   */
  readonly withPast: boolean;
  /** Called when the server is away, and may come back. */
  readonly onBreak: () => void;
  /** @returns whether more events are wanted */
  readonly onEvent: (event: WireEvent) => boolean;
}

export interface EventStream {
  /** Resolves when the stream was stopped; rejects when the server stays away. */
  readonly ended: Promise<void>;
  /** Stops the stream; `ended` resolves. */
  readonly close: () => void;
}

const POLL_MS = 200;
const PAGE = 200;
/** Ids that are remembered, so that an event of the list is not reported again. */
const SEEN_MAX = 20_000;

export class SeenEvents {
  readonly #ids = new Set<string>();

  /** @returns whether the event is new */
  add({ id }: WireEvent): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > SEEN_MAX)
      for (const oldest of this.#ids) {
        this.#ids.delete(oldest);
        break;
      }
    return true;
  }
}

/** Resolves when every event from now on will be reported. */
export async function openStream(live: Live, parts: StreamParts): Promise<EventStream> {
  return live.kind === 'socket' ? await overSocket(live, parts) : await fromStore(live, parts);
}

async function fromStore(
  { api }: Extract<Live, { kind: 'store' }>,
  { clock, query, onEvent }: StreamParts,
): Promise<EventStream> {
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
  if (!checked.ok)
    throw new OstinatoError(
      'bad-input',
      `The filter is not understood: ${checked.problems.map(({ msg }) => msg).join(' ')}`,
    );
  const now = clock.now();
  return { ...liveEventFilter(checked.value as EventFilterIn, now), until: addSeconds(now, 100 * 365 * 86_400) };
}

function fits(filter: EventFilter, { id, event, occurred, resource, related, payload }: WireEvent): boolean {
  const at = parseInstant(occurred) ?? (0 as Instant);
  const whole: Event = {
    id: id as EventId,
    name: event,
    occurred: at,
    received: at,
    follows: null,
    resource,
    related: (related ?? []) as Event['related'],
    payload: JSON.stringify(payload ?? {}),
  };
  return isInTime(filter, whole) && includesEvent(filter, whole);
}
