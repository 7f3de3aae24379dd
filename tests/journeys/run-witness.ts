/**
 * What bodies of runs do, whatever the server says of them: each process says it in one file, which the test reads. A
 * line is a word of `Said`, whom it is about (the id of a run, or the word that a run was given), and a process.
 */
import { existsSync, readFileSync } from 'node:fs';

export type Said = 'pull' | 'install' | 'load' | 'begin' | 'end' | 'twice' | 'over';

export interface Line {
  readonly said: Said;
  readonly about: string;
  readonly pid: number;
  /** Of `over`: how many may run at once, and those that did, besides. */
  readonly more: readonly string[];
}

/** Flows that do nothing but say that they do. Kinds: the queue's limit of each kind is told by `LIMITS`. */
export const WITNESSED_FLOWS = `
import { appendFileSync, readFileSync } from 'node:fs';
import { flow, task } from 'ostinato';

const file = process.env.WITNESS;
const limits = JSON.parse(process.env.LIMITS);
const say = (...words) => appendFileSync(file, words.join(' ') + '\\n');
say('load', process.env.OSTINATO__FLOW_RUN_ID, process.pid);

const isThere = (pid) => {
  try {
    const stat = readFileSync('/proc/' + pid + '/stat', 'latin1');
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0]);
  } catch {
    return false;
  }
};

/** Said first, then looked: of two that begin at once, one sees the other. */
const begin = (word, kind) => {
  say('begin', word, process.pid, kind);
  const open = new Map();
  for (const line of readFileSync(file, 'utf8').split('\\n')) {
    const [said, whose, pid, ofKind] = line.split(' ');
    if (said === 'begin') open.set(whose + ' ' + pid, { whose, pid, ofKind });
    if (said === 'end') open.delete(whose + ' ' + pid);
  }
  const others = [...open.values()].filter(({ pid }) => Number(pid) !== process.pid && isThere(pid));
  if (others.some(({ whose }) => whose === word)) say('twice', word, process.pid);
  const besides = (which, limit) => {
    if (which.length >= limit) say('over', word, process.pid, limit, ...which.map(({ whose }) => whose));
  };
  besides(others, limits.all);
  besides(others.filter(({ ofKind }) => ofKind === kind), limits[kind] ?? Infinity);
};

const step = task(async (millis) => {
  await new Promise((resolve) => setTimeout(resolve, millis));
}, { name: 'step' });

const witnessed = (kind) => flow(async ({ word, millis }) => {
  begin(word, kind);
  await step(millis / 2);
  await step(millis / 2 + 1);
  say('end', word, process.pid);
}, { name: kind });

export const plain = witnessed('plain');
export const resumed = witnessed('resumed');
export const pulled = witnessed('pulled');
`;

export class RunWitness {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  lines(): readonly Line[] {
    const text = existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [said = '', about = '', pid = '', ...more] = line.split(' ');
        return { said: said as Said, about, pid: Number(pid), more };
      });
  }

  of(...about: readonly string[]): readonly Line[] {
    return this.lines().filter((line) => about.includes(line.about));
  }
}

/** Whether a process is there, and has not only not been collected yet. */
export function isThere(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'X');
  } catch {
    return false;
  }
}

/** The processes that a process has started and not collected. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
