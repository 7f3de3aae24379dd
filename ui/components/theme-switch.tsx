import { Icon } from './icon.tsx';
import { setTheme, THEMES, useTheme, type Theme } from './theme.ts';

const LOOKS = {
  system: { icon: 'screen', label: 'As the system' },
  light: { icon: 'sun', label: 'Light' },
  dark: { icon: 'moon', label: 'Dark' },
} as const satisfies Record<Theme, { icon: string; label: string }>;

export function ThemeSwitch() {
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <button
      type="button"
      className="icon-button"
      onClick={() => setTheme(next)}
      title={`Colours: ${LOOKS[theme].label}`}
      aria-label={`Colours: ${LOOKS[theme].label}. Switch to: ${LOOKS[next].label}`}
    >
      <Icon name={LOOKS[theme].icon} />
    </button>
  );
}
