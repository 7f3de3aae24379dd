/**
 * Frames of a journal file, by which a reader knows where a write was cut off.
 *
 * `length` (4 bytes) · `checksum of the payload` (4 bytes) · payload (UTF-8 text); numbers are little-endian. A length
 * of zero never occurs: a stretch of zeros, as a power loss may leave it, is no frame.
 */

const HEAD_BYTES = 8;
const FIRST_BUFFER_BYTES = 64 * 1024;
/** No payload is nearly so long: a greater length is damage. */
const PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;

/** CRC-32 or better; implemented in `platform/hash.ts`. */
export type Checksum = (bytes: Uint8Array) => number;

/** Collects frames that are then written at once. */
export class FrameBuffer {
  readonly #checksum: Checksum;
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(FIRST_BUFFER_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  constructor(checksum: Checksum) {
    this.#checksum = checksum;
  }

  add(payload: string): void {
    const start = this.#length + HEAD_BYTES;
    let { written } = this.#encoder.encodeInto(payload, this.#bytes.subarray(start));
    // `encodeInto` stops silently when there is no room; a character takes at most three bytes a code unit.
    if (start + written + 3 > this.#bytes.length) {
      this.#grow(start + payload.length * 3 + 3);
      written = this.#encoder.encodeInto(payload, this.#bytes.subarray(start)).written;
    }
    const end = start + written;
    this.#view.setUint32(this.#length, written, true);
    this.#view.setUint32(this.#length + 4, this.#checksum(this.#bytes.subarray(start, end)), true);
    this.#length = end;
  }

  /** The frames since the last call. The returned bytes are valid until the next `add`. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #grow(bytesMin: number): void {
    const bytes = new Uint8Array(Math.max(bytesMin, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

export interface FramesRead {
  readonly payloads: readonly string[];
  /** Bytes of complete, undamaged frames. */
  readonly consumed: number;
  /** Why reading stopped: nothing left, half a frame (more bytes may complete it), or damage. */
  readonly end: 'complete' | 'torn' | 'corrupt';
  /** When torn: bytes that the frame needs from `consumed` on, if known. */
  readonly needed: number;
}

export function readFrames(bytes: Uint8Array, checksum: Checksum): FramesRead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const payloads: string[] = [];
  let at = 0;
  for (;;) {
    const left = bytes.byteLength - at;
    if (left === 0) return { payloads, consumed: at, end: 'complete', needed: 0 };
    if (left < HEAD_BYTES) return { payloads, consumed: at, end: 'torn', needed: HEAD_BYTES };
    const length = view.getUint32(at, true);
    if (length === 0 || length > PAYLOAD_BYTES_MAX) return { payloads, consumed: at, end: 'corrupt', needed: 0 };
    if (left < HEAD_BYTES + length) return { payloads, consumed: at, end: 'torn', needed: HEAD_BYTES + length };
    const payload = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    if (checksum(payload) !== view.getUint32(at + 4, true))
      return { payloads, consumed: at, end: 'corrupt', needed: 0 };
    payloads.push(decoder.decode(payload));
    at += HEAD_BYTES + length;
  }
}
