/** What an automation would have done with the events that are stored: asked for piece by piece. */
import type { BackTestAnswer, BackTestFiring, BackTestHint, CountedWindowWire } from '../../src/contract/back-test.ts';
import { JsonText, postJson } from './http.ts';

export type { BackTestFiring, BackTestHint, CountedWindowWire };

export interface BackTest {
  readonly since: string;
  readonly until: string;
  /** Events that were looked at so far. */
  readonly events: number;
  readonly fired: number;
  /** The first ones. */
  readonly firings: readonly BackTestFiring[];
  readonly missed: number;
  readonly nearMisses: readonly CountedWindowWire[];
  readonly hints: readonly BackTestHint[];
  readonly endedEarly: string | null;
  /** 0 to 1; 1: it is over. */
  readonly progress: number;
}

/** Firings and near misses that are shown one by one. */
const SHOWN_MAX = 20;

/**
 * @param automation JSON, as it would be sent to be made
 * @param onProgress told of what is known so far, after each piece
 */
export async function backTest(
  automation: string,
  sinceDaysAgo: number,
  onProgress: (known: BackTest) => void,
  signal: AbortSignal,
): Promise<BackTest> {
  const now = Date.now();
  const period = { since: new Date(now - sinceDaysAgo * 86_400_000).toISOString(), until: new Date(now).toISOString() };
  let known: BackTest | null = null;
  for (let continuation: string | null = null; ;) {
    const asked = { ...period, preview: true, limit: SHOWN_MAX, ...(continuation === null ? {} : { continuation }) };
    const body = new JsonText(`${JSON.stringify(asked).slice(0, -1)},"automation":${automation}}`);
    const answer: BackTestAnswer = await postJson<BackTestAnswer>('/ostinato/automations/back-test', body, { signal });
    known = withPiece(known, answer);
    onProgress(known);
    ({ continuation } = answer);
    if (continuation === null) return known;
  }
}

function withPiece(known: BackTest | null, piece: BackTestAnswer): BackTest {
  return {
    since: piece.since,
    until: piece.until,
    events: piece.events,
    fired: (known?.fired ?? 0) + piece.fired,
    firings: [...(known?.firings ?? []), ...piece.firings].slice(0, SHOWN_MAX),
    missed: (known?.missed ?? 0) + piece.missed,
    nearMisses: [...(known?.nearMisses ?? []), ...piece.near_misses].slice(0, SHOWN_MAX),
    hints: piece.hints,
    endedEarly: piece.ended_early,
    progress: piece.continuation === null ? 1 : piece.progress,
  };
}
