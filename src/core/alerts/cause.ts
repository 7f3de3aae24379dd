/**
 * The cause of a failure, as a text that is the same each time: its class, its message without what is different each
 * time (ids, numbers, times, paths), and the component in which it happened.
 */

/** What is known of a failure. */
export interface FailureFacts {
  /** Of its state, for instance `Task run encountered an exception ValueError: no row 17`. */
  readonly message: string;
  /** The task in which it began; `null`: none, or its run is not known (yet). */
  readonly task: { readonly key: string; readonly name: string } | null;
  readonly flow: { readonly id: string; readonly name: string } | null;
}

export interface Cause {
  /** For people. */
  readonly words: string;
  /** Two that share one of them are the same. */
  readonly keys: readonly string[];
}

const MESSAGE_CHARACTERS_MAX = 300;
const KEY_CHARACTERS_MAX = 500;

/** What clients put before the failure's own words. */
const PREFIX =
  /^(?:Flow|Task) run encountered an exception:? *|^Retry failed with exception:? *|^Task run (?:failed|crashed):? *|^Flow run (?:failed|crashed):? */i;

export function failureCause({ message, task, flow }: FailureFacts): Cause {
  const said = stripped(message);
  const error = normalised(said);
  const host = hostIn(said);
  const place = task === null ? (flow === null ? null : `flow ${flow.name}`) : `task ${task.name}`;
  const components = [
    ...(host === null ? [] : [`host ${host}`]),
    ...(task === null ? [] : [`task ${task.key}`]),
    // It may be that the run of the task was not reported when the flow run failed.
    ...(flow === null ? [] : [`flow ${flow.id}`]),
  ];
  return {
    words: `${error === '' ? 'It failed without a message' : error}${place === null ? '' : ` (${place})`}`,
    keys: (components.length === 0 ? [''] : components).map((component) => causeKey('failure', error, component)),
  };
}

/** The failure's own words. */
export function stripped(message: string): string {
  return message.slice(0, 4000).replace(PREFIX, '');
}

/** A key of a kind of causes; keys of different kinds are never the same. */
export function causeKey(kind: string, ...of: readonly string[]): string {
  const text = JSON.stringify([kind, ...of]);
  return text.length <= KEY_CHARACTERS_MAX ? text : `${text.slice(0, KEY_CHARACTERS_MAX)}…${checksum(text)}`;
}

/** Tells long texts with the same beginning apart (FNV-1a, 32 bits). */
function checksum(text: string): string {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return sum.toString(16);
}

/** In this order: what an earlier one has taken out, a later one does not see. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/?#'"<>@]*@)?([^\s/?#'"<>:]*)[^\s'"<>]*/gi, '<$2>'],
  [/\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?/gi, '<time>'],
  [/\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g, '<time>'],
  [/(?<![\w<])(?:[A-Za-z]:[\\/]|~?\/|\.{1,2}[\\/])[^\s'"<>:;,()]*/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi, '<hex>'],
  [/\d+(?:[.,_]\d+)*/g, '<n>'],
];

/** Without what is different each time. */
export function normalised(message: string): string {
  let text = message.replaceAll(/\p{Cc}+/gu, ' ');
  for (const [pattern, by] of CHANGING) text = text.replaceAll(pattern, by);
  text = text.replaceAll(/\s+/g, ' ').trim();
  return text.length <= MESSAGE_CHARACTERS_MAX ? text : text.slice(0, MESSAGE_CHARACTERS_MAX);
}

/** The component that failed, where the message names an address: of an API, a database. */
function hostIn(message: string): string | null {
  const url = /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?:[^\s/?#'"<>@]*@)?([A-Za-z0-9._-]+)/i.exec(message)?.[1];
  const named = /\bhost(?:name)?[= ]+['"]?([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,})/i.exec(message)?.[1];
  return (url ?? named ?? null)?.toLowerCase() ?? null;
}
