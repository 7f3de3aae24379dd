/** Which files of this process came from elsewhere: deployments of their flows say whence. */

export interface FlowSource {
  /** From where the code is pulled on: `FILE:EXPORT` without the export. */
  readonly file: string;
  /** How a worker gets the code; empty: it lies on this machine. */
  readonly pullSteps: readonly Readonly<Record<string, unknown>>[];
}

const sources = new Map<string, FlowSource>();

/** @param path of the file that was loaded, absolute */
export function rememberSource(path: string, source: FlowSource): void {
  sources.set(path, source);
}

export function sourceOf(path: string): FlowSource | null {
  return sources.get(path) ?? null;
}
