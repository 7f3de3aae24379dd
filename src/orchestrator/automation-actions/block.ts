/** The block that says where a message goes. */

import { MASK } from '../../core/blocks/secrets.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../../core/event.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockDocumentId } from '../../core/ids.ts';
import { readBlockDocument } from '../blocks/documents.ts';
import { secretRules, type BlockDocumentView } from '../blocks/views.ts';
import { ActionRefused, type Acting, type Told } from './acting.ts';
import type { ActingPorts } from './ports.ts';
import { asked } from './refusals.ts';

/** Shorter ones are in every other text. */
const SECRET_CHARACTERS_MIN = 4;

export interface MessageBlock {
  readonly slug: string;
  /** Plain JSON, with its secrets. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** @param problem why it is not such a block; `null`: it is @throws ActionRefused */
export async function readBlock(
  ports: ActingPorts,
  acting: Acting,
  problem: (view: BlockDocumentView) => string | null,
): Promise<MessageBlock> {
  const { action, told } = acting;
  const id = action['block_document_id'] as BlockDocumentId;
  const view = await asked(acting, null, async () => {
    const found = await readBlockDocument(ports, id, true);
    if (found === null) throw new OstinatoError('not-found', 'Block document not found');
    return found;
  });
  noteSecrets(view, told);
  const wrong = problem(view);
  if (wrong !== null) throw new ActionRefused(wrong);
  const slug = view.type?.slug ?? '';
  told.related.push(
    { [RESOURCE_ID]: `prefect.block-document.${id}`, [RESOURCE_ROLE]: 'block', [RESOURCE_NAME]: view.document.name },
    { [RESOURCE_ID]: `prefect.block-type.${slug}`, [RESOURCE_ROLE]: 'block-type' },
  );
  return { slug, data: JSON.parse(JSON.stringify(view.data)) as MessageBlock['data'] };
}

function noteSecrets({ data, schema }: BlockDocumentView, { secrets }: Told): void {
  const look = (open: unknown, masked: unknown): void => {
    if (masked === MASK) return noteTexts(open, secrets);
    if (typeof open !== 'object' || open === null || typeof masked !== 'object' || masked === null) return;
    const other = masked as Readonly<Record<string, unknown>>;
    for (const [key, value] of Object.entries(open)) look(value, other[key]);
  };
  look(data, secretRules(schema).masked(data));
}

function noteTexts(value: unknown, secrets: string[]): void {
  if (typeof value === 'string') {
    for (const text of [value, ...pathOf(value)]) if (text.length >= SECRET_CHARACTERS_MIN) secrets.push(text);
  } else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) noteTexts(item, secrets);
}

/** A receiver that repeats what it was asked knows of an address its path alone. */
function pathOf(text: string): readonly string[] {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return [];
  const { pathname, search } = new URL(text);
  return pathname.length > 1 ? [`${pathname}${search}`, pathname] : [];
}
