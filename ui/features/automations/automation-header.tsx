import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { deleteAutomation, type ActionLine, type AutomationPageData } from '../../api/automations.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { countOf } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { Tags } from '../../components/tags.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { resourcePlace } from '../events/resource-place.ts';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DeletionDialog } from '../run-actions/deletion-dialog.tsx';
import { sentence } from './sentence.ts';
import { AutomationSwitch } from './automation-switch.tsx';

export function AutomationHeader({ page }: { readonly page: AutomationPageData }) {
  const { automation, stopped } = page;
  const { id, name, description, enabled, tags } = automation;
  const [isAsked, setAsked] = useState(false);
  return (
    <header className="run-head">
      <div className="run-head-top">
        <div>
          <p className="crumbs muted">
            <Link to="/automations">Automations</Link>
          </p>
          <h1>
            <bdi>{name}</bdi> <CopyButton text={id} label="Copy the id" />
          </h1>
          {description !== '' && <p className="run-about muted">{description}</p>}
        </div>
        <div className="run-actions">
          <span className="automation-state">
            <span aria-hidden="true">{enabled ? 'On' : 'Off'}</span>
            <AutomationSwitch id={id} name={name} isOn={enabled} />
          </span>
          <Link to="/automations/automation/$id/edit" params={{ id }} className="button">
            <Icon name="rows" size={14} /> Edit
          </Link>
          <Link to="/automations/create" search={{ from: id }} className="button">
            <Icon name="copy" size={14} /> Duplicate
          </Link>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked(true)}>
            <Icon name="bin" size={14} /> Delete
          </button>
        </div>
      </div>
      <div className="run-facts">
        {!enabled && <span className="paused-mark">Off</span>}
        <span>
          {page.firings[0] === undefined ? (
            'Has not fired'
          ) : (
            <>
              Fired <TimeAgo at={page.firings[0].at} />
            </>
          )}
        </span>
        {page.firing_count_day > 0 && <span>{countOf(page.firing_count_day, 'time')} in the last day</span>}
        <Tags tags={tags} />
      </div>
      {stopped !== null && (
        <div className="hindrance">
          <p>
            The server switched it off <TimeAgo at={stopped.at} />. {stopped.reason}
          </p>
        </div>
      )}
      <RuleInWords page={page} />
      {isAsked && <DeleteDialog page={page} onClose={() => setAsked(false)} />}
    </header>
  );
}

const WHEN: Readonly<Record<ActionLine['on'], string>> = {
  always: '',
  trigger: 'when it is met: ',
  resolve: 'when it is over: ',
};

/** Two columns: what it waits for, what it does then. */
function RuleInWords({ page: { trigger, actions } }: { readonly page: AutomationPageData }) {
  return (
    <div className="rule-words card">
      <section>
        <h2>Waits for</h2>
        {trigger.length === 0 && <p className="muted">Its trigger is of a kind that this server does not look at.</p>}
        {trigger.map(({ depth, text }, at) => (
          // Two triggers may say the same.
          // oxlint-disable-next-line react/no-array-index-key
          <p key={at} style={{ marginInlineStart: `${Math.min(depth, 6) * 1.1}rem` }} dir="auto">
            {sentence(text)}
          </p>
        ))}
      </section>
      <section>
        <h2>Then</h2>
        {actions.length === 0 && <p className="muted">It only tells that it fired, by an event.</p>}
        <ol>
          {actions.map((action, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <li key={at}>
              {at > 0 && <span className="muted">then </span>}
              <ActionText action={action} isFirst={at === 0} />
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function ActionText({
  action: { on, text, target },
  isFirst,
}: {
  readonly action: ActionLine;
  readonly isFirst: boolean;
}) {
  const inside = `${text[0]?.toLowerCase() ?? ''}${text.slice(1)}`;
  const words = isFirst ? sentence(`${WHEN[on]}${on === 'always' ? text : inside}`) : `${WHEN[on]}${inside}`;
  const place = target === null ? null : resourcePlace(`prefect.${target.kind}.${target.id}`, target.name);
  if (target === null || place === null || target.name === null) return <bdi>{words}</bdi>;
  const [before = '', after = ''] = words.split(`“${target.name}”`);
  return (
    <>
      {before}
      <Link to={place.to} params={place.params as never}>
        <bdi>{target.name}</bdi>
      </Link>
      {after}
    </>
  );
}

function DeleteDialog({ page, onClose }: { readonly page: AutomationPageData; readonly onClose: () => void }) {
  const { id, name } = page.automation;
  const navigate = useNavigate();
  const change = useChange(
    'automations',
    () => goneWhenGone(deleteAutomation(id)),
    () => void navigate({ to: '/automations', replace: true }),
  );
  return (
    <DeletionDialog title={`Delete ${name}?`} what="automation" change={change} onClose={onClose}>
      It does nothing any more, also not what it has ordered already. The events of its firings stay.
    </DeletionDialog>
  );
}
