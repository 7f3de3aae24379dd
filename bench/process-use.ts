/** What a process has used of the machine. Linux only. */

import { readdirSync, readFileSync } from 'node:fs';

/** Processor time of all its threads that are there. */
export function processorMicroseconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const nanoseconds = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0];
    return sum + Number(nanoseconds) / 1000;
  }, 0);
}

/** Bytes that it has handed to disks. */
export function writtenBytes(pid: number): number {
  return Number(/write_bytes: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}
