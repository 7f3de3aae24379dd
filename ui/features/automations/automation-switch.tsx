import { switchAutomation } from '../../api/automations.ts';
import { useChange } from '../live/change.ts';

interface SwitchProps {
  readonly id: string;
  readonly name: string;
  readonly isOn: boolean;
}

/** On or off; why it could not be switched is told beside it. */
export function AutomationSwitch({ id, name, isOn }: SwitchProps) {
  const change = useChange('automations', (enabled: boolean) => switchAutomation(id, enabled));
  const shown = change.isPending ? change.variables : isOn;
  return (
    <>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={shown}
        aria-label={`Automation ${name}`}
        title={shown ? 'It is on' : 'It is off: it does nothing'}
        disabled={change.isPending}
        onClick={() => change.mutate(!isOn)}
      >
        <i aria-hidden="true" />
      </button>
      {change.error !== null && (
        <p className="form-error switch-error" role="alert">
          {change.error.message}
        </p>
      )}
    </>
  );
}
