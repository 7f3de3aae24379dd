/** What a worker says of itself to whoever watches it: whether it is well, and its figures for Prometheus. */

export interface WorkerFigures {
  /** Runs under way now, and how many may be. */
  readonly active: number;
  readonly limit: number;
  /** Since its start. */
  readonly taken: number;
  readonly ended: number;
  readonly refused: number;
  /** Whether the server tells it what is due. */
  readonly isPushed: boolean;
  /** Whether it takes nothing more. */
  readonly isDraining: boolean;
  /** Whether the server answered lately. */
  readonly isAnswered: boolean;
  /** Processes that stand ready. */
  readonly spare: number;
}

/** 200 while the server answers, 503 while it does not, or nothing more is taken. */
export function healthOf({ isAnswered, isDraining, active, isPushed }: WorkerFigures) {
  const isWell = isAnswered && !isDraining;
  return {
    status: isWell ? 200 : 503,
    body: { status: isDraining ? 'draining' : isAnswered ? 'ok' : 'no answer', active_runs: active, is_told: isPushed },
  };
}

/** The text format of Prometheus. */
export function metricsOf(figures: WorkerFigures): string {
  const lines: string[] = [];
  const add = (name: string, kind: 'gauge' | 'counter', help: string, value: number | boolean): void => {
    const full = `ostinato_worker_${name}`;
    lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${kind}`, `${full} ${Number(value)}`);
  };
  add('active_runs', 'gauge', 'Runs under way.', figures.active);
  add('run_limit', 'gauge', 'Runs that may be under way at once.', figures.limit);
  add('spare_processes', 'gauge', 'Processes that stand ready.', figures.spare);
  add('taken_runs_total', 'counter', 'Runs that were taken.', figures.taken);
  add('ended_runs_total', 'counter', 'Runs whose process has ended.', figures.ended);
  add('refused_claims_total', 'counter', 'Runs that somebody else had, or that might not begin.', figures.refused);
  add('told', 'gauge', 'Whether the server tells what is due.', figures.isPushed);
  add('draining', 'gauge', 'Whether nothing more is taken.', figures.isDraining);
  add('server_answers', 'gauge', 'Whether the server answered lately.', figures.isAnswered);
  return `${lines.join('\n')}\n`;
}
