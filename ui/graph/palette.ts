/** The page's colours for a canvas, which does not know CSS properties. */
import { LOOKS } from '../features/states/state-look.ts';

export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly hover: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly edge: string;
  readonly sans: string;
  /** By the id of a state's look. */
  readonly states: Readonly<Record<string, string>>;
}

/** @param element whose colours are meant, in the theme that it has now */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (property: string): string => {
    probe.style.color = `var(${property})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    text: colour('--text'),
    muted: colour('--muted'),
    line: colour('--line'),
    surface: colour('--surface'),
    hover: colour('--hover'),
    accent: colour('--accent'),
    accentSoft: colour('--accent-soft'),
    edge: colour('--control-line'),
    sans: getComputedStyle(element).fontFamily,
    states: Object.fromEntries(LOOKS.map((look) => [look.id, colour(look.colour)])),
  };
  probe.remove();
  return palette;
}
