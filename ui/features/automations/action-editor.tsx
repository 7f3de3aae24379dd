/** What an automation does, one action after the other. */
import { Link } from '@tanstack/react-router';
import { useId, type ReactNode } from 'react';

import type { AutomationChoice } from '../../api/automations.ts';
import { parseLossless, printJson } from '../../api/lossless-json.ts';
import { Icon } from '../../components/icon.tsx';
import { isJson as isJsonText } from '../forms/field-draft.ts';
import { TextField } from '../forms/text-field.tsx';
import { ACTION_KINDS, actionKind, newAction, withTarget, type ActionKind } from './action-kinds.ts';
import { LinesField } from './lines-field.tsx';
import { RuleProblems } from './rule-problem-list.tsx';
import { problemsOf, type RuleProblem } from './rule-problems.ts';
import { changed, textOf, type Json } from './rule.ts';

interface ActionsProps {
  readonly actions: readonly Json[];
  readonly choices: readonly AutomationChoice[];
  readonly problems: readonly RuleProblem[];
  readonly onActions: (actions: readonly Json[]) => void;
}

export function ActionsEditor({ actions, choices, problems, onActions }: ActionsProps) {
  const id = useId();
  return (
    <>
      {actions.length === 0 && <p className="muted">Without one it only tells that it fired, by an event.</p>}
      {actions.map((action, at) => (
        // They have nothing of their own by which they could be told apart.
        // oxlint-disable-next-line react/no-array-index-key
        <fieldset key={at} className="form-group">
          <legend>{`${at + 1}. ${actionKind(action).label}`}</legend>
          <ActionFields action={action} choices={choices} onAction={(next) => onActions(actions.with(at, next))} />
          <RuleProblems problems={problemsOf(problems, 'actions', at)} />
          <button type="button" className="button plain" onClick={() => onActions(actions.toSpliced(at, 1))}>
            <Icon name="close" size={14} /> Remove action {at + 1}
          </button>
        </fieldset>
      ))}
      <div className="form-field">
        <label htmlFor={id}>Add an action</label>
        <select
          id={id}
          className="select"
          value=""
          onChange={({ target: { value } }) => {
            if (value !== '') onActions([...actions, newAction(value)]);
          }}
        >
          <option value="">Choose what it does …</option>
          {ACTION_KINDS.map(({ type, label }) => (
            <option key={type} value={type}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

interface FieldsProps {
  readonly action: Json;
  readonly choices: readonly AutomationChoice[];
  readonly onAction: (action: Json) => void;
}

function ActionFields(props: FieldsProps): ReactNode {
  const { action, onAction } = props;
  const kind = actionKind(action);
  const text = (key: string, label: string, hint = '') => (
    <TextField
      label={label}
      hint={hint}
      value={textOf(action[key])}
      onValue={(value) => onAction(changed(action, { [key]: value }))}
    />
  );
  const lines = (key: string, label: string, hint: string) => (
    <LinesField
      label={label}
      hint={hint}
      rows={3}
      value={textOf(action[key])}
      print={asItIs}
      read={asItIs}
      onValue={(value) => onAction(changed(action, { [key]: value }))}
    />
  );
  return (
    <>
      {kind.target !== undefined && <TargetField {...props} kind={kind} />}
      {kind.type === 'send-notification' && (
        <>
          {text('subject', 'Subject', 'a template')}
          {lines('body', 'Text', 'a template: {{ event.event }}, {{ flow_run.name }} …')}
        </>
      )}
      {kind.type === 'call-webhook' && lines('payload', 'Body', 'a template, JSON for instance')}
      {kind.type === 'run-deployment' && (
        <JsonField
          label="Parameters"
          value={action['parameters']}
          onValue={(parameters) => onAction(changed(action, { parameters }))}
        />
      )}
      {kind.type === 'change-flow-run-state' && (
        <>
          <StateField action={action} onAction={onAction} />
          {text('message', 'Message', 'optional')}
        </>
      )}
    </>
  );
}

function asItIs(text: string): string {
  return text;
}

function TargetField({ action, choices, onAction, kind }: FieldsProps & { readonly kind: ActionKind }) {
  const id = useId();
  const { target, isInferable = false, block } = kind;
  if (target === undefined) return null;
  const value = action['source'] === 'inferred' ? '' : textOf(action[target.key]);
  const fitting = choices.filter(
    (one) =>
      one.kind === target.kind &&
      (block?.capability === undefined || one.capabilities.includes(block.capability)) &&
      (block?.type === undefined || one.type === block.type),
  );
  return (
    <div className="form-field">
      <label htmlFor={id}>{block === undefined ? 'Which' : 'By the block'}</label>
      <select
        id={id}
        className="select"
        value={value}
        onChange={(event) => onAction(withTarget(action, kind, event.target.value))}
      >
        <option value="">{isInferable ? 'the one of the event' : 'Choose one …'}</option>
        {value !== '' && !fitting.some((one) => one.id === value) && <option value={value}>{value}</option>}
        {fitting.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      {fitting.length === 0 && !isInferable && (
        <p className="muted field-note">
          There is no block that can do it yet.{' '}
          {block?.capability === 'notify' && <Link to="/notification-channels">Make a notification channel</Link>}
        </p>
      )}
    </div>
  );
}

const STATES = [
  'CANCELLED',
  'FAILED',
  'COMPLETED',
  'CRASHED',
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'PAUSED',
  'CANCELLING',
];

function StateField({ action, onAction }: Pick<FieldsProps, 'action' | 'onAction'>) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>State</label>
      <select
        id={id}
        className="select"
        value={textOf(action['state'])}
        onChange={(event) => onAction(changed(action, { state: event.target.value }))}
      >
        {STATES.map((state) => (
          <option key={state} value={state}>
            {state[0]}
            {state.slice(1).toLowerCase()}
          </option>
        ))}
      </select>
    </div>
  );
}

interface JsonFieldProps {
  readonly label: string;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
}

/** What is no JSON yet is kept as text: the server would refuse it, and says so. */
function JsonField({ label, value, onValue }: JsonFieldProps) {
  return (
    <LinesField
      label={label}
      hint="JSON, optional"
      value={value}
      print={(shown) =>
        shown === undefined || shown === null ? '' : typeof shown === 'string' ? shown : printJson(shown)
      }
      read={(text) => (text.trim() === '' ? undefined : isJsonText(text) ? parseLossless(text) : text)}
      onValue={onValue}
    />
  );
}
