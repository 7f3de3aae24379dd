/** The keys of the pages. */
import { Dialog } from '../components/dialog.tsx';

import './keys-dialog.css';

const KEYS = [
  ['/', 'search on this page'],
  ['Ctrl K', 'search everything'],
  ['j  k', 'next, previous row'],
  ['Enter', 'open'],
  ['Esc', 'close'],
  ['r', 'runs'],
  ['f', 'flows'],
  ['d', 'deployments'],
  ['w', 'work pools'],
  ['e', 'events'],
  ['o', 'automations'],
  ['a', 'API'],
  ['↑ ↓', 'timeline: previous, next row'],
  ['← →  + −  0', 'timeline: move, zoom, show all'],
  ['?', 'these keys'],
] as const;

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split('  ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
