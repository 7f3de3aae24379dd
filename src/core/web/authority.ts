/**
 * Host and port in a browser's request. Pure.
 *
 * Parsed strictly: a text that two programs could read differently (userinfo, a decimal or hexadecimal address, a zone)
 * is rejected.
 */

export interface Authority {
  /** Lower case, without a final dot; an IPv6 address in brackets, in its shortest form. */
  readonly name: string;
  /** `null`: the scheme's default port. */
  readonly port: number | null;
}

const NAME_LENGTH_MAX = 253;
const PARTS = /^(?:(\[[0-9a-f:.]+\])|([a-z0-9._-]+?)\.?)(?::(\d{0,5}))?$/;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4 = new RegExp(String.raw`^${BYTE}(?:\.${BYTE}){3}$`);
/** Programs take a name that ends like this for an older form of an IPv4 address. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/** `localhost:4200`, `[::1]`, `10.0.0.7`; `null` for everything else. */
export function parseAuthority(text: string): Authority | null {
  const match = PARTS.exec(text.toLowerCase());
  if (match === null) return null;
  const [, address, label, digits = ''] = match;
  const name = canonicalName(address ?? (label as string));
  const port = digits === '' ? null : Number(digits);
  return name === null || (port !== null && port > 65_535) ? null : { name, port };
}

function canonicalName(name: string): string | null {
  if (name.startsWith('[')) return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : null;
  if (IPV4.test(name)) return name;
  if (name.length > NAME_LENGTH_MAX || ENDS_IN_NUMBER.test(name)) return null;
  return name.split('.').every((label) => LABEL.test(label)) ? name : null;
}

/**
 * `localhost` and names below it (RFC 6761), 127.0.0.0/8, ::1, and the former written as IPv6.
 * @param name of an authority
 */
export function isLoopbackName(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]') return true;
  return name.startsWith('127.') ? IPV4.test(name) : /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(name);
}

/** As `isLoopbackName`, for a listening address, where IPv6 has no brackets. */
export function isLoopbackAddress(address: string): boolean {
  const authority = parseAuthority(address.includes(':') && !address.startsWith('[') ? `[${address}]` : address);
  return authority !== null && authority.port === null && isLoopbackName(authority.name);
}

export interface Origin extends Authority {
  /** Lower case, without the colon. */
  readonly scheme: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * An origin as browsers serialise it: `https://app.example:8443`. `null` for the opaque origin `null`, for lists, and
 * for text with a path.
 */
export function parseOrigin(text: string): Origin | null {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.+)$/i.exec(text);
  if (match === null) return null;
  const [, scheme = '', rest = ''] = match;
  const authority = parseAuthority(rest);
  return authority === null ? null : { scheme: scheme.toLowerCase(), ...authority };
}

export function isWebOrigin(origin: Origin): boolean {
  return origin.scheme in DEFAULT_PORTS;
}

/** With the default of the scheme; `null` where that has none. */
export function portOf({ port }: Authority, scheme: string): number | null {
  return port ?? DEFAULT_PORTS[scheme] ?? null;
}

/** A host in a setting: `ostinato.example.com`, `*.example.com`, `10.0.0.7:8443`. */
export interface HostPattern extends Authority {
  /** Matches every name below it, but not the name itself. */
  readonly isWild: boolean;
}

export function parseHostPattern(text: string): HostPattern | null {
  const isWild = text.startsWith('*.');
  const authority = parseAuthority(isWild ? text.slice(2) : text);
  return authority === null ? null : { ...authority, isWild };
}

/** @param port of the request; a pattern without a port matches all */
export function fitsPattern(pattern: HostPattern, name: string, port: number | null): boolean {
  if (pattern.port !== null && pattern.port !== port) return false;
  return pattern.isWild ? name.endsWith(`.${pattern.name}`) : name === pattern.name;
}
