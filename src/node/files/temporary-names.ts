import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';

/** What the name of a temporary file says. */
export interface TemporaryName {
  /** The name that the file was to take. */
  readonly target: string;
  /** Whose it is; null: it was made by an earlier Voxel Loop, which did not say. */
  readonly writer: { readonly pid: number; readonly host: string } | null;
}

const PATTERN = /^\.(.+)\.(?:(\d+)-([0-9a-f]{8})-)?[0-9a-f]{12}\.tmp$/s;

/** `.<name>.<process>-<machine>-<random>.tmp`: what takes the name `path` later is called so until then. */
export function temporaryName(path: string): string {
  return `.${basename(path)}.${process.pid}-${hostCode()}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Null for the name of a file that is no temporary one of ours. */
export function parseTemporaryName(name: string): TemporaryName | null {
  const match = PATTERN.exec(name);
  if (!match) return null;
  const [, target, pid, host] = match;
  return { target, writer: pid === undefined ? null : { pid: Number(pid), host } };
}

/** Stands for this machine in file names, whatever characters its name has. */
export function hostCode(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
