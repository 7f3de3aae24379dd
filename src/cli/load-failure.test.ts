import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { importModule } from '../platform/user-modules.ts';
import { loadFailure } from './load-failure.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ostinato-load-')));
after(() => rmSync(folder, { recursive: true, force: true }));

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{"type":"module","imports":{"#known/*":"./lib/*"},"dependencies":{"asked-for":"^1.0.0"}}',
  'tsconfig.json': `{
    "extends": "./base.json", // comments, and a comma at the end
    /* "paths" of a "comment" */
    "compilerOptions": { "paths": { "@/*": ["./*"], "~two": ["./lib/two.ts"], "gone/*": ["./gone/*"], "https://*": ["./x"] }, },
  }`,
  'base.json': '{"compilerOptions":{"baseUrl":"./lib"}}',
  'lib/two.ts': 'export const two = 2;',
  'lib/data.json': '{}',
  'lib/style.css': '',
  'lib/view.tsx': 'export const view = <b/>;',
  'lib/types.ts': 'export type Only = string;',
  'lib/declared.d.ts': 'export declare const declared: number;',
  'lib/old.cjs': 'module.exports = { a: 1 };',
  'lib/decorated.ts':
    "// not here: @comment\nconst mail = 'a@b.de';\nconst log = (m: unknown) => m;\nexport class Shop {\n  @log open(): string { return mail; }\n}",
  'empty/readme.md': '',
  'node_modules/typed/package.json': '{"name":"typed","main":"index.ts"}',
  'node_modules/typed/index.ts': 'export const a: number = 1;',
  'node_modules/parts/package.json': '{"name":"parts","exports":{".":"./index.js"}}',
  'node_modules/parts/index.js': 'module.exports = 1;',
};
for (const [name, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
symlinkSync(join(folder, 'lib', 'two.ts'), join(folder, 'linked.ts'));

let count = 0;
async function wordsFor(source: string, ending = '.ts'): Promise<string> {
  const path = join(folder, `flow-${(count += 1)}${ending}`);
  writeFileSync(path, `export const before = 1;\n${source}\n`);
  const thrown: unknown = await importModule(path).finished.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown !== undefined, `${source} could be loaded`);
  const failure = loadFailure(path, thrown);
  assert.equal(failure.code, 'entrypoint-unusable');
  return `${failure.message}\n${failure.remedy}`;
}

const SAID: readonly (readonly [source: string, ...says: RegExp[]])[] = [
  [
    "import { two } from '@/lib/two.ts'; two;",
    /"@\/lib\/two\.ts", which is an alias of \S+tsconfig\.json \("paths"\)/,
    /'\.\/lib\/two\.ts'/,
  ],
  ["import { two } from '@/lib/two'; two;", /alias/, /'\.\/lib\/two\.ts'/],
  ['const { two } = await import("@/lib/two"); two;', /alias/],
  ["import { two } from '~two'; two;", /alias/, /'\.\/lib\/two\.ts'/],
  ["import x from 'gone/far'; x;", /alias of \S+tsconfig\.json/],
  ["import { two } from 'two'; two;", /alias of \S+base\.json \("baseUrl"\)/],
  ["import x from '$lib/x'; x;", /no name of a package; it looks like an alias/],
  ["import x from 'Components/Button'; x;", /looks like an alias/],
  ["import x from '#other/x.ts'; x;", /"imports" of the package\.json/],
  ["import { two } from 'lib/two'; two;", /is no package; there is a file/, /'\.\/lib\/two\.ts'/],
  ["import { two } from '/lib/two.ts'; two;", /root of the disk/, /'\.\/lib\/two\.ts'/],
  ["import x from 'asked-for/part'; x;", /package\.json asks for/, /npm install$/],
  ["import x from 'left-out'; x;", /"left-out", which is not installed/, /npm install left-out$/],
  ["import x from '@scope/left-out/part'; x;", /npm install @scope\/left-out$/],
  ["import x from 'parts/inner'; x;", /does not offer/],
  ["import x from 'typed'; x;", /never compiled/],
  ["import x from 'node:pth'; x;", /not there.*Did you mean "path"/],
  ["import x from 'https://example.com/x.js'; x;", /https:/, /npm/],
  ["import './lib/two.mts';", /does not exist\. Did you mean "two\.ts"/],
  ["import './empty';", /the folder/],
  ["import './lib/view.tsx';", /JSX/],
  ["import './lib/view';", /view\.tsx, which holds JSX/],
  ["import './lib/style.css';", /\.css/, /readFile/],
  ["import './lib/data.json';", /is JSON/, /with \{ type: 'json' \}/],
  ["import { declared } from './lib/declared.ts'; declared;", /only types/],
  [
    "import { Only } from './lib/types.ts'; export const a: Only = '';",
    /does not provide an export named 'Only'/,
    /import type/,
  ],
  ["import two from './lib/two.ts'; two;", /has no default export/, /\{ NAME \}/],
  ["import { b } from './lib/old.cjs'; b;", /CommonJS/, /const \{ b \} = all/],
  ['enum Colour { Red }', /:2 uses TypeScript.*enum/, /an object instead of an enum/],
  ['namespace N { export const a = 1; }', /namespace/, /a module of its own/],
  ['class A { constructor(private a: string) {} }', /parameter property/, /fields/],
  ["import fs = require('node:fs'); fs;", /import equals/, /import fs from/],
  ['const a = <string>"x"; a;', /angle-bracket/, /as Type/],
  ['const log = (m: unknown) => m;\nclass Shop { @log open() {} }', /:3 uses a decorator/],
  [
    'function tagged(name: string) { return (c: unknown) => name && c; }\n@tagged("x")\nclass Shop {}',
    /:3 uses a decorator/,
  ],
  ["import './lib/decorated.ts';", /decorated\.ts:5 uses a decorator/],
  ['class A { accessor x = 1; }', /decorator/],
  ['const view = <b title="x">hello</b>; view;', /:2 uses JSX/],
  ['const a = ;', /:2 cannot be parsed/],
  ['export const a = [1, async () => { return 1;', /\.ts:2 cannot be parsed: Expected .*eof/],
  ['/* never closed', /cannot be parsed: (?!.*outside of module)/],
  ["const fs = require('node:fs'); fs;", /uses require/, /import x from 'x'/],
  ['module.exports = {};', /uses module/, /export const/],
  ['console.log(__dirname);', /uses __dirname/, /import\.meta\.dirname/],
  ['const a = b; const b = 1; a;', /before initialization/, /import each other/],
  ["throw new Error('boom');", /threw while it was loaded: Error: boom/, /flow-\d+\.ts:2:7/, /put work into the flow/],
  [
    "await import('node:fs').then((fs) => fs.readFileSync('/nowhere/at/all'));",
    /threw while it was loaded: Error: ENOENT/,
  ],
  ['throw null;', /threw while it was loaded/],
];

test('nothing is said beside the reason', async () => {
  const warned: string[] = [];
  const listen = ({ name }: Error): void => void warned.push(name);
  process.on('warning', listen);
  await wordsFor('export const a = [1, async () => { return 1;');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.deepEqual(warned, []);
});

for (const [source, ...says] of SAID) {
  test(`what is said of: ${source.replaceAll('\n', ' ⏎ ')}`, async () => {
    const words = await wordsFor(source);
    for (const say of says) assert.match(words, say);
    assert.doesNotMatch(words, /npm install (?:[@~#$]\/|\.|\/|[A-Z])/);
    assert.doesNotMatch(words, /user-modules/);
  });
}

test('a file that this user may not read is no program that threw', () => {
  const refused = Object.assign(new Error("EACCES: permission denied, open '/srv/flows/etl.ts'"), { code: 'EACCES' });
  refused.stack = `Error: ${refused.message}\n    at readFileSync (node:fs:440:20)`;
  assert.equal(
    loadFailure('/srv/flows/etl.ts', refused).message,
    '/srv/flows/etl.ts cannot be read: EACCES: permission denied.',
  );
});
