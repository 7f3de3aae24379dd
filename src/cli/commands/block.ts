import type { Command } from 'commander';

import type { Transport } from '../../client/http/transport.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { parseInstant, type Instant } from '../../core/time.ts';
import { parseLimit } from '../arguments.ts';
import { confirmDeletion } from '../confirm.ts';
import { showAgo, timeOf } from '../format.ts';
import { askOrNull, listOf, post, withApi, type ApiContext } from '../open-api.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderFacts, renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ListOptions extends OutputOptions {
  readonly type?: string;
  readonly limit: number;
}

/** The fields of a block document that this command reads. The API masks its secrets: nothing here asks for them. */
interface Block extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly name: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly updated: string;
  readonly created: string;
  readonly block_type: { readonly slug: string; readonly name: string } | null;
}

/** Rows of a page of the API. */
const PAGE = 200;
const BLOCKS_MAX = 1000;

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List blocks, by name.');
  list
    .option('--type <slug>', 'only blocks of this type, for instance secret')
    .option('--limit <count>', 'how many at most', parseLimit, 200)
    .addOption(outputOption(list))
    .action((options: ListOptions) => withApi(terminal, (context) => listBlocks(context, options)));
  addExamples(list, [['ostinato block ls --type secret', 'of one type']]);

  const inspect = command.command('inspect').description('Show what a block holds; secrets are masked.');
  inspect
    .argument('<block>', 'TYPE/NAME, or id')
    .addOption(outputOption(inspect))
    .action((word: string, { output }: OutputOptions) =>
      withApi(terminal, async ({ api }) => {
        const block = await findBlock(api, word);
        printResult(terminal, output, block, () => describe(block, terminal));
      }),
    );
  addExamples(inspect, [['ostinato block inspect secret/warehouse', 'its values, secrets masked']]);

  const remove = command
    .command('delete')
    .description('Delete blocks. Blocks and flows that refer to them do not find them any more.');
  remove
    .argument('<block...>', 'TYPE/NAME, or ids')
    .option('-y, --yes', 'without asking')
    .addOption(outputOption(remove))
    .action((words: string[], options: OutputOptions & { readonly yes?: boolean }) =>
      withApi(terminal, (context) => deleteBlocks(context, words, options)),
    );
  addExamples(remove, [['ostinato block delete -y secret/warehouse', 'without asking']]);
}

async function listBlocks({ api, clock, terminal }: ApiContext, { type, limit, output }: ListOptions): Promise<void> {
  const blocks = await readBlocks(api, type, limit);
  const now = clock.now();
  const columns: Column<Block>[] = [
    { title: 'ID', text: ({ id }) => id, is: 'id' },
    { title: 'BLOCK', text: wordOf, is: 'whole' },
    { title: 'TYPE', text: ({ block_type: of }) => of?.name ?? '', shrinks: true, drops: 2 },
    { title: 'UPDATED', text: ({ updated }) => agoOf(updated, now), drops: 1 },
  ];
  printResult(terminal, output, blocks, () =>
    blocks.length === 0
      ? 'No blocks yet. Python clients make them with Block(…).save("NAME"), the API with POST /api/block_documents/.'
      : renderTable(blocks, columns, terminal),
  );
}

async function readBlocks(api: Transport, type: string | undefined, limit: number): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  const narrowed = type === undefined ? {} : { block_types: { slug: { any_: [type] } } };
  while (blocks.length < limit) {
    const wanted = Math.min(PAGE, limit - blocks.length);
    const page = listOf(
      await post(api, '/block_documents/filter', {
        ...narrowed,
        limit: wanted,
        offset: blocks.length,
        sort: 'NAME_ASC',
      }),
      'a list of blocks',
    ) as readonly Block[];
    blocks.push(...page);
    if (page.length < wanted) break;
  }
  return blocks;
}

async function findBlock(api: Transport, word: string): Promise<Block> {
  const [slug = '', name] = word.split('/', 2);
  const path = isUuid(word)
    ? `/block_documents/${word.toLowerCase()}`
    : `/block_types/slug/${encodeURIComponent(slug)}/block_documents/name/${encodeURIComponent(name ?? '')}`;
  if (isUuid(word) || (slug !== '' && name !== undefined && name !== '')) {
    const found = (await askOrNull(api, path)) as Block | null;
    if (found !== null) return found;
  }
  const all = await readBlocks(api, undefined, BLOCKS_MAX);
  const named = all.filter((block) => block.name === word);
  if (named.length === 1 && named[0] !== undefined) return named[0];
  const words = (named.length > 0 ? named : all).map(wordOf);
  if (named.length > 1)
    throw new OstinatoError('conflict', `Several blocks have the name "${word}": ${words.join(', ')}.`, {
      remedy: 'Name the type, too: TYPE/NAME.',
    });
  throw new OstinatoError('not-found', `There is no block "${word}".${didYouMean(word, words)}`, {
    remedy: 'List them with: ostinato block ls',
  });
}

/** All are read before the first is deleted. */
async function deleteBlocks(
  { api, terminal }: ApiContext,
  words: readonly string[],
  { yes = false, output }: OutputOptions & { readonly yes?: boolean },
): Promise<void> {
  const blocks = new Map<string, Block>();
  for (const word of words) {
    const block = await findBlock(api, word);
    blocks.set(block.id, block);
  }
  const all = [...blocks.values()];
  if (!yes && !(await confirmDeletion(terminal, all.length === 1 ? `block ${words[0]}` : `${all.length} blocks`)))
    return;
  for (const { id } of all) await api.send({ method: 'DELETE', path: `/block_documents/${id}`, expected: [404] });
  const deleted = all.map((block) => ({ id: block.id, name: wordOf(block) }));
  printResult(terminal, output, { deleted }, () =>
    deleted.map(({ id, name }) => `${name} (${id}) is deleted.`).join('\n'),
  );
}

function wordOf({ block_type: type, name }: Block): string {
  return `${type?.slug ?? '?'}/${name ?? '(anonymous)'}`;
}

function describe(block: Block, terminal: Terminal): string {
  const facts: [string, string][] = [
    ['id', block.id],
    ['block', wordOf(block)],
    ['type', block.block_type?.name ?? ''],
    ['created', timeOf(block.created)],
    ['updated', timeOf(block.updated)],
  ];
  const values = Object.entries(block.data).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return `${renderFacts(facts, terminal)}\n${terminal.style('bold', 'values')}\n${
    values.length === 0
      ? '  none\n'
      : renderFacts(
          values.map(([key, value]) => [`  ${key}`, value]),
          terminal,
        )
  }`;
}

function agoOf(text: string, now: Instant): string {
  const at = parseInstant(text);
  return at === null ? '' : showAgo(at, now);
}
