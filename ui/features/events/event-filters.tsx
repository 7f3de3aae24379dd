import { formatShortDateTime } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SPANS, type Span } from '../flow-runs/spans.ts';
import type { SearchChange } from '../places/search-state.ts';
import { DEFAULT_SPAN, isNarrowed, type EventSearch } from './event-search.ts';

interface FiltersProps {
  readonly search: Partial<EventSearch>;
  readonly onChange: SearchChange<EventSearch>;
}

/** Kinds of events that one looks for often, by the beginning of their names. */
const KINDS = [
  ['prefect.flow-run.', 'Flow runs'],
  ['prefect.task-run.', 'Task runs'],
  ['prefect.deployment.', 'Deployments'],
  ['prefect.work-pool.', 'Work pools'],
  ['prefect.automation.', 'Automations'],
] as const;

export function EventFilters({ search, onChange }: FiltersProps) {
  const { name = '', resource = '', related = '', text = '', event } = search;
  return (
    <div className="filters">
      <div className="filters-row event-filters">
        <SearchField
          label="Name or its beginning, * for any"
          value={name}
          onChange={(next, options) => onChange({ name: next }, options)}
          isMain
        />
        <SearchField
          label="Resource: id or name"
          value={resource}
          onChange={(next, options) => onChange({ resource: next }, options)}
        />
        <SearchField
          label="Related: id, name or role"
          value={related}
          onChange={(next, options) => onChange({ related: next }, options)}
        />
        <SearchField
          label="Words in it"
          value={text}
          onChange={(next, options) => onChange({ text: next.slice(0, 200) }, options)}
        />
        <SpanSelect search={search} onChange={onChange} />
        {isNarrowed(search) && (
          <button
            type="button"
            className="button plain"
            onClick={() =>
              onChange({ name: undefined, resource: undefined, related: undefined, text: undefined, event: undefined })
            }
          >
            <Icon name="close" size={14} /> Clear
          </button>
        )}
      </div>
      {event === undefined && (
        <div className="chips" role="group" aria-label="Kinds of events">
          {KINDS.map(([prefix, label]) => (
            <button
              key={prefix}
              type="button"
              className="chip"
              aria-pressed={name === prefix}
              onClick={() => onChange({ name: name === prefix ? undefined : prefix })}
            >
              {label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function SpanSelect({ search: { span = DEFAULT_SPAN, from, to }, onChange }: FiltersProps) {
  const isOwn = from !== undefined && to !== undefined;
  return (
    <select
      className="select"
      aria-label="Time window"
      value={isOwn ? 'own' : span}
      onChange={(event) => onChange({ span: event.target.value as Span, from: undefined, to: undefined })}
    >
      {isOwn && (
        <option value="own">
          {formatShortDateTime(Date.parse(from))} – {formatShortDateTime(Date.parse(to))}
        </option>
      )}
      {(Object.keys(SPANS) as Span[]).map((key) => (
        <option key={key} value={key}>
          {SPANS[key].label}
        </option>
      ))}
    </select>
  );
}
