/** Deleting deployments: by themselves, and with their flow. */

import type { Statements, Work } from '../driver.ts';
import type { IdValue } from '../id-value.ts';

/** With its schedules, their slots, and its versions, inside a transaction. */
export function* removeDeployment(db: Statements, id: IdValue): Work<void> {
  yield* db.run('DELETE FROM deployment_schedule WHERE deployment_id = ?', id);
  yield* db.run('DELETE FROM schedule_slot WHERE deployment_id = ?', id);
  yield* db.run('DELETE FROM deployment_version WHERE deployment_id = ?', id);
  yield* db.run('DELETE FROM deployment WHERE id = ?', id);
}

/** Inside a transaction. Their runs go with the flow. */
export function* removeDeploymentsOfFlow(db: Statements, flowId: IdValue): Work<void> {
  const rows = yield* db.all<{ readonly id: IdValue }>('SELECT id FROM deployment WHERE flow_id = ?', flowId);
  for (const { id } of rows) yield* removeDeployment(db, id);
}
