/**
 * Finished flow runs, counted by quarters of an hour as they finish: a history over millions of runs reads thousands of
 * rows. What is not finished changes with the time, is little, and is counted when it is asked for.
 *
 * Triggers count, so that no statement can forget to, an older program's neither. They are spelt as SQLite has them.
 */

import type { Migration } from './migration.ts';

/** Never to be changed, as all of a migration: rows were counted by it. */
export const QUARTER_US = 900_000_000;

const IS_OVER = `IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED')`;
const COLUMNS = 'state_type, state_name, is_child, quarter, count, run_time_us, lateness_us';

const isCounted = (row: string): string => `${row}state_type ${IS_OVER} AND ${row}expected_start_time IS NOT NULL`;
const key = (row: string): string =>
  `${row}state_type, ${row}state_name, ${row}parent_task_run_id IS NOT NULL, ${row}expected_start_time / ${QUARTER_US}`;
const lateness = (row: string): string =>
  `max(0, coalesce(${row}start_time, ${row}expected_start_time) - ${row}expected_start_time)`;

const ADD =
  `INSERT INTO flow_run_tally (${COLUMNS}) SELECT ${key('NEW.')}, 1, NEW.total_run_time_us, ${lateness('NEW.')} WHERE ${isCounted('NEW.')} ` +
  'ON CONFLICT DO UPDATE SET count = count + 1, run_time_us = run_time_us + excluded.run_time_us, lateness_us = lateness_us + excluded.lateness_us';
const IS_ITS_ROW = `${isCounted('OLD.')} AND (state_type, state_name, is_child, quarter) = (${key('OLD.')})`;
const SUBTRACT =
  `UPDATE flow_run_tally SET count = count - 1, run_time_us = run_time_us - OLD.total_run_time_us, lateness_us = lateness_us - ${lateness('OLD.')} WHERE ${IS_ITS_ROW}; ` +
  `DELETE FROM flow_run_tally WHERE ${IS_ITS_ROW} AND count = 0`;

export const flowRunTally: Migration = {
  version: 13,
  name: 'finished flow runs, counted by quarters of an hour',
  breaking: false,
  statements: ({ integer, real, clusteredTable }) => [
    `CREATE TABLE flow_run_tally (
  state_type TEXT NOT NULL,
  state_name TEXT NOT NULL,
  is_child ${integer} NOT NULL,
  quarter ${integer} NOT NULL,
  count ${integer} NOT NULL,
  run_time_us ${real} NOT NULL,
  lateness_us ${real} NOT NULL,
  PRIMARY KEY (state_type, state_name, is_child, quarter)
)${clusteredTable}`,
    `INSERT INTO flow_run_tally (${COLUMNS}) SELECT ${key('')}, count(*), total(total_run_time_us), total(${lateness('')}) FROM flow_run WHERE ${isCounted('')} GROUP BY 1, 2, 3, 4`,
    `CREATE TRIGGER flow_run_tally_add AFTER INSERT ON flow_run WHEN ${isCounted('NEW.')} BEGIN ${ADD}; END`,
    `CREATE TRIGGER flow_run_tally_move AFTER UPDATE OF state_type, state_name, expected_start_time, start_time, total_run_time_us, parent_task_run_id ON flow_run ` +
      `WHEN ${isCounted('OLD.')} OR ${isCounted('NEW.')} BEGIN ${SUBTRACT}; ${ADD}; END`,
    `CREATE TRIGGER flow_run_tally_remove AFTER DELETE ON flow_run WHEN ${isCounted('OLD.')} BEGIN ${SUBTRACT}; END`,
  ],
};
