/**
 * The block types that exist from the start, so that they are listed before a client has used them. Clients register
 * their own schemas; the ones here are what a form needs.
 */

export interface Property {
  readonly type: 'string' | 'boolean' | 'object' | 'number' | 'array';
  readonly title: string;
  readonly description?: string;
  readonly default?: string | boolean | number | null;
  /** Of an array. */
  readonly items?: { readonly type: 'string' };
  readonly isSecret?: boolean;
  readonly values?: readonly string[];
}

export interface SystemBlockType {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly isProtected?: boolean;
  readonly capabilities?: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

const FILES = ['read-path', 'write-path', 'get-directory', 'put-directory'];

export const SYSTEM_BLOCK_TYPES: readonly SystemBlockType[] = [
  {
    slug: 'secret',
    name: 'Secret',
    description: 'One secret value: encrypted where it is kept, masked wherever it is shown.',
    isProtected: true,
    properties: { value: { type: 'string', title: 'Value', isSecret: true } },
    required: ['value'],
  },
  {
    slug: 'webhook',
    name: 'Webhook',
    description: 'Calls an HTTP address, for instance from an automation.',
    isProtected: true,
    properties: {
      method: { type: 'string', title: 'Method', default: 'POST', values: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
      url: { type: 'string', title: 'Webhook URL', isSecret: true },
      headers: { type: 'object', title: 'Headers', description: 'Sent with each call.', isSecret: true },
      allow_private_urls: { type: 'boolean', title: 'Allow private addresses', default: true },
      verify: { type: 'boolean', title: 'Verify certificates', default: true },
    },
    required: ['url'],
  },
  {
    slug: 'local-file-system',
    name: 'Local File System',
    description: 'Files in a folder of the machine that runs the flow.',
    isProtected: true,
    capabilities: FILES,
    properties: { basepath: { type: 'string', title: 'Folder', default: null } },
  },
  {
    slug: 'remote-file-system',
    name: 'Remote File System',
    description: 'Files in a remote place that fsspec can reach, such as a bucket.',
    capabilities: FILES,
    properties: { basepath: { type: 'string', title: 'Address' }, settings: { type: 'object', title: 'Settings' } },
    required: ['basepath'],
  },
  {
    slug: 'smb',
    name: 'SMB',
    description: 'Files on a shared folder of a Windows or Samba server.',
    capabilities: FILES,
    properties: {
      share_path: { type: 'string', title: 'Path of the share' },
      smb_username: { type: 'string', title: 'User', isSecret: true },
      smb_password: { type: 'string', title: 'Password', isSecret: true },
      smb_host: { type: 'string', title: 'Host' },
    },
    required: ['share_path', 'smb_host'],
  },
  {
    slug: 'json',
    name: 'JSON',
    description: 'Any JSON value under a name.',
    properties: { value: { type: 'object', title: 'Value' } },
    required: ['value'],
  },
  {
    slug: 'string',
    name: 'String',
    description: 'A text under a name.',
    properties: { value: { type: 'string', title: 'Value' } },
    required: ['value'],
  },
  {
    slug: 'date-time',
    name: 'Date Time',
    description: 'A point in time under a name.',
    properties: { value: { type: 'string', title: 'Value' } },
    required: ['value'],
  },
  {
    slug: 'process',
    name: 'Process',
    description: 'How older agents run a flow in a process of their machine.',
    capabilities: ['run-infrastructure'],
    properties: {
      command: { type: 'string', title: 'Command' },
      env: { type: 'object', title: 'Environment' },
      working_dir: { type: 'string', title: 'Folder' },
    },
  },
];
