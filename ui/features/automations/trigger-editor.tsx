/** What an automation waits for, as fields; triggers in triggers are the same fields again. */
import { useId } from 'react';

import { Icon } from '../../components/icon.tsx';
import { TextField } from '../forms/text-field.tsx';
import { LinesField, printLines, readLines } from './lines-field.tsx';
import {
  changed,
  FIRST_TRIGGER,
  kindOf,
  labelLines,
  labelsIn,
  numberIn,
  ofKind,
  partsOf,
  relatedIn,
  relatedLines,
  secondsOf,
  spanOf,
  textOf,
  textsOf,
  UNIT_NAMES,
  type Json,
  type TriggerKind,
  type Unit,
} from './rule.ts';

interface TriggerProps {
  readonly trigger: Json;
  /** How many it lies in. */
  readonly depth?: number;
  readonly onTrigger: (trigger: Json) => void;
}

const KINDS: readonly (readonly [kind: TriggerKind, label: string])[] = [
  ['happens', 'Something happens'],
  ['missing', 'Something stays away'],
  ['compound', 'Several of these happen'],
  ['sequence', 'One after the other happens'],
];
/** Deeper ones are written as text. */
const DEPTH_MAX = 2;

export function TriggerEditor({ trigger, depth = 0, onTrigger }: TriggerProps) {
  const id = useId();
  const kind = kindOf(trigger);
  const change = (said: Readonly<Record<string, unknown>>): void => onTrigger(changed(trigger, said));
  return (
    <>
      <div className="form-field">
        <label htmlFor={id}>When</label>
        <select
          id={id}
          className="select"
          value={kind}
          onChange={(event) => onTrigger(ofKind(trigger, event.target.value as TriggerKind))}
        >
          {KINDS.filter(([one]) => depth < DEPTH_MAX || one === kind || one === 'happens' || one === 'missing').map(
            ([one, label]) => (
              <option key={one} value={one}>
                {label}
              </option>
            ),
          )}
        </select>
      </div>
      {kind === 'happens' || kind === 'missing' ? (
        <EventFields trigger={trigger} isMissing={kind === 'missing'} onChange={change} />
      ) : (
        <CompositeFields trigger={trigger} kind={kind} depth={depth} onChange={change} />
      )}
    </>
  );
}

type OnChange = (change: Readonly<Record<string, unknown>>) => void;

/** States of runs that one waits for most. */
const STATES = ['Failed', 'Crashed', 'Completed', 'Cancelled', 'Late', 'Running'] as const;
const OF_RUN = 'prefect.flow-run.';

function EventFields({
  trigger,
  isMissing,
  onChange,
}: {
  readonly trigger: Json;
  readonly isMissing: boolean;
  readonly onChange: OnChange;
}) {
  const expect = textsOf(trigger['expect']);
  const toggle = (name: string): void =>
    onChange({ expect: expect.includes(name) ? expect.filter((one) => one !== name) : [...expect, name] });
  return (
    <>
      <LinesField
        label={isMissing ? 'Events that should come' : 'Events'}
        hint="a name a line, * for any text; none: every event"
        value={expect}
        print={printLines}
        read={readLines}
        onValue={(next) => onChange({ expect: next })}
      />
      <div className="chips rule-chips" role="group" aria-label="States of flow runs">
        {STATES.map((state) => (
          <button
            key={state}
            type="button"
            className="chip"
            aria-pressed={expect.includes(OF_RUN + state)}
            onClick={() => toggle(OF_RUN + state)}
          >
            {state}
          </button>
        ))}
      </div>
      {isMissing && (
        <LinesField
          label="Counting from"
          hint="an event that opens the time; none: always"
          rows={1}
          value={textsOf(trigger['after'])}
          print={printLines}
          read={readLines}
          onValue={(after) => onChange({ after: after.length === 0 ? undefined : after })}
        />
      )}
      <div className="rule-pair">
        <LinesField
          label="About"
          hint="labels of the resource, label: pattern"
          placeholder="prefect.resource.id: prefect.flow-run.*"
          value={trigger['match']}
          print={labelLines}
          read={labelsIn}
          onValue={(match) => onChange({ match })}
        />
        <LinesField
          label="Related to"
          hint="labels of a related resource; several parted by an empty line"
          placeholder={'prefect.resource.role: flow\nprefect.resource.name: sales'}
          value={trigger['match_related']}
          print={relatedLines}
          read={relatedIn}
          onValue={(related) => onChange({ match_related: related })}
        />
      </div>
      <Counting trigger={trigger} isMissing={isMissing} onChange={onChange} />
    </>
  );
}

