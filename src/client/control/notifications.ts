/** Channels: blocks that can notify, as people look at them and try them. */

import { TEST_NOTIFICATION, type NotificationTest } from '../../contract/notification-test.ts';
import { LIST_BLOCK_DOCUMENTS, READ_BLOCK_DOCUMENT } from '../../contract/routes/blocks.ts';
import type { BlockDocument } from '../../contract/schema/block.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import type { ControlPlane } from './plane.ts';

export interface NotificationClient {
  /** By type and name. */
  list(wanted: { readonly limit: number; readonly name?: string }): Promise<readonly BothViews<BlockDocument>[]>;
  /** Whether it can notify or not; `null`: there is none. */
  read(id: string): Promise<BothViews<BlockDocument> | null>;
  /** Sends a message, once. `unsupported` of a server that sends none by itself (Prefect's). */
  test(id: string, said: { readonly subject?: string; readonly body?: string }): Promise<BothViews<NotificationTest>>;
}

export function notificationsOf(plane: ControlPlane): NotificationClient {
  return {
    list: ({ limit, name }) => {
      const notifying = { block_schemas: { block_capabilities: { all_: ['notify'] } } };
      const body = { ...notifying, ...(name === undefined ? {} : { block_documents: { name: { any_: [name] } } }) };
      return plane.list(LIST_BLOCK_DOCUMENTS, { ...body, sort: 'BLOCK_TYPE_AND_NAME_ASC' }, { limit });
    },
    read: (id) => plane.find(READ_BLOCK_DOCUMENT, { id }),
    test: async (id, said) => {
      if (plane.kind === 'prefect')
        throw new OstinatoError('unsupported', 'A server of Prefect sends no message of a test.', {
          remedy: 'Call notify() of the block in Python.',
        });
      // Whoever asks twice is sent two messages.
      return await plane.ask(TEST_NOTIFICATION, { params: { id }, body: said, once: true });
    },
  };
}

/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;

/** `slack-webhook/ops`. */
export function channelName({ name, block_type: type }: BlockDocument): string {
  return `${type?.slug ?? ''}/${name ?? ''}`;
}

/** By its name, `TYPE/NAME`, or id. `not-found`; `bad-input` for a name that several have. */
export async function findChannel(notifications: NotificationClient, word: string): Promise<BothViews<BlockDocument>> {
  const byId = isUuid(word) ? await notifications.read(word.toLowerCase()) : null;
  if (byId !== null) return byId;
  const [, slug, name = word] = /^([^/]*)\/(.*)$/s.exec(word) ?? [];
  const named = await notifications.list({ limit: NAMES_MAX, name });
  const [found, other] = named.filter(({ plain }) => slug === undefined || plain.block_type?.slug === slug);
  if (found !== undefined && other === undefined) return found;
  if (found !== undefined)
    throw new OstinatoError('bad-input', `Several blocks that can notify have the name "${name}".`, {
      remedy: `Say which, for instance ${channelName(found.plain)}`,
    });
  const names = (await notifications.list({ limit: NAMES_MAX })).map(({ plain }) => plain.name ?? '');
  throw new OstinatoError('not-found', `There is no block "${word}" that can notify.${didYouMean(name, names)}`, {
    remedy: names.length === 0 ? 'There are none yet.' : 'Take a name from: ostinato notification ls',
  });
}
