/** The block that says where a message goes. */

import { secretForms } from '../../core/blocks/secret-forms.ts';
import { MASK } from '../../core/blocks/secrets.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../../core/event.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockDocumentId } from '../../core/ids.ts';
import type { ChannelBlock } from '../../core/notifications/channel.ts';
import { readBlockDocument } from '../blocks/documents.ts';
import type { BlockPorts } from '../blocks/ports.ts';
import { secretRules, type BlockDocumentView } from '../blocks/views.ts';
import { ActionRefused, type Acting } from './acting.ts';
import type { ActingPorts } from './ports.ts';
import { asked } from './refusals.ts';

/** Of texts that may be the name of a login. */
const NAME_CHARACTERS_MAX = 200;
const NAMES_MAX = 20;

export interface OpenBlock {
  readonly view: BlockDocumentView;
  /** With its secrets, for a channel. */
  readonly block: ChannelBlock;
  /** What is to be masked in whatever is said of it. */
  readonly secrets: readonly string[];
}

/** `null`: there is none. */
export async function openBlock(ports: BlockPorts, id: BlockDocumentId): Promise<OpenBlock | null> {
  const view = await readBlockDocument(ports, id, true);
  if (view === null) return null;
  const data = JSON.parse(JSON.stringify(view.data)) as ChannelBlock['data'];
  return { view, block: { slug: view.type?.slug ?? '', data }, secrets: secretsOf(view) };
}

/** @param problem why it is not such a block; `null`: it is @throws ActionRefused */
export async function readBlock(
  ports: ActingPorts,
  acting: Acting,
  problem: (view: BlockDocumentView) => string | null,
): Promise<ChannelBlock> {
  const { action, told } = acting;
  const id = action['block_document_id'] as BlockDocumentId;
  const { view, block, secrets } = await asked(acting, null, async () => {
    const found = await openBlock(ports, id);
    if (found === null) throw new OstinatoError('not-found', 'Block document not found');
    return found;
  });
  told.secrets.push(...secrets);
  const wrong = problem(view);
  if (wrong !== null) throw new ActionRefused(wrong);
  told.related.push(
    { [RESOURCE_ID]: `prefect.block-document.${id}`, [RESOURCE_ROLE]: 'block', [RESOURCE_NAME]: view.document.name },
    { [RESOURCE_ID]: `prefect.block-type.${block.slug}`, [RESOURCE_ROLE]: 'block-type' },
  );
  return block;
}

/** Why it cannot notify; `null`: it can. */
export function notifyProblem({ schema }: BlockDocumentView): string | null {
  return schema?.capabilities.includes('notify') ? null : 'The referenced block was not a notification block';
}

/** What the block keeps secret, in the forms in which it may come back. */
function secretsOf({ data, schema }: BlockDocumentView): readonly string[] {
  const open: string[] = [];
  const hidden: string[] = [];
  const look = (value: unknown, masked: unknown): void => {
    if (masked === MASK) return textsIn(value, hidden);
    if (typeof value === 'string') open.push(value);
    if (typeof value !== 'object' || value === null || typeof masked !== 'object' || masked === null) return;
    const other = masked as Readonly<Record<string, unknown>>;
    for (const [key, item] of Object.entries(value)) look(item, other[key]);
  };
  look(data, secretRules(schema).masked(data));
  // A login is sent as `name:password` in base64: any short text of the block may be the name.
  const names = [...open, ...hidden].filter((text) => text.length <= NAME_CHARACTERS_MAX).slice(0, NAMES_MAX);
  return hidden.flatMap((secret) => secretForms(secret, names));
}

function textsIn(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) textsIn(item, texts);
}