const OWN_ID = 'prefect.resource.id';

function Counting({
  trigger,
  isMissing,
  onChange,
}: {
  readonly trigger: Json;
  readonly isMissing: boolean;
  readonly onChange: OnChange;
}) {
  const forEach = textsOf(trigger['for_each']);
  return (
    <>
      <div className="rule-pair">
        <TextField
          label={isMissing ? 'Fewer than' : 'How often'}
          hint={isMissing ? 'times' : 'times; each time, if 1'}
          isNumber
          value={textOf(trigger['threshold'])}
          onValue={(text) => onChange({ threshold: numberIn(text) })}
        />
        <SpanField
          label="Within"
          hint={isMissing ? 'ten seconds at least' : 'no matter when, if 0'}
          seconds={trigger['within']}
          onSeconds={(within) => onChange({ within })}
        />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={forEach.includes(OWN_ID)}
          onChange={({ target: { checked } }) =>
            onChange({ for_each: checked ? [...forEach, OWN_ID] : forEach.filter((one) => one !== OWN_ID) })
          }
        />
        Count each resource by itself
      </label>
      {forEach.some((label) => label !== OWN_ID) && (
        <p className="muted field-note">Counted also for each: {forEach.filter((one) => one !== OWN_ID).join(', ')}</p>
      )}
    </>
  );
}

interface SpanFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly seconds: unknown;
  readonly onSeconds: (seconds: unknown) => void;
}

function SpanField({ label, hint, seconds, onSeconds }: SpanFieldProps) {
  const { count, unit } = spanOf(seconds);
  return (
    <div className="rule-span">
      <TextField
        label={label}
        hint={hint}
        isNumber
        value={count}
        onValue={(text) => onSeconds(secondsOf(text, unit))}
      />
      <select
        className="select"
        aria-label={`${label}: unit`}
        value={unit}
        onChange={(event) => onSeconds(secondsOf(count, event.target.value as Unit))}
      >
        {UNIT_NAMES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function CompositeFields({
  trigger,
  kind,
  depth,
  onChange,
}: {
  readonly trigger: Json;
  readonly kind: 'compound' | 'sequence';
  readonly depth: number;
  readonly onChange: OnChange;
}) {
  const id = useId();
  const triggers = partsOf(trigger['triggers']);
  const required = textOf(trigger['require']);
  return (
    <>
      <div className="rule-pair">
        {kind === 'compound' && (
          <div className="form-field">
            <label htmlFor={id}>Of these</label>
            <select
              id={id}
              className="select"
              value={required}
              onChange={({ target: { value } }) =>
                onChange({ require: value === 'any' || value === 'all' ? value : Number(value) })
              }
            >
              <option value="all">all</option>
              <option value="any">any</option>
              {triggers.slice(1).map((_, at) => (
                // oxlint-disable-next-line react/no-array-index-key
                <option key={at} value={String(at + 1)}>
                  {at + 1} at least
                </option>
              ))}
            </select>
          </div>
        )}
        <SpanField
          label="Within"
          hint="no matter when, if empty"
          seconds={trigger['within']}
          onSeconds={(within) => onChange({ within: within ?? null })}
        />
      </div>
      {triggers.map((part, at) => (
        // They have nothing of their own by which they could be told apart.
        // oxlint-disable-next-line react/no-array-index-key
        <fieldset key={at} className="form-group">
          <legend>{kind === 'sequence' ? `${at + 1}.` : `Trigger ${at + 1}`}</legend>
          <TriggerEditor
            trigger={part}
            depth={depth + 1}
            onTrigger={(next) => onChange({ triggers: triggers.with(at, next) })}
          />
          <button
            type="button"
            className="button plain"
            onClick={() => onChange({ triggers: triggers.toSpliced(at, 1) })}
          >
            <Icon name="close" size={14} /> Remove trigger {at + 1}
          </button>
        </fieldset>
      ))}
      <button type="button" className="button" onClick={() => onChange({ triggers: [...triggers, FIRST_TRIGGER] })}>
        <Icon name="plus" size={14} /> Add a trigger
      </button>
    </>
  );
}
