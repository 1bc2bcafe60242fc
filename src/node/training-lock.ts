import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { VoxelLoopError } from '../core/errors.ts';
import { fileAccessError } from './file-access-error.ts';
import { isMissing } from './missing-file.ts';

/** Somebody else is training on this cohort. */
export class TrainingLockedError extends VoxelLoopError {
  readonly code = 'training-locked';
}

export interface TrainingLock {
  /** Idempotent. */
  release(): Promise<void>;
}

const owner = v.object({ token: v.pipe(v.string(), v.uuid()), pid: v.number(), host: v.string(), since: v.string() });
type Owner = v.InferOutput<typeof owner>;

const HEARTBEAT_MS = 20_000;
/** Another machine's lock (a cohort on a network share) is stale when its owner has not touched it for this long. */
const FOREIGN_STALE_MS = 5 * 60_000;
/**
 * Locks that this process holds: in a container every run may have one and the same process id, so a lock of "our" id
 * that we did not make is a dead predecessor's.
 */
const ownTokens = new Set<string>();
/** Time between making a file and having written it, generously. */
const HALF_WRITTEN_MS = 30_000;

/**
 * Locks a cohort for training: one run at a time, in whichever process, window or command.
 *
 * The lock is a file that is created exclusively and says who made it. A lock whose process is dead is taken over; a
 * process of another machine cannot be asked, so its lock carries a heartbeat (the file's modification time).
 * Written here because proper-lockfile (the package for this) keeps only a heartbeat: it takes a living process whose
 * event loop is busy for dead, waits for a timeout where a dead one could be asked for, and lets two takers of one
 * stale lock both win.
 *
 * @param stateDir the cohort's `.voxel-loop`, which must exist
 * @throws TrainingLockedError with code `training-locked`; FileAccessError
 */
export async function lockTraining(stateDir: string): Promise<TrainingLock> {
  const path = join(stateDir, 'training.lock');
  const token = randomUUID();
  ownTokens.add(token);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await create(path, token)) return held(path, token);
    await removeIfStale(path);
  }
  ownTokens.delete(token);
  const by = await readOwner(path);
  throw new TrainingLockedError(
    by
      ? `Training on this cohort is running already (process ${by.pid} on ${by.host}, since ${by.since}): wait for it or stop it. If no such process is yours, remove ${path}.`
      : `Training on this cohort is running already: wait for it or stop it. If it is not, remove ${path}.`,
  );
}

async function create(path: string, token: string): Promise<boolean> {
  const content: Owner = { token, pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw fileAccessError('write', path, error);
  }
}

function held(path: string, token: string): TrainingLock {
  const touch = () => {
    const now = new Date();
    // Somebody removed the lock by hand: there is nothing left to keep fresh.
    utimes(path, now, now).catch(() => clearInterval(heartbeat));
  };
  const heartbeat = setInterval(touch, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      ownTokens.delete(token);
      // Only our own: after a takeover by hand the file is another run's.
      if ((await readOwner(path))?.token === token) await rm(path, { force: true });
    },
  };
}

/**
 * Removes the lock at `path` if its owner is gone. Of several takers only the one that makes the claim folder (named by
 * the stale lock) goes on, and it looks again before it removes: a fresh lock is never taken for the stale one.
 */
async function removeIfStale(path: string): Promise<void> {
  const stale = await staleToken(path);
  if (stale === null) return;
  const claim = `${path}.${stale}`;
  try {
    await mkdir(claim);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    // Another taker died between claim and removal: its claim is given up, for the next attempt.
    if ((await age(claim)) > HALF_WRITTEN_MS) await rmdir(claim).catch(ignoreMissing);
    return;
  }
  try {
    if ((await staleToken(path)) === stale) await unlink(path).catch(ignoreMissing);
  } finally {
    await rmdir(claim).catch(ignoreMissing);
  }
}

/** The token of the lock if its owner is gone, else null. */
async function staleToken(path: string): Promise<string | null> {
  const by = await readOwner(path);
  if (!by) {
    const unreadableFor = await age(path);
    return unreadableFor > HALF_WRITTEN_MS && unreadableFor !== Number.POSITIVE_INFINITY ? 'unreadable' : null;
  }
  if (by.host !== hostname()) return (await age(path)) > FOREIGN_STALE_MS ? by.token : null;
  if (by.pid === process.pid) return ownTokens.has(by.token) ? null : by.token;
  return (await isAlive(by.pid)) ? null : by.token;
}

async function readOwner(path: string): Promise<Owner | null> {
  try {
    const parsed = v.safeParse(owner, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but is another user's.
    return hasCode(error, 'EPERM');
  }
  return !(await isZombie(pid));
}

/**
 * A process that was killed keeps its id until its parent has heard of it: for a moment, and in a container whose first
 * process does not listen, for good. Only Linux tells, which is where containers are.
 */
async function isZombie(pid: number): Promise<boolean> {
  try {
    // "123 (name) Z ...": the name may hold anything, parentheses included (proc(5)).
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    return /^ [ZX]/.test(text.slice(text.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}

/** Milliseconds since the last change; infinite where there is nothing. */
async function age(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
