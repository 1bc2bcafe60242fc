import type { CohortStore } from '../../cohort/state/cohort-store.ts';

/**
 * Lets the cohort's record follow a case that gets another name. A case that judges must not train under another name,
 * whenever the renaming is cut off: while it lasts, the case is held out under both.
 *
 * @param move does everything else; if it fails the case keeps its name
 * @throws what `move` throws; RecordError, CaseBusyError, UnsafePathError, FileAccessError
 */
export async function renamedInCohort(
  store: CohortStore,
  from: string,
  to: string,
  move: () => Promise<void>,
): Promise<void> {
  const isHeldOut = await alsoHoldsOut(store, from, to);
  try {
    await move();
  } catch (error) {
    if (isHeldOut === 'newly') await forgetName(store, to).catch(() => undefined);
    throw error;
  }
  if (isHeldOut !== false) await forgetName(store, from);
}

/** @returns whether there was something to hold out, and whether the record knew the new name before */
async function alsoHoldsOut(store: CohortStore, from: string, to: string): Promise<false | 'newly' | 'as-before'> {
  const record = from === to ? null : await store.readRecord();
  const known = [...(record?.holdout ?? []), ...(record?.seen ?? [])];
  if (!known.includes(from)) return false;
  const withBoth = (ids: readonly string[]) => (ids.includes(from) ? [...new Set([...ids, to])].sort() : [...ids]);
  await store.changeRecord((now) => now && { ...now, holdout: withBoth(now.holdout), seen: withBoth(now.seen) });
  return known.includes(to) ? 'as-before' : 'newly';
}

async function forgetName(store: CohortStore, id: string): Promise<void> {
  const without = (ids: readonly string[]) => ids.filter((each) => each !== id);
  await store.changeRecord(
    (known) => known && { ...known, holdout: without(known.holdout), seen: without(known.seen) },
  );
}
