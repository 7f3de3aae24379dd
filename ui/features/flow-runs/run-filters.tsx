import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { flowListQuery, flowQuery } from '../../api/flows.ts';
import type { StateType } from '../../api/states.ts';
import { formatCount, formatShortDateTime } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { SearchField, type ChangeOptions } from '../../components/search-field.tsx';
import { TEXT_MAX } from '../../components/search-values.ts';
import { StateShape } from '../states/state-badge.tsx';
import { FILTER_ORDER, lookOf } from '../states/state-look.ts';
import { DEFAULT_SPAN, isNarrowed, type RunSearch } from './run-search.ts';
import { SPANS, type Span } from './spans.ts';

interface FiltersProps {
  readonly search: RunSearch;
  /** How many runs of each state the window has. */
  readonly totals: Readonly<Partial<Record<StateType, number>>>;
  readonly onChange: (change: Partial<Record<keyof RunSearch, unknown>>, options?: ChangeOptions) => void;
}

export function RunFilters({ search, totals, onChange }: FiltersProps) {
  return (
    <div className="filters">
      <div className="filters-row">
        <SearchField
          label="Search by name"
          value={search.name ?? ''}
          onChange={(name, options) => onChange({ name }, options)}
          isMain
        />
        <FlowSelect value={search.flow} onChange={(flow) => onChange({ flow })} />
        <SpanSelect search={search} onChange={onChange} />
        <TagField tags={search.tags ?? []} onChange={(tags) => onChange({ tags })} />
        <label className="check">
          <input
            type="checkbox"
            checked={search.subflows === true}
            onChange={(event) => onChange({ subflows: event.target.checked })}
          />
          Subflows
        </label>
        {isNarrowed(search) && (
          <button
            type="button"
            className="button plain"
            onClick={() => onChange({ name: '', states: [], flow: '', tags: [] })}
          >
            <Icon name="close" size={14} /> Clear
          </button>
        )}
      </div>
      <StateChips selected={search.states ?? []} totals={totals} onChange={(states) => onChange({ states })} />
    </div>
  );
}

/** More flows than this are found by typing on the page of flows. */
const FLOWS_IN_LIST = 200;

function FlowSelect({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (flow: string) => void;
}) {
  const { data: flows = [], isSuccess: isListed } = useQuery(
    flowListQuery({ name: '', limit: FLOWS_IN_LIST, offset: 0 }),
  );
  const isElsewhere = isListed && value !== undefined && !flows.some(({ id }) => id === value);
  const { data: named } = useQuery({ ...flowQuery(value ?? ''), enabled: isElsewhere });
  return (
    <select className="select" aria-label="Flow" value={value ?? ''} onChange={(event) => onChange(event.target.value)}>
      <option value="">All flows</option>
      {isElsewhere && <option value={value}>{named?.name ?? 'One flow'}</option>}
      {flows.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function TagField({
  tags,
  onChange,
}: {
  readonly tags: readonly string[];
  readonly onChange: (tags: readonly string[]) => void;
}) {
  const [text, setText] = useState('');
  const add = (): void => {
    const tag = text.trim();
    if (tag !== '' && !tags.includes(tag)) onChange([...tags, tag]);
    setText('');
  };
  return (
    <div className="tag-field">
      <Icon name="tag" size={14} />
      {tags.map((tag) => (
        <button
          key={tag}
          type="button"
          className="tag"
          onClick={() => onChange(tags.filter((other) => other !== tag))}
          aria-label={`Without tag ${tag}`}
        >
          <span title={tag}>{tag}</span> <Icon name="close" size={10} />
        </button>
      ))}
      <input
        value={text}
        maxLength={TEXT_MAX}
        aria-label="Add a tag to the filter"
        placeholder={tags.length === 0 ? 'Tags' : ''}
        onChange={(event) => setText(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key === 'Enter') add();
          else if (event.key === 'Backspace' && text === '') onChange(tags.slice(0, -1));
        }}
      />
    </div>
  );
}

function SpanSelect({ search, onChange }: Omit<FiltersProps, 'totals'>) {
  const { from, to, span = DEFAULT_SPAN } = search;
  const isOwn = from !== undefined && to !== undefined;
  return (
    <select
      className="select"
      aria-label="Time window"
      value={isOwn ? 'own' : span}
      onChange={(event) => onChange({ span: event.target.value, from: undefined, to: undefined })}
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

interface ChipsProps {
  readonly selected: readonly StateType[];
  readonly totals: FiltersProps['totals'];
  readonly onChange: (states: readonly StateType[]) => void;
}

/** Always offered, even without runs: what one looks for first. */
const ALWAYS: ReadonlySet<StateType> = new Set(['RUNNING', 'FAILED', 'COMPLETED']);

function StateChips({ selected, totals, onChange }: ChipsProps) {
  const shown = FILTER_ORDER.filter((type) => ALWAYS.has(type) || selected.includes(type) || (totals[type] ?? 0) > 0);
  return (
    <div className="chips" role="group" aria-label="States">
      {shown.map((type) => {
        const isOn = selected.includes(type);
        return (
          <button
            key={type}
            type="button"
            className="chip"
            aria-pressed={isOn}
            onClick={() => onChange(isOn ? selected.filter((other) => other !== type) : [...selected, type])}
          >
            <StateShape type={type} size={14} /> {lookOf(type).label}{' '}
            <span className="chip-count">{formatCount(totals[type] ?? 0)}</span>
          </button>
        );
      })}
    </div>
  );
}
