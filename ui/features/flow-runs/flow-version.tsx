import { shortHash } from '../../components/format.ts';

/** The version of a flow: what it was given, or the beginning of its source's hash. */
export function FlowVersion({ version }: { readonly version: string }) {
  return <span title={`Version of the flow: ${version}`}>version {shortHash(version)}</span>;
}
