import type { BlockType } from '../../core/blocks/block.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockTypeId, IdSource } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import { changeEvent } from '../events.ts';
import type { BlockPorts } from './ports.ts';

export type NewBlockType = Omit<BlockType, 'id' | 'isProtected' | 'createdAt' | 'updatedAt'>;
export type BlockTypePresentation = Pick<BlockType, 'logoUrl' | 'documentationUrl' | 'description' | 'codeExample'>;

/** `forbidden` for a name that is reserved for the system; `conflict` when the slug is taken. */
export function createBlockType(ports: BlockPorts, request: NewBlockType): MaybePromise<BlockType> {
  if (request.name.toLowerCase().startsWith('prefect')) {
    throw new OstinatoError('forbidden', "Block type names beginning with 'Prefect' are reserved.");
  }
  const now = ports.clock.now();
  return ports.storage.changeBlockType<BlockType>({ slug: request.slug }, (found) => {
    if (found) throw new OstinatoError('conflict', `Block type with name "${request.name}" already exists`);
    const type: BlockType = {
      ...request,
      id: ports.ids.next<BlockTypeId>(),
      isProtected: false,
      createdAt: now,
      updatedAt: now,
    };
    return { type, events: [blockTypeEvent(ports.ids, type, 'created', now)], answer: type };
  });
}

/** Absent fields stay. Returns whether the type existed. */
export function updateBlockType(
  ports: BlockPorts,
  id: BlockTypeId,
  change: { readonly [Field in keyof BlockTypePresentation]?: BlockTypePresentation[Field] | undefined },
): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeBlockType<boolean>({ id }, (found) => {
    if (found === null) return { answer: false };
    const said = Object.entries(change).filter(
      ([field, value]) => value !== undefined && value !== found[field as keyof BlockTypePresentation],
    );
    // Clients register their types at every start: equal values are no change.
    if (said.length === 0) return { answer: true };
    const type: BlockType = { ...found, ...Object.fromEntries(said), updatedAt: now };
    return { type, events: [blockTypeEvent(ports.ids, type, 'updated', now)], answer: true };
  });
}

/** Deletes the type with its schemas and documents. Returns whether it existed; `forbidden` for a protected one. */
export function deleteBlockType(ports: BlockPorts, id: BlockTypeId): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeBlockType<boolean>({ id }, (found) => {
    if (found === null) return { answer: false };
    if (found.isProtected) throw new OstinatoError('forbidden', 'protected block types cannot be deleted.');
    return { type: null, events: [blockTypeEvent(ports.ids, found, 'deleted', now)], answer: true };
  });
}

export function blockTypeEvent(ids: IdSource, type: BlockType, what: 'created' | 'updated' | 'deleted', now: Instant) {
  const { name, slug, logoUrl, documentationUrl, description, codeExample, isProtected } = type;
  const payload = {
    name,
    slug,
    logo_url: logoUrl,
    documentation_url: documentationUrl,
    description,
    code_example: codeExample,
    is_protected: isProtected,
  };
  return changeEvent(ids, 'block-type', type.id, what, now, payload, { name });
}
