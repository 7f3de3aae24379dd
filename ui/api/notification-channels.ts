/** Notification channels: blocks that can notify, what their page shows, and what is done with them there. */
import { queryOptions } from '@tanstack/react-query';

import type { NotificationTest } from '../../src/contract/notification-test.ts';
import type { NotificationChannel } from '../../src/contract/routes/ui-notification-channels.ts';
import { deleteAt, getJson, JsonText, postJson, postLossless } from './http.ts';

export type { NotificationChannel, NotificationTest };

export interface ChannelsPage {
  readonly as_of: string;
  readonly channels: readonly NotificationChannel[];
}

export function channelsPageQuery() {
  return queryOptions({
    queryKey: ['notification-channels', 'page'],
    queryFn: ({ signal }) => getJson<ChannelsPage>('/ui/pages/notification_channels', { signal }),
  });
}

/** A kind of block that can notify, with the schema of its fields. */
export interface ChannelType {
  readonly schemaId: string;
  readonly typeId: string;
  readonly name: string;
  /** A JSON schema, numbers as they were written. */
  readonly fields: unknown;
}

interface BlockSchema {
  readonly id: string;
  readonly block_type_id: string;
  readonly block_type: { readonly name: string } | null;
  readonly fields: unknown;
}

const SCHEMAS_MAX = 200;

/** By name; of several schemas of one type the newest. */
export function channelTypesQuery() {
  return queryOptions({
    queryKey: ['notification-channels', 'types'],
    queryFn: async ({ signal }) => {
      const asked = { block_schemas: { block_capabilities: { all_: ['notify'] } }, limit: SCHEMAS_MAX };
      const schemas = await postLossless<readonly BlockSchema[]>('/block_schemas/filter', asked, { signal });
      const types = new Map<string, ChannelType>();
      for (const { id, block_type_id: typeId, block_type: type, fields } of schemas)
        if (type !== null && !types.has(typeId)) types.set(typeId, { schemaId: id, typeId, name: type.name, fields });
      return [...types.values()].toSorted((a, b) => a.name.localeCompare(b.name));
    },
  });
}

/** @param data JSON */
export async function makeChannel({ schemaId, typeId }: ChannelType, name: string, data: string): Promise<void> {
  const head = JSON.stringify({ name, block_type_id: typeId, block_schema_id: schemaId });
  await postJson('/block_documents/', new JsonText(`${head.slice(0, -1)},"data":${data}}`));
}

export async function deleteChannel(id: string): Promise<void> {
  await deleteAt(`/block_documents/${id}`);
}

/** Sends a message that shows whether the channel works. @returns what its service said, whether it took it or not */
export async function testChannel(id: string): Promise<NotificationTest> {
  return await postJson<NotificationTest>(`/ostinato/block_documents/${id}/notification-test`, {});
}
