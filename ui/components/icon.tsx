/** Line icons on a grid of 16. They say nothing to a screen reader: the text beside them does. */
const PATHS = {
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.5 10.5 14 14',
  sun: 'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3.05 3.05l1.06 1.06M11.89 11.89l1.06 1.06M3.05 12.95l1.06-1.06M11.89 4.11l1.06-1.06',
  moon: 'M13.5 9.5A5.8 5.8 0 0 1 6.5 2.5a5.8 5.8 0 1 0 7 7Z',
  screen: 'M2 3h12v8H2ZM5.5 14h5M8 11v3',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  copy: 'M5.5 5.5V3a1 1 0 0 1 1-1H13a1 1 0 0 1 1 1v6.5a1 1 0 0 1-1 1h-2.5M3 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1Z',
  check: 'M3 8.5 6.5 12 13 4.5',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2 6V2.5h3.5M14 6V2.5h-3.5M2 10v3.5h3.5M14 10v3.5h-3.5',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.25 4.25L11.5 9M9 11.5 7.5 13a3 3 0 0 1-4.25-4.25L4.5 7',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  stop: 'M4 4h8v8H4Z',
  play: 'M5 3.2v9.6l7.5-4.8Z',
  retry: 'M13 8a5 5 0 1 1-1.5-3.55M13 2v3h-3',
  bin: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
  flow: 'M2.5 3h4v3.5h-4ZM9.5 9.5h4V13h-4ZM6.5 4.75h2a2 2 0 0 1 2 2V9.5',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 4.8V8l2.2 1.5',
  hourglass: 'M4 2h8M4 14h8M5 2v2.5L8 8l3-3.5V2M5 14v-2.5L8 8l3 3.5V14',
  tag: 'M2.5 2.5h5l6 6-5 5-6-6ZM5.3 5.3h.01',
  help: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM6.2 6.3a1.85 1.85 0 1 1 2.7 1.65c-.600.3-.900.7-.9 1.25M8 11.4v.01',
  list: 'M5.5 4H14M5.5 8H14M5.5 12H14M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  rows: 'M2 4h7M5 8h7M8 12h6',
  bolt: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8Z',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.25C8.3 8.65 8 9.2 8 10M8 12.8v.01',
  box: 'M2.5 5 8 2l5.5 3v6L8 14l-5.5-3ZM2.5 5 8 8l5.5-3M8 8v6',
  leave: 'M6.5 2.5h-4v11h4M6.5 8H14M11 5l3 3-3 3',
  outdent: 'M6 3H3v10h10v-3M9 3h4v4M13 3 7.5 8.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
