import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';

import { OstinatoError } from '../../core/errors.ts';
import { makeProject, type MadeProject } from './make-project.ts';
import { dependenciesOf, VERSIONS } from './project-files.ts';
import { projectName } from './project-name.ts';

const root = mkdtempSync(join(tmpdir(), 'ostinato-new-project-'));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const newFolder = (): string => join(root, `p${(count += 1)}`);
const make = (folder: string, nodeVersion = '26.10.0', ostinato = '^0.1.0'): MadeProject =>
  makeProject({ folder, ostinato, workingDirectory: root, nodeVersion });
const ALL = ['package.json', 'flow.ts', 'flow.test.ts', 'tsconfig.json', '.gitignore'];

test('a new folder gets everything', () => {
  const folder = join(newFolder(), 'deep', 'Größe 1');
  const made = make(folder);
  assert.deepEqual([made.written, made.kept, made.missing], [ALL, [], { dependencies: [], devDependencies: [] }]);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual([manifest['name'], manifest['type'], manifest['private']], ['gro-e-1', 'module', true]);
  assert.deepEqual(manifest['dependencies'], { ostinato: '^0.1.0', zod: VERSIONS.zod });
});

test('others may read a project as the umask has it', () => {
  const folder = join(newFolder(), 'deep');
  make(folder);
  for (const each of [folder, dirname(folder)]) assert.equal(statSync(each).mode & 0o777, 0o777 & ~process.umask());
});

test('what is there stays byte for byte, a link that leads nowhere and a folder in the way included', () => {
  for (const kept of ALL) {
    const folder = newFolder();
    mkdirSync(folder);
    const text = kept === 'package.json' ? '\uFEFF{"type":"module"}' : 'mine';
    writeFileSync(join(folder, kept), text);
    const made = make(folder);
    assert.deepEqual(made.kept, [kept]);
    assert.equal(readFileSync(join(folder, kept), 'utf8'), text);
    // Its test would fail.
    assert.deepEqual(
      made.written,
      ALL.filter((name) => name !== kept && !(kept === 'flow.ts' && name === 'flow.test.ts')),
    );
  }
  const folder = newFolder();
  mkdirSync(join(folder, 'tsconfig.json'), { recursive: true });
  symlinkSync(join(root, 'nowhere'), join(folder, 'flow.ts'));
  assert.deepEqual(make(folder).kept, ['flow.ts', 'tsconfig.json']);
  assert.ok(lstatSync(join(folder, 'flow.ts')).isSymbolicLink() && !existsSync(join(root, 'nowhere')));
});

test('in a CommonJS package the flow is a module by its ending; what the package lacks is said', () => {
  for (const text of ['{"type":"commonjs","dependencies":{"zod":"^3"}}', '{"dependencies":{"zod":"^3"}}']) {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), text);
    const made = make(folder, '20.20.2');
    assert.deepEqual(made.written, ['flow.mts', 'flow.test.mts', 'tsconfig.json', '.gitignore']);
    assert.match(readFileSync(join(folder, 'flow.test.mts'), 'utf8'), /from '\.\/flow\.mts'/);
    assert.deepEqual(made.missing, {
      dependencies: ['ostinato@^0.1.0'],
      devDependencies: [
        `typescript@${VERSIONS.typescript}`,
        `@types/node@${VERSIONS['@types/node']}`,
        `node@${VERSIONS.node}`,
      ],
    });
  }
});

test('a tarball is named relative to the project', () => {
  writeFileSync(join(root, 'o.tgz'), '');
  for (const spec of ['o.tgz', './o.tgz', join(root, 'o.tgz'), `file:${join(root, 'o.tgz')}`]) {
    const folder = newFolder();
    make(folder, '26.10.0', spec);
    assert.equal(
      (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: { ostinato: string } })
        .dependencies.ostinato,
      'file:../o.tgz',
    );
  }
});

test('where no project can be, nothing is written and it is said', () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  const odd = newFolder();
  mkdirSync(odd);
  for (const text of ['{', '[]', 'null', '']) {
    writeFileSync(join(odd, 'package.json'), text);
    assert.throws(
      () => make(odd),
      (error) =>
        OstinatoError.is(error) && error.code === 'bad-input' && /package\.json cannot be read/.test(error.message),
    );
    assert.deepEqual(readdirSync(odd), ['package.json']);
  }
  for (const folder of [file, join(file, 'below')])
    assert.throws(
      () => make(folder),
      (error) => OstinatoError.is(error) && error.code === 'bad-input',
    );
});

test('any folder has a name that npm takes', () => {
  for (const [folder, name] of [
    ['My Flows!', 'my-flows'],
    ['Übung', 'ubung'],
    ['日本', 'my-flows'],
    ['..', 'my-flows'],
    ['-x', 'x'],
    ['.hidden', 'hidden'],
    ['ostinato', 'ostinato-flows'],
    ['Zod', 'zod-flows'],
    ['a'.repeat(300), 'a'.repeat(100)],
  ] as const) {
    assert.equal(projectName(folder), name);
  }
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('node_modules', 'typescript', 'NODE', '')),
      (folder) => {
        const name = projectName(folder);
        assert.match(name, /^[a-z0-9](?:[a-z0-9._-]{0,105}[a-z0-9])?$/);
        assert.ok(!['node_modules', 'favicon.ico', 'ostinato', ...Object.keys(VERSIONS)].includes(name));
      },
    ),
  );
});

test('a project works with the versions that this repository works with', () => {
  const { devDependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8'),
  ) as { devDependencies: Record<string, string> };
  for (const [name, range] of Object.entries(VERSIONS)) assert.equal(range, devDependencies[name], name);
  assert.ok(!('node' in dependenciesOf({ ostinato: '1', bringsNode: false }).devDependencies));
});
