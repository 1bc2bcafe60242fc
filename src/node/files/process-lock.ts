import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import * as v from 'valibot';
import { inWords, withFileErrors } from './file-errors.ts';
import type { GuardedFolder } from './guarded-folder.ts';
import { isMissing } from './missing-file.ts';
import { readTextFile } from './regular-file.ts';

/** A lock that this process holds. */
export interface ProcessLock {
  /** Releases the lock; it may be called more than once. */
  release(): Promise<void>;
}

const lockOwner = v.object({
  token: v.pipe(v.string(), v.uuid()),
  pid: v.number(),
  host: v.string(),
  /** The time when the lock was taken. */
  since: v.string(),
  /** The time when the process started, as its system counts it; it is absent where the system does not tell. */
  started: v.exactOptional(v.string()),
});
/** The process that holds a lock. */
type LockOwner = v.InferOutput<typeof lockOwner>;

const HEARTBEAT_MS = 20_000;
/**
 * The lock of another machine (in a cohort on a network share) is stale when its owner has not touched it for this
 * long.
 */
const FOREIGN_STALE_MS = 5 * 60_000;
/**
 * The locks that this process holds. In a container every run may have the same process id, so a lock with our id that
 * we did not make was left by a dead predecessor.
 */
const ownTokens = new Set<string>();
/** Some systems count their uptime in whole seconds, and the clock may be set a little meanwhile. */
const CLOCK_ERROR_MS = 10_000;
/** A generous time between making a file and having written it. */
const HALF_WRITTEN_MS = 30_000;

/**
 * Takes a lock that one process at a time holds, whichever window or command it is.
 *
 * The lock is a file that is created exclusively and says who made it. A lock whose process is dead is taken over, also
 * where another process has its id by now. (Linux tells when a process started; elsewhere it is only known that a lock
 * from before the machine's start is a dead one's.) A process of another machine cannot be asked, so its lock carries a
 * heartbeat: the file's modification time.
 *
 * We wrote this because proper-lockfile (the package for this) keeps only a heartbeat: it takes a living process whose
 * event loop is busy for dead, waits for a timeout where a dead one could be asked for, and lets two takers of one
 * stale lock both win.
 *
 * @param path the lock file; its folder must exist
 * @param files the folder that the lock must not lead out of
 * @returns the lock, or in `heldBy` who else holds it; `heldBy` is null where the file does not say
 * @throws UnsafePathError, FileAccessError
 */
export async function takeLock(
  path: string,
  files: GuardedFolder,
): Promise<ProcessLock | { readonly heldBy: LockOwner | null }> {
  await files.check(path);
  const token = randomUUID();
  ownTokens.add(token);
  let isTaken = false;
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      isTaken = await create(path, token, files);
      if (isTaken) return held(path, token);
      await withFileErrors('write', path, removeIfStale(path));
    }
  } finally {
    if (!isTaken) ownTokens.delete(token);
  }
  return { heldBy: await readOwner(path) };
}

/**
 * Tells whether a living process holds the lock at `path`. It writes nothing, so that a mere look can ask.
 * @throws FileAccessError
 */
export async function isLocked(path: string): Promise<boolean> {
  return (await age(path)) !== Number.POSITIVE_INFINITY && (await staleToken(path)) === null;
}

async function create(path: string, token: string, files: GuardedFolder): Promise<boolean> {
  const started = (await processOf(process.pid))?.started;
  const content: LockOwner = {
    token,
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    ...(started !== undefined && { started }),
  };
  return files.create(path, `${JSON.stringify(content, null, 2)}\n`);
}

function held(path: string, token: string): ProcessLock {
  const beat = async () => {
    if (!(await keepFresh(path, token))) clearInterval(heartbeat);
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      ownTokens.delete(token);
      // Only our own lock is removed: after a takeover by hand the file is another run's.
      if ((await readOwner(path))?.token === token) await rm(path, { force: true });
    },
  };
}

/**
 * Shows that the owner of the lock lives.
 * @returns false if the lock was removed by hand or is another run's by now, so that nothing is left to keep fresh. A
 * share that cannot be reached for a while is no reason to stop: another machine would take the lock.
 */
async function keepFresh(path: string, token: string): Promise<boolean> {
  try {
    // The file is read and touched through one handle, so that a file that takes its place in between is never touched.
    const file = await open(path, 'r+');
    try {
      const owner = parseOwner(await file.readFile('utf8'));
      if (owner && owner.token !== token) return false;
      const now = new Date();
      await file.utimes(now, now);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    return !hasCode(error, 'ENOENT');
  }
}

/**
 * Removes the lock at `path` if its owner is gone. Of several takers only the one that makes the claim folder (named
 * after the stale lock) goes on, and it looks again before it removes: a fresh lock is never taken for the stale one.
 */
async function removeIfStale(path: string): Promise<void> {
  const stale = await staleToken(path);
  if (stale === null) return;
  const claim = `${path}.${stale}`;
  try {
    await mkdir(claim);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    // Another taker died between claim and removal: its claim is removed, so that the next attempt succeeds.
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
  if (await isOfEarlierBoot(path, by)) return by.token;
  return (await isAlive(by)) ? null : by.token;
}

async function readOwner(path: string): Promise<LockOwner | null> {
  try {
    return parseOwner(await readTextFile(path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw inWords('read', path, error);
  }
}

/** The owner that a lock's text names; it is null where the text is incomplete or damaged. */
function parseOwner(text: string): LockOwner | null {
  try {
    const parsed = v.safeParse(lockOwner, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Tells whether the lock was taken, and showed its last sign of life, before this machine was started: process ids are
 * given anew then. The heartbeat counts as well, because a machine without a battery for its clock starts in the past
 * and sets the clock later.
 */
async function isOfEarlierBoot(path: string, { since }: LockOwner): Promise<boolean> {
  const bootedMs = Date.now() - uptime() * 1000;
  const lastSignMs = Math.max(Date.parse(since), Date.now() - (await age(path)));
  return lastSignMs < bootedMs - CLOCK_ERROR_MS;
}

async function isAlive({ pid, started }: LockOwner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM means that the process lives, but is another user's.
    return hasCode(error, 'EPERM');
  }
  const found = await processOf(pid);
  if (!found) return true;
  return !found.isZombie && (started === undefined || started === found.started);
}

/**
 * Asks the system about a process. Only Linux tells, which is where containers are; elsewhere the result is null.
 *
 * A process that was killed keeps its id until its parent has heard of it: for a moment, or for good in a container
 * whose first process does not listen. When it is gone, its id is sooner or later given to another one.
 */
async function processOf(pid: number): Promise<{ readonly isZombie: boolean; readonly started: string } | null> {
  try {
    // The text is "123 (name) Z ...", and the name may hold anything, parentheses included (proc(5)). State is field 3,
    // start time field 22.
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { isZombie: fields[0] === 'Z' || fields[0] === 'X', started: fields[19] };
  } catch {
    return null;
  }
}

/** Milliseconds since the last change; they are infinite where the file does not exist. */
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
