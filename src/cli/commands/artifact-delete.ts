import type { Command } from 'commander';

import { isUuid } from '../../core/ids.ts';
import { OstinatoError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { confirmDeletion } from '../confirm.ts';
import { listOf, post, withApi, askOrNull, type ApiContext } from '../open-api.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

interface DeleteOptions extends OutputOptions {
  readonly yes?: boolean;
}

interface Found {
  readonly id: string;
  readonly key: string | null;
}

/** Rows of a page of the API. */
const PAGE = 200;

export function defineDelete(command: Command, terminal: Terminal): void {
  const remove = command.command('delete').description('Delete artifacts: all versions of a key, or one by its id.');
  remove
    .argument('<artifact...>', 'keys (all their versions), or ids')
    .option('-y, --yes', 'without asking')
    .addOption(outputOption(remove))
    .action((words: string[], options: DeleteOptions) =>
      withApi(terminal, (context) => deleteArtifacts(context, words, options)),
    );
  addExamples(remove, [
    ['ostinato artifact delete sales-by-month', 'every version; asks first'],
    ['ostinato artifact delete -y 01a0f3b2-4c5d-7a6b-8c9d-0e1f2a3b4c5d', 'one version, without asking'],
  ]);
}

/** All are read before the first is deleted. */
async function deleteArtifacts(
  { api, terminal }: ApiContext,
  words: readonly string[],
  { yes = false, output }: DeleteOptions,
): Promise<void> {
  const found = new Map<string, Found>();
  for (const word of words) for (const artifact of await find(api, word)) found.set(artifact.id, artifact);
  const all = [...found.values()];
  const what =
    words.length === 1 && all.length > 1
      ? `all ${all.length} versions of artifact ${words[0]}`
      : all.length === 1
        ? `artifact ${words[0]}`
        : `${all.length} artifacts`;
  if (!yes && !(await confirmDeletion(terminal, what))) return;
  for (const { id } of all) await api.send({ method: 'DELETE', path: `/artifacts/${id}`, expected: [404] });
  printResult(terminal, output, { deleted: all }, () =>
    all.map(({ id, key }) => `${key === null ? id : `${key} (${id})`} is deleted.`).join('\n'),
  );
}

async function find(api: ApiContext['api'], word: string): Promise<readonly Found[]> {
  const byId = isUuid(word) ? ((await askOrNull(api, `/artifacts/${word.toLowerCase()}`)) as Found | null) : null;
  if (byId !== null) return [{ id: byId.id, key: byId.key }];
  const found: Found[] = [];
  for (;;) {
    const page = await list(api, { key: { any_: [word] } }, found.length);
    found.push(...page);
    if (page.length < PAGE) break;
  }
  if (found.length > 0) return found;
  const keys = (await list(api, {}, 0)).flatMap(({ key }) => key ?? []);
  throw new OstinatoError('not-found', `There is no artifact "${word}".${didYouMean(word, keys)}`, {
    remedy: 'Take a key or a whole id from: ostinato artifact ls',
  });
}

async function list(api: ApiContext['api'], artifacts: unknown, offset: number): Promise<readonly Found[]> {
  const page = listOf(
    await post(api, '/artifacts/filter', { artifacts, limit: PAGE, offset, sort: 'CREATED_DESC' }),
    'a list of artifacts',
  );
  return page.map(({ id, key }) => ({ id: String(id), key: typeof key === 'string' ? key : null }));
}
