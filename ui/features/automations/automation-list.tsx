/** The automations of the server: what each waits for and does, and how that went. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { automationsPageQuery, type AutomationRow } from '../../api/automations.ts';
import { countOf } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { Icon } from '../../components/icon.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager, useLastPage } from '../../components/pager.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { useSearchValues, type SearchChange } from '../places/search-state.ts';
import type { AutomationListSearch } from './automation-search.ts';
import { AutomationSwitch } from './automation-switch.tsx';
import { useLiveAutomations } from './live-automations.ts';
import { sentence } from './sentence.ts';

import '../recent-runs/run-section.css';
import './automations.css';

/** Seen once, before the first automation. */
const FirstAutomation = lazyPage(null, async () => (await import('./first-automation.tsx')).FirstAutomation);

const PAGE_SIZE = 50;
const SORTS = { name: 'NAME_ASC', newest: 'CREATED_DESC', changed: 'UPDATED_DESC' } as const;

export function AutomationList() {
  const [search, onSearch] = useSearchValues<AutomationListSearch>(['name', 'show', 'sort', 'page']);
  const { name = '', show, sort, page = 1 } = search;
  useListKeys('[data-row]');
  const { data, error, isPlaceholderData, refetch } = useQuery(
    automationsPageQuery({
      name,
      enabled: show === undefined ? null : show === 'on',
      sort: SORTS[sort ?? 'name'],
      limit: PAGE_SIZE,
      offset: (page - 1) * PAGE_SIZE,
    }),
  );
  useLiveAutomations(data?.as_of);
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : data?.count, (last) =>
    onSearch({ page: last === 1 ? undefined : last }, { isMore: true }),
  );
  const change: SearchChange<AutomationListSearch> = (said, options) => onSearch({ ...said, page: undefined }, options);
  const isFirst = data?.has_automations === false;
  return (
    <>
      <header className="page-head">
        <h1>Automations</h1>
        <div className="page-actions">
          <Link to="/notification-channels" className="button">
            Notification channels
          </Link>
          {!isFirst && (
            <Link to="/automations/create" className="button primary">
              <Icon name="plus" size={14} /> New automation
            </Link>
          )}
        </div>
      </header>
      {isFirst ? (
        <FirstAutomation />
      ) : (
        <>
          <Filters search={search} onChange={change} />
          <section className="card" aria-label="Automations">
            {data !== undefined && data.count > 0 && (
              <header className="list-head">
                <h2>{countOf(data.count, 'automation')}</h2>
              </header>
            )}
            {error !== null && data === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
            {data === undefined && error === null && <Skeleton lines={6} label="Loading automations" />}
            {data?.automations.length === 0 && (
              <NothingFound onClear={() => change({ name: undefined, show: undefined })} />
            )}
            {data !== undefined && data.automations.length > 0 && (
              <ul className="automation-rows">
                {data.automations.map((automation) => (
                  <Row key={automation.id} automation={automation} />
                ))}
              </ul>
            )}
            <Pager
              page={page}
              pageSize={PAGE_SIZE}
              total={data?.count}
              isByTime={false}
              onPage={(next) => {
                onSearch({ page: next === 1 ? undefined : next });
                scrollTo({ top: 0 });
              }}
            />
          </section>
        </>
      )}
    </>
  );
}

function NothingFound({ onClear }: { readonly onClear: () => void }) {
  return (
    <EmptyNote icon="search" title="No automation matches">
      <p className="muted">There are automations on this server, but none that fits what is asked for here.</p>
      <div className="note-actions">
        <button type="button" className="button" onClick={onClear}>
          Clear the filters
        </button>
      </div>
    </EmptyNote>
  );
}

function Filters({
  search: { name = '', show, sort },
  onChange,
}: {
  readonly search: Partial<AutomationListSearch>;
  readonly onChange: SearchChange<AutomationListSearch>;
}) {
  return (
    <div className="filters-row automation-filters">
      <SearchField
        label="Search by name"
        value={name}
        onChange={(next, options) => onChange({ name: next }, options)}
        isMain
      />
      <select
        className="select"
        aria-label="Which are shown"
        value={show ?? ''}
        onChange={(event) => onChange({ show: (event.target.value || undefined) as AutomationListSearch['show'] })}
      >
        <option value="">All</option>
        <option value="on">On</option>
        <option value="off">Off</option>
      </select>
      <select
        className="select"
        aria-label="Order"
        value={sort ?? ''}
        onChange={(event) => onChange({ sort: (event.target.value || undefined) as AutomationListSearch['sort'] })}
      >
        <option value="">By name</option>
        <option value="newest">Newest first</option>
        <option value="changed">Last changed first</option>
      </select>
    </div>
  );
}

/** More are told as a number. */
const ACTIONS_SHOWN = 2;

function Row({ automation }: { readonly automation: AutomationRow }) {
  const { id, name, enabled, trigger, actions } = automation;
  return (
    <li className="automation-row" data-enabled={enabled}>
      <Link to="/automations/automation/$id" params={{ id }} className="automation-name" data-row="">
        <strong title={name} dir="auto">
          {name}
        </strong>
        <span className="muted" title={trigger} dir="auto">
          {sentence(trigger)}
        </span>
      </Link>
      <ul className="automation-does">
        {actions.slice(0, ACTIONS_SHOWN).map((text, at) => (
          // Two actions may say the same.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at} title={text} dir="auto">
            {text}
          </li>
        ))}
        {actions.length > ACTIONS_SHOWN && <li className="muted">{actions.length - ACTIONS_SHOWN} more</li>}
        {actions.length === 0 && <li className="muted">It only tells that it fired</li>}
      </ul>
      <Fired automation={automation} />
      <span className="automation-switch">
        <AutomationSwitch id={id} name={name} isOn={enabled} />
      </span>
    </li>
  );
}

function Fired({ automation }: { readonly automation: AutomationRow }) {
  const { fired_at: at, firing_count: count, failure_count: failures } = automation;
  return (
    <span className="automation-fired">
      {at === null ? (
        <span className="muted">Has not fired</span>
      ) : (
        <span>
          Fired <TimeAgo at={at} />
        </span>
      )}
      {count > 0 && <span className="muted">{countOf(count, 'time')} in the last day</span>}
      {failures > 0 && <span className="automation-failed">{countOf(failures, 'action')} came to nothing</span>}
    </span>
  );
}
