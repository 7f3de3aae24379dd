/** Digests: one that names content, one that finds torn writes. */

import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** 128 bits: no two contents of one home will ever share them by chance. */
const HASH_CHARS = 32;

/** The first 32 hexadecimal characters of the text's SHA-256. */
export function hashText(text: string): string {
  return hash('sha256', text, 'hex').slice(0, HASH_CHARS);
}

/** CRC-32 (IEEE 802.3), 0…2^32-1. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}
