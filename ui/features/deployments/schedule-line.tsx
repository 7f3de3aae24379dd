/** When a deployment makes runs by itself, in one line. */
import type { ScheduleInWords } from '../../api/deployments.ts';

export function ScheduleLine({
  schedules,
  isPaused,
}: {
  readonly schedules: readonly ScheduleInWords[];
  readonly isPaused: boolean;
}) {
  const active = schedules.filter((schedule) => schedule.active).map(({ words }) => words);
  const words =
    active.length > 0 ? active.join(' · ') : schedules.length === 0 ? 'No schedule' : 'Schedules are paused';
  return (
    <span className="schedule-line" title={words}>
      {isPaused && <span className="paused-mark">Paused</span>} {words.slice(0, 1).toUpperCase() + words.slice(1)}
    </span>
  );
}
