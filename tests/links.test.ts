/** What the documentation points at is there; each promise of docs/PROMISES.md names a file that holds tests. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const pages = ['README.md', ...globSync(['docs/**/*.md', 'bench/*.md', 'examples/*.md'], { cwd: root })];

/** Relative ones, without what follows a `#`. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[^]*?```|`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map((match) => match[1] as string)
    .filter((link) => !/^[a-z]+:/.test(link));
}

test('links of the documentation lead somewhere', () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, link })));
  assert.ok(links.length > 50, 'links were seen');
  const broken = links.filter(({ page, link }) => !existsSync(join(root, dirname(page), link)));
  assert.deepEqual(broken, []);
});

test('each promise names a file with tests', () => {
  const rows = readFileSync(join(root, 'docs/PROMISES.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!-|promise|what happen(?:s|ed there))/.test(line) && !line.startsWith('|---'));
  assert.ok(rows.length > 30, `${rows.length} promises`);
  for (const row of rows) {
    const files = [...row.matchAll(/\]\(([^)]+\.test\.ts)\)/g)].map((match) => join(root, 'docs', match[1] as string));
    assert.ok(files.length > 0, `a test stands beside: ${row.slice(0, 80)}`);
    for (const file of files)
      assert.match(readFileSync(file, 'utf8'), /\btest\(|\bsuite\(|\bdescribe\(/, relative(root, file));
  }
});
