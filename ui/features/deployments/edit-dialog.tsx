/** What people say of a deployment, and another one made like it. What a file says is changed by the file. */
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { changeDeployment, duplicateDeployment, type Deployment } from '../../api/deployments.ts';
import { Dialog } from '../../components/dialog.tsx';
import { isWhole, TextField } from '../forms/text-field.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';

interface EditProps {
  readonly deployment: Deployment;
  readonly onClose: () => void;
}

export function EditDialog({ deployment, onClose }: EditProps) {
  const { id, name, global_concurrency_limit: limitThere } = deployment;
  // One that others share is not changed from here.
  const hasShared = limitThere !== null && limitThere.name !== `deployment:${id}`;
  const firstLimit = limitThere === null ? '' : String(limitThere.limit);
  const [description, setDescription] = useState(deployment.description ?? '');
  const [tags, setTags] = useState(deployment.tags.join(', '));
  const [limit, setLimit] = useState(firstLimit);
  const [hasTried, setTried] = useState(false);
  const change = useChange(
    'deployments',
    () =>
      changeDeployment(id, {
        description: description === '' ? null : description,
        tags: tagsOf(tags),
        ...(limit === firstLimit ? {} : { concurrency_limit: limit.trim() === '' ? null : Number(limit) }),
      }),
    onClose,
  );
  const problem = limit.trim() === '' || isWhole(limit, 1) ? null : 'A whole number from 1, or nothing.';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!change.isPending && problem === null) change.mutate();
  };
  return (
    <Dialog title={`Edit ${name}`} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <TextField label="Description" hint="optional" value={description} onValue={setDescription} />
        <TextField label="Tags" hint="with commas between them" value={tags} onValue={setTags} />
        {hasShared ? (
          <p className="muted">
            Its runs share the limit <code>{limitThere.name}</code> with others.
          </p>
        ) : (
          <TextField
            label="Runs at once"
            hint="any number, if left empty"
            isNumber
            value={limit}
            problem={hasTried ? problem : null}
            onValue={setLimit}
          />
        )}
        <p className="muted">Its schedules are changed under Schedules.</p>
        <DialogProblem error={change.error} />
        <DialogActions onClose={onClose}>
          <button type="submit" className="button primary" disabled={change.isPending}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** None twice, none empty. */
function tagsOf(text: string): readonly string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}

export function DuplicateDialog({ deployment: { id, name }, onClose }: EditProps) {
  const [next, setNext] = useState(`${name}-copy`);
  const navigate = useNavigate();
  const change = useChange(
    'deployments',
    () => duplicateDeployment(id, next.trim()),
    (made) => {
      onClose();
      void navigate({ to: '/deployments/deployment/$id', params: { id: made } });
    },
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!change.isPending && next.trim() !== '') change.mutate();
  };
  return (
    <Dialog title={`Duplicate ${name}`} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <TextField label="Name of the copy" value={next} onValue={setNext} />
        <p className="muted">It has the same schedules, parameters and pool, and begins paused.</p>
        <DialogProblem error={change.error} />
        <DialogActions onClose={onClose}>
          <button type="submit" className="button primary" disabled={change.isPending || next.trim() === ''}>
            Make the copy
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
