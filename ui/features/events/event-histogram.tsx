/** Events over time. */
import type { EventsPage } from '../../api/event-feed.ts';
import { countOf, formatShortDateTime } from '../../components/format.ts';
import { Histogram } from '../../components/histogram.tsx';
import type { Period } from '../../components/time-bars.ts';
import { eventBars } from './event-bars.ts';

interface EventHistogramProps {
  readonly bars: EventsPage['bars'];
  readonly period: Period;
  readonly stepSeconds: number;
  readonly onPeriod: (period: Period) => void;
}

export function EventHistogram({ bars: counted, period, stepSeconds, onPeriod }: EventHistogramProps) {
  const bars = eventBars(period, stepSeconds, counted);
  return (
    <Histogram
      bars={bars}
      stepSeconds={stepSeconds}
      layersOf={({ total }) => (total === 0 ? [] : [{ id: 'events', count: total, fill: 'var(--accent)' }])}
      tipOf={({ total }) => <span>{total === 0 ? 'No events' : countOf(total, 'event')}</span>}
      table={
        <table>
          <caption>Events over time</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Events</th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter(({ total }) => total > 0)
              .map(({ start, total }) => (
                <tr key={start}>
                  <th scope="row">{formatShortDateTime(start)}</th>
                  <td>{countOf(total, 'event')}</td>
                </tr>
              ))}
          </tbody>
        </table>
      }
      onPeriod={onPeriod}
    />
  );
}
