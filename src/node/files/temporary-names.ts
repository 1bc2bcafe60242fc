import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';

/** The facts that the name of a temporary file tells. */
export interface TemporaryName {
  /** The file was to take this name. */
  readonly target: string;
  /** The process that made the file; it is null where an earlier Voxel Loop did, which did not say. */
  readonly writer: { readonly pid: number; readonly host: string } | null;
}

const PATTERN = /^\.(.+)\.(?:(\d+)-([0-9a-f]{8})-)?[0-9a-f]{12}\.tmp$/s;

/** The name `.<name>.<process>-<machine>-<random>.tmp`, which a file has until it takes the name `path`. */
export function temporaryName(path: string): string {
  return `.${basename(path)}.${process.pid}-${hostCode()}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Reads the name of a temporary file of ours; it is null for any other name. */
export function parseTemporaryName(name: string): TemporaryName | null {
  const match = PATTERN.exec(name);
  if (!match) return null;
  const [, target, pid, host] = match;
  return { target, writer: pid === undefined ? null : { pid: Number(pid), host } };
}

/** A code that stands for this machine in file names, whatever characters its name has. */
export function hostCode(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
