import { useQuery } from '@tanstack/react-query';

import { rollBack, versionsQuery } from '../../api/deployment-versions.ts';
import { Dialog } from '../../components/dialog.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem, Outlook } from '../run-actions/dialog-parts.tsx';
import { Differences } from './version-differences.tsx';

interface RollbackProps {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly onClose: () => void;
}

/** What is paused stays as it is. */
const STAYS = /^paused$|^schedules\..*\.active$/;

export function RollbackDialog({ id, name, version, onClose }: RollbackProps) {
  const query = useQuery(versionsQuery(id, null, version));
  const change = useChange('deployments', () => rollBack(id, version), onClose);
  return (
    <Dialog title={`Roll ${name} back to version ${version}?`} onClose={onClose}>
      <p>
        It becomes what it was after that version, as a further version. What is paused stays paused. The file is what
        it was: applied again, it wins over this.
      </p>
      <Outlook query={query}>
        {({ differences }) => {
          const changes = differences.filter(({ path }) => !STAYS.test(path));
          return changes.length === 0 ? (
            <p className="muted">Nothing would be changed.</p>
          ) : (
            <Differences differences={changes} from="Now" to={`Version ${version}`} />
          );
        }}
      </Outlook>
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose} leave="Keep it">
        <button type="button" className="button primary" disabled={change.isPending} onClick={() => change.mutate()}>
          Roll back
        </button>
      </DialogActions>
    </Dialog>
  );
}
