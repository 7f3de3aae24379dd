/** Reads a file of automations: those that are in it, or everything that is wrong with them, each with its line. */

import type { Problem } from '../../contract/checker.ts';
import { ACTION_KINDS, TRIGGER_KINDS } from '../../contract/decode/automation-kinds.ts';
import { readAutomation } from '../../contract/decode/automation.ts';
import { compile, type Mismatch } from '../../contract/validator.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { inOrder } from '../deployment-file/complaints.ts';
import { readDocument, splitDocuments, type Complaint, type Place } from '../deployment-file/written-document.ts';
import { ANSWERED, AUTOMATION_WORDS, AutomationFields, PART_EXAMPLES } from './fields.ts';
import { NAMED_TARGETS, namedTargetsOf } from './named-targets.ts';
import { filledIn, isFields, partsOf, withParts, type Fields, type Path, type WrittenPart } from './written-part.ts';

/** One automation of a file: what the API takes, but for names that stand in the place of ids. */
export interface WrittenAutomation {
  readonly name: string;
  readonly fields: Fields;
  readonly placeOf: (path: Path) => Place;
}

export interface ReadAutomations {
  /** Those with which nothing is wrong. */
  readonly automations: readonly WrittenAutomation[];
  readonly complaints: readonly Complaint[];
}

type Words = Pick<Complaint, 'message' | 'advice'>;

/** Of one automation. */
const COMPLAINTS_MAX = 20;
const ID_TO_COME = '00000000-0000-4000-8000-000000000000';

/** One, a list of them, or a list under `automations`; several texts may follow each other, with `---` between. */
export function readAutomationFile(text: string): ReadAutomations {
  const automations: WrittenAutomation[] = [];
  const complaints: Complaint[] = [];
  for (const part of splitDocuments(text)) {
    const document = readDocument(part);
    complaints.push(...document.complaints);
    if (document.complaints.length > 0) continue;
    for (const { value, at } of entriesIn(document.value)) {
      const placeOf = (path: Path): Place => document.placeOf([...at, ...path]);
      const found = wrongWith(value).map(({ path, ...words }) => ({ ...placeOf(path), ...words }));
      complaints.push(...found);
      if (found.length === 0) automations.push({ ...written(value as Fields), placeOf });
    }
  }
  return { automations, complaints: inOrder(complaints) };
}

/** Of the one of which the API wants to know the posture. */
const EVENT_TRIGGER = 'EventTrigger';

function entriesIn(value: unknown): readonly { readonly value: unknown; readonly at: Path }[] {
  const [list, at]: [unknown, Path] =
    isFields(value) && 'automations' in value ? [value['automations'], ['automations']] : [value, []];
  if (!Array.isArray(list)) return [{ value: list, at }];
  return list.map((entry: unknown, index) => ({ value: entry, at: [...at, index] }));
}

function written(fields: Fields): Omit<WrittenAutomation, 'placeOf'> {
  const said = Object.entries(fields).filter(
    ([name, value]) => !(ANSWERED as readonly string[]).includes(name) && !(name === 'description' && value === null),
  );
  return { name: String(fields['name']), fields: asSent(Object.fromEntries(said)) };
}

/** As the API takes it: what is optional in files only is filled in, and ids of earlier triggers are left out. */
function asSent(automation: Fields): Fields {
  return withParts(automation, ({ noun, fields, kind }) => {
    if (noun === 'action' || kind === null) return fields;
    const { id: _, ...rest } = fields;
    const type = { type: kind.type };
    return kind.name === EVENT_TRIGGER ? { ...type, posture: 'Reactive', ...rest } : { ...type, ...rest };
  });
}

interface Wrong extends Words {
  readonly path: Path;
}

function wrongWith(value: unknown): readonly Wrong[] {
  if (!isFields(value)) {
    const message = value === null || value === undefined ? 'There is nothing here.' : 'This is no automation.';
    return [{ path: [], message, advice: 'Write fields, NAME: VALUE on a line: name, trigger and actions.' }];
  }
  const found = compile(AutomationFields)
    .mismatches(value, COMPLAINTS_MAX)
    .map((mismatch) => ({ path: mismatch.path, ...wordsOf(mismatch) }));
  const strange = Array.from(partsOf(value), strangeIn).flat();
  const wrong: readonly Wrong[] = [...found, ...strange];
  const isWrong = (path: Path): boolean =>
    wrong.some((one) => one.path.every((step, index) => path[index] === step) && one.path.length > 0);
  const parts = problemsOf(value).filter(({ path }) => !isWrong(path));
  return [...wrong, ...parts].slice(0, COMPLAINTS_MAX);
}

function wordsOf({ keyword, path }: Mismatch): Words {
  const name = String(path[0] ?? '');
  const words = AUTOMATION_WORDS[name];
  const known = Object.keys(AUTOMATION_WORDS);
  const advice = words === undefined ? '' : `Write, for instance: ${words.example}`;
  if (keyword === 'additionalProperties')
    return {
      message: `There is no field "${name}".${didYouMean(name, known)}`,
      advice: `Fields are: ${known.join(', ')}.`,
    };
  if (keyword === 'required') return { message: `The field "${name}" is missing.`, advice };
  return { message: `"${name}" must be ${words?.must ?? 'something else'}.`, advice };
}

