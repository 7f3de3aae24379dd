/** Looks whether a server that was away is there again, so that pages go on by themselves. */
import { noteReach, onConnectionChange, serverAwaySince } from './connection.ts';
import { isServerThere } from './http.ts';

const WAIT_MS = { first: 500, factor: 1.5, max: 5000 };

let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;

export function watchServer(): void {
  onConnectionChange(() => {
    if (serverAwaySince() === null) stop();
    else if (timer === undefined) wait();
  });
}

/** At once, because somebody asks. */
export function probeNow(): void {
  clearTimeout(timer);
  void probe();
}

/** Something broke off: the server may be away since then. */
export async function suspect(since: number): Promise<void> {
  if (serverAwaySince() === null && !(await isServerThere())) noteReach(false, since);
}

function wait(): void {
  const waitMs = Math.min(WAIT_MS.max, WAIT_MS.first * WAIT_MS.factor ** failures);
  // Many tabs that lost one server should not come back in one moment.
  timer = setTimeout(() => void probe(), waitMs * (0.75 + Math.random() / 2));
}

async function probe(): Promise<void> {
  failures += 1;
  if (await isServerThere()) noteReach(true);
  if (serverAwaySince() !== null) wait();
}

function stop(): void {
  clearTimeout(timer);
  timer = undefined;
  failures = 0;
}
