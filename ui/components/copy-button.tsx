import { useState } from 'react';

import { Icon } from './icon.tsx';

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return (await import('./copy-selection.ts')).copySelection(text);
  }
}

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button
      type="button"
      className="icon-button small"
      onClick={() => void copy()}
      title={label}
      aria-label={isCopied ? 'Copied' : label}
    >
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
    </button>
  );
}
