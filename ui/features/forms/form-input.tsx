/** What somebody fills in by a schema: as fields, or as JSON where they like that better. */
import { draftOf, isJson, unplaced, writeDraft, type Draft, type Problem } from './field-draft.ts';
import type { Field } from './schema-field.ts';
import { SchemaField } from './schema-form.tsx';

export interface Typed {
  readonly draft: Draft;
  /** In place of the fields; `null`: the fields count. */
  readonly json: string | null;
}

/** Nothing yet but what the schema has. */
export function untyped(field: Field): Typed {
  return { draft: draftOf(field), json: field.kind === 'object' ? null : '{}' };
}

export type Input =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** As a JSON object. */
export function inputOf(field: Field, { draft, json }: Typed): Input {
  if (json === null) {
    const answer = writeDraft(field, draft);
    return answer.ok ? { ok: true, json: answer.json ?? '{}' } : answer;
  }
  const isObject = isJson(json) && json.trim().startsWith('{');
  return isObject ? { ok: true, json } : { ok: false, problems: [{ path: [], reason: 'This is no JSON object.' }] };
}

interface InputFieldsProps {
  /** Of the field of JSON. */
  readonly label: string;
  readonly field: Field;
  readonly typed: Typed;
  readonly problems: readonly Problem[];
  readonly onTyped: (typed: Typed) => void;
}

export function InputFields({ label, field, typed, problems, onTyped }: InputFieldsProps) {
  const { draft, json } = typed;
  if (json !== null) {
    return (
      <>
        <label className="form-field">
          {label}
          <textarea
            className="form-json"
            rows={8}
            spellCheck={false}
            value={json}
            onChange={(event) => onTyped({ draft, json: event.target.value })}
          />
        </label>
        {field.kind === 'object' && (
          <button type="button" className="button plain" onClick={() => onTyped({ draft, json: null })}>
            Back to the form
          </button>
        )}
      </>
    );
  }
  const asJson = (): void => {
    const answer = writeDraft(field, draft);
    onTyped({ draft, json: answer.ok ? (answer.json ?? '{}') : '{}' });
  };
  return (
    <>
      <SchemaField
        field={field}
        draft={draft}
        path={[]}
        problems={problems}
        onDraft={(next) => onTyped({ draft: next, json })}
      />
      <button type="button" className="button plain" onClick={asJson}>
        Write it as JSON
      </button>
    </>
  );
}

/** What no field shows, as one line; `null`: nothing. */
export function elsewhere(field: Field, typed: Typed, problems: readonly Problem[]): string | null {
  const left = typed.json === null ? unplaced(field, problems) : problems;
  if (left.length === 0) return null;
  return left.map(({ path, reason }) => (path.length === 0 ? reason : `${path.join('.')}: ${reason}`)).join(' · ');
}
