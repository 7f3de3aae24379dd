/** The fields of a schema, each with what is wrong with it. */
import { useId, type ReactNode } from 'react';

import { printJson } from '../../api/lossless-json.ts';
import { Icon } from '../../components/icon.tsx';
import { draftOf, type Draft, type Problem } from './field-draft.ts';
import type { Field } from './schema-field.ts';

import './schema-form.css';

interface FieldProps {
  readonly field: Field;
  readonly draft: Draft;
  readonly path: readonly string[];
  readonly problems: readonly Problem[];
  readonly onDraft: (draft: Draft) => void;
}

export function SchemaField(props: FieldProps) {
  const { field, draft, path, problems, onDraft } = props;
  if (field.kind === 'object') return <ObjectField {...props} fields={field.fields} />;
  if (field.kind === 'list') return <ListField {...props} item={field.item} />;
  const own = problems.filter((problem) =>
    field.kind === 'json' ? startsWith(problem.path, path) : isSame(problem.path, path),
  );
  return <OneField field={field} draft={draft} path={path} problems={own} onDraft={onDraft} />;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && startsWith(a, b);
}

function startsWith(path: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((part, at) => path[at] === part);
}

function Label({ field }: { readonly field: Field }) {
  return (
    <>
      {field.title}
      {field.isRequired && !field.isNullable ? (
        <span className="muted" title="required">
          {' '}
          *
        </span>
      ) : (
        <span className="muted field-hint"> optional</span>
      )}
    </>
  );
}

function OneField({ field, draft, path, problems, onDraft }: FieldProps) {
  const id = useId();
  const says = `${id}says`;
  const hasNote = field.description !== '' || problems.length > 0;
  return (
    <div className="form-field" data-wrong={problems.length > 0} data-path={path.join('.')}>
      {field.title !== '' && (
        <label htmlFor={id}>
          <Label field={field} />
        </label>
      )}
      <Control
        field={field}
        draft={draft}
        onDraft={onDraft}
        attributes={{
          id,
          'aria-invalid': problems.length > 0,
          'aria-label': field.title === '' ? `Item ${Number(path.at(-1) ?? 0) + 1}` : undefined,
          'aria-describedby': hasNote ? says : undefined,
        }}
      />
      {hasNote && (
        <div id={says}>
          <FieldNote description={field.description} problems={problems} />
        </div>
      )}
    </div>
  );
}

function FieldNote({ description, problems }: { readonly description: string; readonly problems: readonly Problem[] }) {
  return (
    <>
      {description !== '' && <p className="muted field-note">{description}</p>}
      {problems.map(({ reason, path }, at) => (
        <p key={at} className="field-problem" role="alert" data-at={path.join('.')}>
          {reason}
        </p>
      ))}
    </>
  );
}

interface ControlProps {
  readonly field: Field;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly attributes: {
    readonly id: string;
    readonly 'aria-invalid': boolean;
    readonly 'aria-label': string | undefined;
    readonly 'aria-describedby': string | undefined;
  };
}

function Control({ field, draft, onDraft, attributes }: ControlProps): ReactNode {
  const text = typeof draft === 'string' ? draft : '';
  switch (field.kind) {
    case 'boolean':
      if (field.isRequired && !field.isNullable)
        return (
          <input
            {...attributes}
            type="checkbox"
            checked={draft === true}
            onChange={(event) => onDraft(event.target.checked)}
          />
        );
      return (
        <Select
          attributes={attributes}
          value={typeof draft === 'boolean' ? String(draft) : ''}
          options={[
            ['', '–'],
            ['true', 'Yes'],
            ['false', 'No'],
          ]}
          onValue={(value) => onDraft(value === '' ? '' : value === 'true')}
        />
      );
    case 'choice':
      return (
        <Select
          attributes={attributes}
          value={text}
          options={[
            ['', '–'],
            ...field.choices.map(
              (choice, at) => [String(at), typeof choice === 'string' ? choice : printJson(choice)] as const,
            ),
          ]}
          onValue={onDraft}
        />
      );
    case 'json':
      return (
        <textarea
          {...attributes}
          rows={4}
          spellCheck={false}
          className="form-json"
          value={text}
          placeholder="JSON"
          onChange={(event) => onDraft(event.target.value)}
        />
      );
    case 'date':
      return <input {...attributes} type="date" value={text} onChange={(event) => onDraft(event.target.value)} />;
    case 'date-time':
      return (
        <input
          {...attributes}
          type="datetime-local"
          step={1}
          value={text}
          title="In your time zone"
          onChange={(event) => onDraft(event.target.value)}
        />
      );
    case 'number':
    case 'integer':
      return (
        <input
          {...attributes}
          type="text"
          inputMode={field.kind === 'integer' ? 'numeric' : 'decimal'}
          autoComplete="off"
          value={text}
          onChange={(event) => onDraft(event.target.value)}
        />
      );
    default:
      return (
        <textarea
          {...attributes}
          rows={text.includes('\n') ? 4 : 1}
          autoComplete="off"
          value={text}
          onChange={(event) => onDraft(event.target.value)}
        />
      );
  }
}

interface SelectProps {
  readonly attributes: ControlProps['attributes'];
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onValue: (value: string) => void;
}

function Select({ attributes, value, options, onValue }: SelectProps) {
  return (
    <select {...attributes} className="select" value={value} onChange={(event) => onValue(event.target.value)}>
      {options.map(([key, label]) => (
        <option key={key} value={key}>
          {label}
        </option>
      ))}
    </select>
  );
}

function ObjectField({
  field,
  fields,
  draft,
  path,
  problems,
  onDraft,
}: FieldProps & { readonly fields: readonly Field[] }) {
  const own = draft as { readonly [key: string]: Draft };
  const inside = fields.map((inner) => (
    <SchemaField
      key={inner.key}
      field={inner}
      draft={own[inner.key] ?? ''}
      path={[...path, inner.key]}
      problems={problems}
      onDraft={(next) => onDraft({ ...own, [inner.key]: next })}
    />
  ));
  if (path.length === 0) return <>{inside}</>;
  return (
    <fieldset className="form-group">
      <legend>{field.title === '' ? `Item ${Number(path.at(-1)) + 1}` : <Label field={field} />}</legend>
      <FieldNote description={field.description} problems={problems.filter((problem) => isSame(problem.path, path))} />
      {inside}
    </fieldset>
  );
}

function ListField({ field, item, draft, path, problems, onDraft }: FieldProps & { readonly item: Field }) {
  const items = draft as readonly Draft[];
  return (
    <fieldset className="form-group">
      <legend>
        <Label field={field} />
      </legend>
      <FieldNote description={field.description} problems={problems.filter((problem) => isSame(problem.path, path))} />
      {items.map((one, at) => (
        // Items have nothing of their own by which they could be told apart.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className="form-item">
          <SchemaField
            field={item}
            draft={one}
            path={[...path, String(at)]}
            problems={problems}
            onDraft={(next) => onDraft(items.with(at, next))}
          />
          <button
            type="button"
            className="icon-button small"
            onClick={() => onDraft(items.toSpliced(at, 1))}
            aria-label={`Remove item ${at + 1} of ${field.title}`}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
      <button type="button" className="button" onClick={() => onDraft([...items, draftOf(item)])}>
        <Icon name="plus" size={14} /> Add to {field.title}
      </button>
    </fieldset>
  );
}
