#!/usr/bin/env node
/**
 * `npm create ostinato`. Plain JavaScript for Node 20: the project that it makes brings a newer one along where the
 * machine has none.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';

const DEFAULT_FOLDER = 'my-flows';
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const HELP = `Usage: npm create ostinato [FOLDER] [-- OPTIONS]

Makes a project with a flow that runs, its test, zod and TypeScript. What is in the folder already stays as it is.

Options:
  -y, --yes          ask nothing
  --ostinato SPEC    depend on this version, address or tarball of ostinato
  --no-install       write the files only
  -v, --version      say the version
  -h, --help         say this
`;

process.exitCode = await main();

async function main() {
  const given = parse(process.argv.slice(2));
  if (typeof given === 'string') {
    console.error(`Error: ${given} (add --help for usage)`);
    return 2;
  }
  const { values, positionals } = given;
  if (values.help || values.version) {
    process.stdout.write(values.help ? HELP : `${version}\n`);
    return 0;
  }
  const folder = positionals[0] ?? (values.yes || !process.stdin.isTTY ? DEFAULT_FOLDER : await ask());
  const { setUpProject } = await import(sources() ?? '../dist/cli/new-project/set-up.js');
  try {
    setUpProject({
      folder,
      ostinato: values.ostinato ?? `^${version}`,
      install: !values['no-install'],
      workingDirectory: process.cwd(),
      environment: process.env,
      say: (text) => process.stderr.write(text),
    });
    return 0;
  } catch (error) {
    console.error(`Error: ${error.message}${error.remedy ? `\n  ${error.remedy}` : ''}`);
    return 1;
  }
}

function parse(args) {
  const options = {
    yes: { type: 'boolean', short: 'y' },
    ostinato: { type: 'string' },
    'no-install': { type: 'boolean' },
    version: { type: 'boolean', short: 'v' },
    help: { type: 'boolean', short: 'h' },
  };
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true });
    return parsed.positionals.length > 1 ? `one folder is enough: ${parsed.positionals.join(', ')}` : parsed;
  } catch (error) {
    return error.message;
  }
}

/** In the repository they are run as they are. */
function sources() {
  const url = new URL('../../../src/cli/new-project/set-up.ts', import.meta.url);
  return existsSync(url) ? url.href : null;
}

async function ask() {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(`Folder (${DEFAULT_FOLDER}): `)).trim() || DEFAULT_FOLDER;
  } finally {
    lines.close();
  }
}
