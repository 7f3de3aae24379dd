/**
 * Call sites: where in the user's code a step was called.
 *
 * 1. The id is made of the file's name, the enclosing function and the *text* of the calling line, not of its number:
 *    lines added above do not make a new step. Equal lines in one file are told apart by their order.
 * 2. Looking at the stack costs 1.5 µs; everything after is cached by file and position.
 */

import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workingDirectory } from './working-directory.ts';

interface Site {
  readonly id: string;
  readonly label: string;
  readonly file: string;
  /** The calling line, trimmed. */
  readonly text: string;
  /** The text before the call: its line up to there, with the line above if nothing is assigned on its own line. */
  readonly before: string;
}

const NOWHERE: Site = { id: 'unknown', label: 'unknown', file: '', text: '', before: '' };
/** Bound of remembered sites; generated code could have any number. */
const SITES_MAX = 10_000;
const LABEL_CHARS_MAX = 120;
/** Text before the called name on its line: nothing, or its owner (`lib.`). */
const NOTHING_BUT_OWNER = /^\s*(?:[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\.\s*)*$/u;

/** By file, then by position: a key joined of both would cost 0.4 µs a call. */
const sites = new Map<string, Map<number, Site>>();
let sitesKept = 0;
const sources = new Map<string, readonly string[]>();

export function captureCallSite(below: (...args: never[]) => unknown): Site {
  const limit = Error.stackTraceLimit;
  const prepare = Error.prepareStackTrace;
  const holder: { stack?: unknown } = {};
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = framesThemselves;
  Error.captureStackTrace(holder, below);
  const frame = (holder.stack as readonly NodeJS.CallSite[])[0];
  Error.stackTraceLimit = limit;
  Error.prepareStackTrace = prepare;
  if (!frame) return NOWHERE;
  const file = frame.getFileName() ?? frame.getEvalOrigin() ?? '';
  const position = frame.getPosition();
  const known = sites.get(file)?.get(position);
  if (known) return known;
  const site = describe(frame);
  if (sitesKept < SITES_MAX) keep(file, position, site);
  return site;
}

/** Frames that are searched for a module. */
const MODULE_FRAMES_MAX = 50;

/** Whether the caller is called by the evaluation of a module, at any depth. */
export function isByModule(): boolean {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = MODULE_FRAMES_MAX;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack?.includes('node:internal/modules/') === true;
}

function framesThemselves(_error: Error, frames: NodeJS.CallSite[]): NodeJS.CallSite[] {
  return frames;
}

function keep(file: string, position: number, site: Site): void {
  const inFile = sites.get(file);
  if (inFile) inFile.set(position, site);
  else sites.set(file, new Map([[position, site]]));
  sitesKept += 1;
}

function describe(frame: NodeJS.CallSite): Site {
  const url = frame.getFileName();
  const line = frame.getLineNumber();
  if (!url || line === null) return NOWHERE;
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const fn = frame.getFunctionName() ?? '(top level)';
  const lines = linesOf(file);
  const text = lines[line - 1]?.trim() ?? `line ${line}`;
  // The k-th line with this text: two equal calls one below the other are two steps.
  let nth = 0;
  for (let index = 0; index < line - 1; index += 1) if (lines[index]?.trim() === text) nth += 1;
  // Two calls on one line are told apart by the text before them.
  const before = (lines[line - 1] ?? '').slice(0, (frame.getColumnNumber() ?? 1) - 1);
  const within = before.trim().length;
  const shown = text.length > LABEL_CHARS_MAX ? `${text.slice(0, LABEL_CHARS_MAX - 1)}…` : text;
  return {
    id: `${basename(file)}|${fn}|${text}|${nth}|${within}`,
    label: `${relative(workingDirectory().path, file) || file} · ${fn} · ${shown}`,
    file,
    text,
    before: NOTHING_BUT_OWNER.test(before) && line > 1 ? `${lines[line - 2]}\n${before}` : before,
  };
}

function linesOf(file: string): readonly string[] {
  let lines = sources.get(file);
  if (!lines) {
    try {
      lines = readFileSync(file, 'utf8').split('\n');
    } catch {
      // In code without a file (eval, a bundle's virtual module) only the position tells calls apart.
      lines = [];
    }
    sources.set(file, lines);
  }
  return lines;
}
