/**
 * Packs what a build has made, once and as tightly as it goes: the server sends the packed form to those who can unpack
 * it.
 */
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A packet of the net holds this much: below, nothing is won. */
const BYTES_MIN = 1024;

/** @param folder a build of the pages; each packed file lies beside its own */
export async function packPages(folder: string): Promise<void> {
  await Promise.all(
    globSync('**/*.{js,css,svg,json,html,txt}', { cwd: folder }).map((name) => pack(join(folder, name))),
  );
}

async function pack(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < BYTES_MIN) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const [brotli, zipped] = await Promise.all([
    promisify(brotliCompress)(content, { params }),
    promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  await Promise.all([writeFile(`${path}.br`, brotli), writeFile(`${path}.gz`, zipped)]);
}
