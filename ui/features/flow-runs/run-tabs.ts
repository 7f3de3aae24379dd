/** Parts of the page of a run, as its address names them. */
export const RUN_TABS = ['logs', 'tasks', 'artifacts', 'parameters', 'result', 'states', 'details'] as const;
export type RunTab = (typeof RUN_TABS)[number];
