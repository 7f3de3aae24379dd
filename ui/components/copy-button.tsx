import { useState } from 'react';

import { Icon } from './icon.tsx';

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <button type="button" className="icon-button small" onClick={copy} title={label} aria-label={isCopied ? 'Copied' : label}>
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
    </button>
  );
}
