import { countOfExcluded, excludedInWords, rulesInWords, type RuledSchedule } from './rules-in-words.ts';

/** What becomes of the slots of a schedule, in a line; what is left out, on demand. */
export function ScheduleRules({ schedule }: { readonly schedule: RuledSchedule }) {
  const words = rulesInWords(schedule).join(' · ');
  const excluded = countOfExcluded(schedule);
  if (words === '' && excluded === null) return null;
  return (
    <div className="schedule-rules muted">
      {words !== '' && (
        <p>
          {words[0]?.toUpperCase()}
          {words.slice(1)}
        </p>
      )}
      {excluded !== null && (
        <details>
          <summary>{excluded}</summary>
          <ul>
            {(schedule.exclusions ?? []).map((each, index) => (
              <li key={index}>{excludedInWords(each)}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