/** A type or a field that there is not: the API would pass fields over, and something else would happen. */
function strangeIn({ noun, path, fields, kind }: WrittenPart): readonly Wrong[] {
  if (kind === null) {
    const { type } = fields;
    const types = [...new Set((noun === 'trigger' ? TRIGGER_KINDS : ACTION_KINDS).map((each) => each.type))];
    const advice = `Types are: ${types.join(', ')}.`;
    if (type === undefined) return [{ path, message: `The field "type" is missing.`, advice }];
    const near = typeof type === 'string' ? didYouMean(type, types) : '';
    const message = `There is no ${noun} of the type ${shown(type)}.${near}`;
    return [{ path: [...path, 'type'], message, advice }];
  }
  const targets = namedTargetsOf(kind);
  const known = [...kind.members.keys(), ...(noun === 'action' ? targets : [])];
  const strange = Object.keys(fields)
    .filter((name) => !known.includes(name) && !filledIn(kind).includes(name))
    .map((name) => ({
      path: [...path, name],
      message: `There is no field "${name}" of ${kind.type}.${didYouMean(name, known)}`,
      advice: `Fields are: ${known.filter((each) => each !== 'id').join(', ')}.`,
    }));
  return noun === 'trigger' ? strange : [...strange, ...targets.flatMap((name) => wrongTarget(name, path, fields))];
}

function wrongTarget(name: string, path: Path, fields: Fields): readonly Wrong[] {
  const target = NAMED_TARGETS[name];
  if (target === undefined || !(name in fields)) return [];
  const at = [...path, name];
  if (typeof fields[name] !== 'string' || fields[name] === '')
    return [
      { path: at, message: `"${name}" must be ${target.must}.`, advice: `Write, for instance: ${target.example}` },
    ];
  if (fields[target.id] === undefined || fields[target.id] === null) return [];
  return [{ path: at, message: `"${name}" stands beside "${target.id}".`, advice: 'Keep one of them.' }];
}

/** As the server finds them; templates are looked at by the server alone. */
function problemsOf(value: Fields): readonly Wrong[] {
  const body = withIdsToCome(asSent(value));
  const read = readAutomation(body, body, () => null);
  if (read.ok) return [];
  const found = read.problems.flatMap((problem) => {
    const path = pathOf(problem, body);
    return path === null ? [] : [{ path, ...wordsOfProblem(problem, path) }];
  });
  // Of a value that may be one of several types, it is told once.
  return [...new Map(found.toReversed().map((one) => [one.path.join('/'), one])).values()].toReversed();
}

/** For each name the id that will stand there. */
function withIdsToCome(automation: Fields): Fields {
  return withParts(automation, ({ noun, fields, kind }) => {
    if (noun === 'trigger' || kind === null) return fields;
    const ids = namedTargetsOf(kind).flatMap((name) => {
      const id = NAMED_TARGETS[name]?.id;
      return name in fields && id !== undefined ? [[id, ID_TO_COME]] : [];
    });
    return { ...fields, ...Object.fromEntries(ids) };
  });
}

/** Where it stands in the file; `null`: it is told of a kind that this is not. */
function pathOf({ loc, type }: Problem, body: Fields): Path | null {
  const kinds = new Map(Array.from(partsOf(body), ({ path, kind }) => [path.join('/'), kind?.name ?? null]));
  const path: (string | number)[] = [];
  let value: unknown = body;
  for (const step of loc.slice(1)) {
    const kind = kinds.get(path.join('/'));
    if ([...TRIGGER_KINDS, ...ACTION_KINDS].some(({ name }) => name === step)) {
      if (kind !== step) return null;
      continue;
    }
    const members = isFields(value) || Array.isArray(value) ? (value as Fields) : null;
    const isMember = members !== null && Object.hasOwn(members, step);
    // What is not there is missing, or a word for the type that was looked for.
    if (!isMember && type !== 'missing') break;
    path.push(step);
    if (!isMember) break;
    value = members[step];
  }
  return path;
}

function wordsOfProblem({ type, msg, input }: Problem, path: Path): Words {
  const name = String(path.findLast((step) => typeof step === 'string') ?? '');
  const example = PART_EXAMPLES[name] ?? AUTOMATION_WORDS[name]?.example;
  const advice = example === undefined ? '' : `Write, for instance: ${example}`;
  if (type === 'missing') return { message: `The field "${name}" is missing.`, advice };
  const said = msg.replace(/^Value error, /, '').replaceAll('Posture.', '');
  if (type === 'value_error') return { message: said.endsWith('.') ? said : `${said}.`, advice };
  return { message: `"${name}": ${said}, not ${shown(input)}.`, advice };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
