/** Backfills of an Ostinato server. */

import {
  ABORT_BACKFILL,
  FILTER_BACKFILL_SLOTS,
  FILTER_BACKFILLS,
  PAUSE_BACKFILL,
  PREVIEW_BACKFILL,
  READ_BACKFILL,
  RESUME_BACKFILL,
  START_BACKFILL,
  type Backfill,
  type BackfillPreview,
  type BackfillRequest,
  type BackfillSlot,
  type BackfillStart,
} from '../../contract/backfill.ts';
import type { Static } from '../../contract/type.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import type { Absence } from './absence.ts';
import type { ControlPlane } from './plane.ts';

export type BackfillTold = Backfill;
export type BackfillRequested = BackfillStart;

export interface BackfillClient {
  /** @param limit how many slots are told one by one */
  preview(deploymentId: string, request: BackfillRequest, limit: number): Promise<BothViews<BackfillPreview>>;
  /** With an id it may be asked for again: it is the same then. */
  start(deploymentId: string, request: BackfillStart): Promise<BothViews<Backfill>>;
  /** The newest first. */
  list(wanted: BackfillsWanted): Promise<readonly BothViews<Backfill>[]>;
  read(id: string): Promise<BothViews<Backfill>>;
  slots(id: string, page: Static<typeof FILTER_BACKFILL_SLOTS.body>): Promise<BothViews<readonly BackfillSlot[]>>;
  pause(id: string): Promise<BothViews<Backfill>>;
  resume(id: string): Promise<BothViews<Backfill>>;
  /** @param running whether runs that have begun are cancelled, too */
  abort(id: string, running: boolean): Promise<BothViews<Backfill>>;
}

export interface BackfillsWanted {
  readonly limit: number;
  readonly deploymentId?: string | undefined;
  readonly name?: string | undefined;
}

export function backfillsOf(plane: ControlPlane): BackfillClient {
  return {
    preview: async (id, body, limit) => await plane.ask(PREVIEW_BACKFILL, { params: { id }, body: { ...body, limit } }),
    start: async (id, body) =>
      (await plane.ask(START_BACKFILL, { params: { id }, body, once: !body.id })) as BothViews<Backfill>,
    list: async ({ limit, deploymentId, name }) =>
      (await plane.list(FILTER_BACKFILLS, { deployment_id: deploymentId ?? null, name: name ?? null }, { limit })).map(
        (row) => row as BothViews<Backfill>,
      ),
    read: async (id) => await plane.ask(READ_BACKFILL, { params: { id } }),
    slots: async (id, body) => await plane.ask(FILTER_BACKFILL_SLOTS, { params: { id }, body }),
    pause: async (id) => await plane.ask(PAUSE_BACKFILL, { params: { id } }),
    resume: async (id) => await plane.ask(RESUME_BACKFILL, { params: { id } }),
    abort: async (id, running) => await plane.ask(ABORT_BACKFILL, { params: { id }, body: { running } }),
  };
}

/** Of a flow whose server may be away: it is waited for. */
export function tolerantBackfills({ sure }: Absence): BackfillClient {
  return {
    preview: (id, request, limit) => sure(({ backfills }) => backfills.preview(id, request, limit)),
    start: (id, request) => sure(({ backfills }) => backfills.start(id, request)),
    list: (wanted) => sure(({ backfills }) => backfills.list(wanted)),
    read: (id) => sure(({ backfills }) => backfills.read(id)),
    slots: (id, page) => sure(({ backfills }) => backfills.slots(id, page)),
    pause: (id) => sure(({ backfills }) => backfills.pause(id)),
    resume: (id) => sure(({ backfills }) => backfills.resume(id)),
    abort: (id, running) => sure(({ backfills }) => backfills.abort(id, running)),
  };
}

/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;

/** By its name or id. `not-found`. */
export async function findBackfill(backfills: BackfillClient, word: string): Promise<BothViews<Backfill>> {
  if (isUuid(word)) return await backfills.read(word.toLowerCase());
  const [found] = await backfills.list({ limit: 1, name: word });
  if (found !== undefined) return found;
  const all = await backfills.list({ limit: NAMES_MAX });
  const hint = didYouMean(
    word,
    all.map(({ plain }) => plain.name),
  );
  throw new OstinatoError('not-found', `There is no backfill "${word}".${hint}`, {
    remedy:
      all.length === 0
        ? 'Begin one with: ostinato deployment backfill DEPLOYMENT --from TIME'
        : 'Take a name from: ostinato backfill ls',
  });
}
