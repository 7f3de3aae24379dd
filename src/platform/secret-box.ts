/**
 * Encrypts what must not be on the disk in plain text: AES-256-GCM with a fresh nonce each time, bound to the context
 * of the text.
 *
 * An encrypted text is `v1.<id of the key>.<nonce, cipher text and tag in base64url>`. A key file has a key a line, in
 * base64: the first encrypts, all decrypt. To change the key, add a line at the top; from then on it is used for
 * writing.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

import type { Secrets } from '../core/blocks/block.ts';
import { OstinatoError } from '../core/errors.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  /** Identifies the key of a text, without revealing it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** @param keys returns the key file's text; called on first use, and again for an unknown key */
export function secretBox(keys: () => string): Secrets {
  let known: readonly Key[] = [];
  const keyById = (id: string | null): Key | undefined => {
    const found = () => (id === null ? known[0] : known.find((key) => key.id === id));
    if (found() === undefined) known = parseKeys(keys());
    return found();
  };
  return {
    seal(text, context) {
      const key = keyById(null);
      if (key === undefined)
        throw new OstinatoError('value-corrupt', 'There is no key to encrypt secrets with.', {
          remedy: 'Restore the key file, or set server.encryption_keys.',
        });
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${key.id}.${sealed.toString('base64url')}`;
    },
    open(sealed, context) {
      const [version, keyId = '', text = ''] = sealed.split('.');
      const key = version === 'v1' ? keyById(keyId) : undefined;
      if (key === undefined) throw unreadable(`The key ${keyId.slice(0, 20)} that it was encrypted with is not there.`);
      const bytes = Buffer.from(text, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES)).setAAD(
          Buffer.from(context),
        );
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString(
          'utf8',
        );
      } catch {
        // Without the cause, which may quote the text.
        throw unreadable('It was changed, or belongs to something else.');
      }
    },
  };
}

function unreadable(why: string): OstinatoError {
  return new OstinatoError('value-corrupt', `An encrypted value cannot be read. ${why}`, {
    remedy: 'Restore the key file of the home that wrote it, or set server.encryption_keys.',
  });
}

function parseKeys(text: string): readonly Key[] {
  return text
    .split(/\s+/)
    .filter((line) => line !== '')
    .map((line) => {
      const bytes = Buffer.from(line, 'base64');
      if (bytes.length !== KEY_BYTES) {
        throw new OstinatoError(
          'value-corrupt',
          `A key to encrypt secrets with has ${bytes.length} bytes; ${KEY_BYTES} are needed.`,
          { remedy: 'Keys are 32 random bytes in base64.' },
        );
      }
      return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 12), bytes };
    });
}

/**
 * The text of a key file, which is created, readable for this user only, when missing. Of two processes that create it,
 * one wins.
 */
export function keyFile(path: string): () => string {
  return () => {
    const read = (): string | null => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    };
    return read() ?? (makeKeyFile(path), read() ?? '');
  };
}

function makeKeyFile(path: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
}
