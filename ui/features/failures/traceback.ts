/**
 * Stacks of JavaScript and tracebacks of Python, taken apart: which frames are of the user's own code, and which of
 * what it stands on. Pure.
 */

export type TracePart =
  /** What is no frame: the words of an error, the sentence between an error and its cause. */
  { readonly kind: 'words'; readonly text: string } | { readonly kind: 'frames'; readonly frames: readonly Frame[] };

export interface Frame {
  /** With the lines of code that Python shows below it. */
  readonly text: string;
  readonly isUsers: boolean;
}

const JS_FRAME = /^\s+at \S/;
/** In a group of exceptions, bars stand before it. */
const PYTHON_FRAME = /^[\s|+]*File "[^"\n]*", line \d+/;
const PYTHON_CODE = /^[\s|]{4,}\S/;

const FOREIGN = [
  /\bnode:[a-z_]/,
  /[\\/]node_modules[\\/]/,
  // Of the language itself, as `at async Promise.all (index 0)`: it has no line.
  /^\s+at (?!.*:\d)/,
  /[\\/](?:site|dist)-packages[\\/]/,
  /[\\/]lib[\\/]python\d[\w.]*[\\/]/i,
  /File "<frozen /,
  /[\\/]Python\d+[\\/]lib[\\/]/i,
];

/** Our own sources, where they are no package: wherever they lie, every body runs through these two files. */
function engineSources(text: string): string | null {
  const sources = /([^\s("]*[\\/]src[\\/])engine[\\/]attempts\.[jt]s:/.exec(text)?.[1];
  return sources !== undefined && /engine[\\/](?:time-limit|run-context|run-flow|task-runner)\.[jt]s:/.test(text)
    ? sources
    : null;
}

export function partsOf(text: string): readonly TracePart[] {
  const engine = engineSources(text);
  const isForeign = (line: string): boolean =>
    FOREIGN.some((pattern) => pattern.test(line)) || (engine !== null && line.includes(engine));
  const parts: TracePart[] = [];
  let words: string[] = [];
  let frames: string[] = [];
  const endWords = (): void => {
    if (words.length > 0) parts.push({ kind: 'words', text: words.join('\n') });
    words = [];
  };
  const endFrames = (): void => {
    if (frames.length > 0)
      parts.push({
        kind: 'frames',
        frames: frames.map((frame) => ({ text: frame, isUsers: !isForeign(frame.split('\n', 1)[0] ?? '') })),
      });
    frames = [];
  };
  for (const line of text.split('\n')) {
    const last = frames.at(-1);
    if (JS_FRAME.test(line) || PYTHON_FRAME.test(line)) {
      endWords();
      frames.push(line);
    } else if (last !== undefined && !JS_FRAME.test(last) && PYTHON_CODE.test(line))
      frames[frames.length - 1] = `${last}\n${line}`;
    else {
      endFrames();
      words.push(line);
    }
  }
  endFrames();
  endWords();
  return parts;
}

export interface Folded {
  readonly parts: readonly (TracePart | { readonly kind: 'left-out'; readonly count: number })[];
  /** Frames that are left out; 0 when all are shown. */
  readonly leftOut: number;
}

/** Only the user's own frames, with a mark where others were. Where none is the user's, all stay. */
export function folded(text: string): Folded {
  const parts = partsOf(text);
  const frames = parts.flatMap((part) => (part.kind === 'frames' ? part.frames : []));
  const leftOut = frames.filter(({ isUsers }) => !isUsers).length;
  if (leftOut === 0 || leftOut === frames.length) return { parts, leftOut: 0 };
  return { parts: parts.flatMap((part) => (part.kind === 'words' ? [part] : foldedFrames(part.frames))), leftOut };
}

function foldedFrames(frames: readonly Frame[]): Folded['parts'] {
  const parts: Folded['parts'][number][] = [];
  let count = 0;
  for (const [at, frame] of frames.entries()) {
    if (frame.isUsers) parts.push({ kind: 'frames', frames: [frame] });
    else count += 1;
    const isEnd = frames[at + 1] === undefined || frames[at + 1]?.isUsers === true;
    if (count > 0 && isEnd) {
      parts.push({ kind: 'left-out', count });
      count = 0;
    }
  }
  return parts;
}
