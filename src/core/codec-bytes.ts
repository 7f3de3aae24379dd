/** Bytes to base64 text and back (RFC 4648 §4), by the fastest function that the runtime has. */

interface Base64Native {
  toBase64?(): string;
}
interface Base64Class {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}

/** `String.fromCharCode` takes its input as arguments: more of them than this may overflow the stack. */
const CHUNK_BYTES = 0x2000;

export function bytesToBase64(bytes: Uint8Array): string {
  const native = bytes as Uint8Array & Base64Native;
  if (native.toBase64 !== undefined) return native.toBase64();
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  return btoa(binary);
}

export function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as Base64Class;
  if (native.fromBase64 !== undefined) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** The bytes of a view or a whole buffer, without a copy. */
export function viewBytes(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}
