/**
 * What was made on both servers, by names that stand for the ids that each of them gave: `⟦flow:3⟧` in a request is the
 * id that the server asked gave to its third flow. Also in other forms of an id: `⟦flow:3:hex⟧`, `⟦flow:3:upper⟧`.
 */
import type { Chance } from './chance.ts';

/** Whose ids a field takes. */
const BY_FIELD: Readonly<Record<string, string>> = {
  flow_id: 'flow',
  flow_ids: 'flow',
  flow_run_id: 'flow_run',
  flow_run_ids: 'flow_run',
  task_run_id: 'task_run',
  parent_task_run_id: 'task_run',
  slot_override: 'task_run',
  block_type_id: 'block_type',
  block_schema_id: 'block_schema',
  infrastructure_document_id: 'block_document',
  latest_id: 'artifact',
  lease_id: 'lease',
  child_flow_run_id: 'flow_run',
  default_result_storage_block_id: 'block_document',
};

/** Newer ones are asked about more often than older ones. */
const REMEMBERED = 6;
const TOKEN = /⟦([a-z_0-9]+:\d+)(?::(hex|upper))?⟧/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi;

export type Side = 'theirs' | 'ours';

export class Things {
  readonly #chance: Chance;
  readonly #recent = new Map<string, string[]>();
  readonly #ids: Readonly<Record<Side, Map<string, string>>> = { theirs: new Map(), ours: new Map() };
  readonly #names: Readonly<Record<Side, Map<string, string>>> = { theirs: new Map(), ours: new Map() };
  readonly #literal = new Set<string>();
  #count = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  has(noun: string): boolean {
    return (this.#recent.get(noun)?.length ?? 0) > 0;
  }

  /** An id of such a thing, sometimes one that nothing has. */
  one(noun: string): string {
    const recent = this.#recent.get(noun) ?? [];
    if (recent.length === 0 || this.#chance.is(0.04)) return this.nobody();
    return `⟦${this.#chance.of(recent)}${this.#chance.is(0.03) ? this.#chance.of([':hex', ':upper']) : ''}⟧`;
  }

  nobody(): string {
    const id = this.#chance.uuid();
    this.#literal.add(id);
    return id;
  }

  /**
   * What a field takes: ids of conditions are told by the name of their schema (`FlowRunFilterId`,
   * `LogFilterTaskRunId`).
   */
  id(field: string, owner: string): string {
    const named = /^(\w+?)Filter(\w*?)Id$/.exec(owner);
    const noun =
      named === null ? '' : snake((named[2] === '' || named[2] === 'Latest' ? named[1] : named[2]) as string);
    return this.one(BY_FIELD[field] ?? noun.replace(/^parent_(?=flow_run$|task_run$)/, ''));
  }

  add(noun: string, theirs: string, ours: string): void {
    const known = this.#names.theirs.get(theirs);
    if (known !== undefined && known === this.#names.ours.get(ours)) return;
    const name = `${noun}:${(this.#count += 1)}`;
    for (const [side, id] of [
      ['theirs', theirs],
      ['ours', ours],
    ] as const) {
      this.#ids[side].set(name, id);
      this.#names[side].set(id, name);
    }
    const recent = this.#recent.get(noun) ?? [];
    this.#recent.set(noun, [...recent, name].slice(-REMEMBERED));
  }

  /** Nobody is asked about it any more. @param request any text with names of things in it */
  forget(request: string): void {
    for (const [, name] of request.matchAll(TOKEN)) {
      for (const [noun, recent] of this.#recent)
        this.#recent.set(
          noun,
          recent.filter((one) => one !== name),
        );
    }
  }

  written(text: string, side: Side): string {
    return text.replaceAll(TOKEN, (_token, name: string, form: string | undefined) => {
      const id = this.#ids[side].get(name) ?? name;
      return form === 'hex' ? id.replaceAll('-', '') : form === 'upper' ? id.toUpperCase() : id;
    });
  }

  /** The text with names in place of ids; `<id>` for one that the server made and nobody was told of before. */
  read(text: string, side: Side): string {
    return text.replaceAll(UUID, (id) => {
      const known = id
        .toLowerCase()
        .replaceAll('-', '')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      const name = this.#names[side].get(known);
      return name !== undefined ? `⟦${name}⟧` : this.#literal.has(known) || id.length === 32 ? id : '<id>';
    });
  }
}

function snake(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}
