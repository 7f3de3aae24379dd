/** Whom an alert is told: the blocks, by owner, rota and group; and all of them as one channel. */

import type { AlertOptions } from '../../core/alerts/options.ts';
import { onCall } from '../../core/alerts/rota.ts';
import { RESOURCE_ID, type Event } from '../../core/event.ts';
import type { Channel, Delivery, MessageHandle, Notification, SendContext } from '../../core/notifications/channel.ts';
import type { Instant } from '../../core/time.ts';
import { ActionDelayed, ActionRefused, type Acting } from '../automation-actions/acting.ts';
import { openChannel } from '../automation-actions/open-channel.ts';
import type { ActingPorts } from '../automation-actions/ports.ts';

const OWNER_TAG = 'prefect.tag.owner:';

/** Ids of blocks, each once, with commas between them. */
export function recipientsOf(block: string, options: AlertOptions, event: Event | null, now: Instant): string {
  const owned = ownersOf(options, event);
  const turn = options.rota === null ? null : onCall(options.rota, options.timeZone, now);
  const first = owned.length > 0 ? owned : [turn ?? block];
  return [...new Set([...first, ...options.group])].join(',');
}

/** What is folded together: that of one block, or of the blocks of its owner. */
export function scopeOf(block: string, options: AlertOptions, event: Event | null): string {
  return [...new Set([...ownersOr(block, options, event), ...options.group])].join(',');
}

function ownersOr(block: string, options: AlertOptions, event: Event | null): readonly string[] {
  const owned = ownersOf(options, event);
  return owned.length > 0 ? owned : [block];
}

function ownersOf({ owners }: AlertOptions, event: Event | null): readonly string[] {
  const tags = event?.related.flatMap(({ [RESOURCE_ID]: id = '' }) => (id.startsWith(OWNER_TAG) ? [id] : [])) ?? [];
  return tags.flatMap((tag) => {
    const name = tag.slice(OWNER_TAG.length);
    return Object.hasOwn(owners, name) ? (owners[name] ?? []) : [];
  });
}

/** @throws ActionRefused where none of them can be opened */
export async function openRecipients(ports: ActingPorts, acting: Acting, recipients: string): Promise<Channel> {
  const ids = recipients.split(',');
  const open = (id: string): Promise<Channel> =>
    openChannel(ports, { ...acting, action: { ...acting.action, block_document_id: id } });
  if (ids.length === 1) return await open(ids[0] ?? '');
  return groupOf(await Promise.all(ids.map((id) => open(id).catch((error: unknown) => closed(error)))));
}

/** One that says why it cannot be opened. */
function closed(error: unknown): Channel {
  return { kind: 'closed', send: () => Promise.reject(error as Error) };
}

/** Does with each member what it can; what a group can do is what all of its members can. */
function groupOf(members: readonly Channel[]): Channel {
  const all = async (
    handle: MessageHandle | null,
    tell: (member: Channel, handle: MessageHandle | null) => Promise<Delivery>,
  ): Promise<Delivery> => {
    const handles = handle === null ? [] : (JSON.parse(handle) as readonly (MessageHandle | null)[]);
    const deliveries = await Promise.all(
      members.map((member, index) => tell(member, handles[index] ?? null).catch(deliveryOf)),
    );
    return together(deliveries, handle);
  };
  const can = (ability: 'edit' | 'reply'): boolean => members.every((member) => member[ability] !== undefined);
  const further =
    (notification: Notification, context: SendContext) => (member: Channel, handle: MessageHandle | null) => {
      if (handle !== null && member.edit !== undefined) return member.edit(handle, notification, context);
      if (handle !== null && member.reply !== undefined) return member.reply(handle, notification, context);
      return member.send(notification, context);
    };
  return {
    kind: 'group',
    send: (notification, context) => all(null, (member) => member.send(notification, context)),
    ...(can('edit') ? { edit: (handle, notification, context) => all(handle, further(notification, context)) } : {}),
    ...(can('reply')
      ? {
          reply: (handle, notification, context) =>
            all(handle, (member, own) =>
              own !== null && member.reply !== undefined
                ? member.reply(own, notification, context)
                : member.send(notification, context),
            ),
        }
      : {}),
  };
}

function deliveryOf(error: unknown): Delivery {
  const receipt = error instanceof Error ? error.message : String(error);
  if (error instanceof ActionRefused) return { outcome: 'refused', receipt };
  return { outcome: 'delayed', afterSeconds: error instanceof ActionDelayed ? error.afterSeconds : null, receipt };
}

/** Taken when one of them took it: those would hear it twice. */
function together(deliveries: readonly Delivery[], before: MessageHandle | null): Delivery {
  const taken = deliveries.filter(({ outcome }) => outcome === 'accepted' || outcome === 'partial');
  const delayed = deliveries.flatMap((one) => (one.outcome === 'delayed' ? [one] : []));
  const receipt = `${taken.length} of ${deliveries.length} took it. ${deliveries.map((one) => one.receipt).join(' ')}`;
  if (taken.length === 0 && delayed.length > 0)
    return { outcome: 'delayed', afterSeconds: delayed[0]?.afterSeconds ?? null, receipt };
  if (taken.length === 0) return { outcome: 'refused', receipt };
  const handles = deliveries.map((one) => ('handle' in one ? one.handle : null));
  return {
    outcome: taken.length === deliveries.length ? 'accepted' : 'partial',
    handle: before ?? (handles.every((handle) => handle === null) ? null : JSON.stringify(handles)),
    receipt,
  };
}
