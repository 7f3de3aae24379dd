/** Makes a channel: which kind, and the fields that the schema of its block has. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';

import { channelTypesQuery, makeChannel, type ChannelType } from '../../api/notification-channels.ts';
import { ApiError } from '../../api/http.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';
import { problemsOf, ruleProblems } from '../automations/rule-problems.ts';
import type { Problem } from '../forms/field-draft.ts';
import { elsewhere, InputFields, inputOf, untyped } from '../forms/form-input.tsx';
import { fieldOf } from '../forms/schema-field.ts';
import { TextField } from '../forms/text-field.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';

export function NewChannelDialog({ onClose }: { readonly onClose: () => void }) {
  const { data: types, error, refetch } = useQuery(channelTypesQuery());
  const [typeId, setTypeId] = useState<string | null>(null);
  const id = useId();
  const type = types?.find((one) => one.typeId === typeId);
  return (
    <Dialog title="New notification channel" onClose={onClose}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {types === undefined && error === null && <Skeleton lines={3} label="Loading the kinds of channels" />}
      {types !== undefined && (
        <div className="form-field">
          <label htmlFor={id}>Kind</label>
          <select
            id={id}
            className="select"
            value={typeId ?? ''}
            onChange={(event) => setTypeId(event.target.value || null)}
          >
            <option value="">Choose one …</option>
            {types.map((one) => (
              <option key={one.typeId} value={one.typeId}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
      )}
      {type === undefined ? (
        <DialogActions onClose={onClose} leave="Close" />
      ) : (
        <Fields key={type.typeId} type={type} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Fields({ type, onClose }: { readonly type: ChannelType; readonly onClose: () => void }) {
  const [field] = useState(() => fieldOf(type.fields));
  const [typed, setTyped] = useState(() => untyped(field));
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [name, setName] = useState('');
  const change = useChange('notification-channels', (data: string) => makeChannel(type, name.trim(), data), onClose);
  const told = ruleProblems(change.error instanceof ApiError ? change.error.details : null);
  const [named] = problemsOf(told, 'name');
  const others = told.filter(({ part }) => part !== 'name').map(({ reason }) => reason);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (change.isPending) return;
    const input = inputOf(field, typed);
    setProblems(input.ok ? [] : input.problems);
    if (input.ok) change.mutate(input.json);
  };
  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label="Name"
        hint="lowercase letters, numbers and dashes"
        value={name}
        problem={named?.reason ?? null}
        onValue={setName}
      />
      <InputFields label="Its fields as JSON" field={field} typed={typed} problems={problems} onTyped={setTyped} />
      <DialogProblem error={elsewhere(field, typed, problems)} />
      <DialogProblem error={told.length === 0 ? change.error : others.length === 0 ? null : others.join(' · ')} />
      <DialogActions onClose={onClose} leave="Close">
        <button type="submit" className="button primary" disabled={change.isPending}>
          Make the channel
        </button>
      </DialogActions>
    </form>
  );
}
