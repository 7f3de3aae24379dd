/**
 * A sentence of an explanation, taken apart: commands, times, the run that it names, and the length of time that grows
 * while one looks. Pure.
 */
export type SentencePart =
  | { readonly kind: 'words' | 'command' | 'run' | 'moving'; readonly text: string }
  /** RFC 3339. */
  | { readonly kind: 'time'; readonly text: string };

/** As our own sentences say it: what an error says of a time stays as it is. */
const TIME = /(?<=\b(?:time,|for|at|since) )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;
/** As the server shows lengths of time: `0.25 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
const LENGTH = /\d+(?:\.\d+)? (?:s|min|h|d)\b(?: \d+ (?:s|min|h)\b)?/;

interface Given {
  readonly text: string;
  /** Of the run that it names between double quotes; `null`: none. */
  readonly name: string | null;
  readonly isMoving: boolean;
  /** Between backquotes; what an error has between them is none. */
  readonly hasCommands: boolean;
}

export function sentenceParts({ text, name, isMoving, hasCommands }: Given): readonly SentencePart[] {
  const named =
    name === null
      ? [{ kind: 'words', text } as const]
      : splitAt(text, text.indexOf(`"${name}"`) + 1, name.length, 'run');
  let parts = named.flatMap((part) => (part.kind === 'words' && hasCommands ? commandsIn(part.text) : [part]));
  parts = parts.flatMap((part) => (part.kind === 'words' ? timesIn(part.text) : [part]));
  if (!isMoving) return parts;
  const at = parts.findIndex((part) => part.kind === 'words' && LENGTH.test(part.text));
  return parts.flatMap((part, index) => (index === at ? lengthIn(part.text) : [part]));
}

function splitAt(text: string, at: number, length: number, kind: SentencePart['kind']): readonly SentencePart[] {
  if (at <= 0) return [{ kind: 'words', text }];
  return [
    { kind: 'words', text: text.slice(0, at) },
    { kind, text: text.slice(at, at + length) },
    { kind: 'words', text: text.slice(at + length) },
  ];
}

function commandsIn(text: string): readonly SentencePart[] {
  const pieces = text.split('`');
  // An odd one is none that was opened and closed.
  if (pieces.length % 2 === 0) return [{ kind: 'words', text }];
  return pieces
    .map((piece, at) => ({ kind: at % 2 === 0 ? 'words' : 'command', text: piece }) as const)
    .filter((part) => part.text !== '');
}

function timesIn(text: string): readonly SentencePart[] {
  const found = TIME.exec(text);
  if (found === null) return [{ kind: 'words', text }];
  const end = found.index + found[0].length;
  return [
    { kind: 'words', text: text.slice(0, found.index) },
    { kind: 'time', text: found[0] },
    ...timesIn(text.slice(end)),
  ];
}

function lengthIn(text: string): readonly SentencePart[] {
  const found = LENGTH.exec(text);
  return found === null
    ? [{ kind: 'words', text }]
    : splitAt(` ${text}`, found.index + 1, found[0].length, 'moving').map((part, at) =>
        at === 0 ? { ...part, text: part.text.slice(1) } : part,
      );
}
