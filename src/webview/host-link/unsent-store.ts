import type { UnsentStore, UnsentWork } from '../session/unsent-work.ts';

const PREFIX = 'voxel-loop unsent ';

/**
 * Keeps strokes that were not sent in the storage that all pages of this extension share: the next page belongs to
 * another tab, for which VS Code keeps no state. Where a browser refuses storage, nothing is kept, and the page says
 * what it could not send.
 */
export function unsentStore(storage: () => Storage): UnsentStore {
  const within = <Result>(use: (there: Storage) => Result, otherwise: Result): Result => {
    try {
      return use(storage());
    } catch {
      return otherwise;
    }
  };
  return {
    put: (work: UnsentWork) =>
      within((there) => {
        try {
          there.setItem(keyOf(work), JSON.stringify(work));
        } catch {
          // Storage holds some megabytes, and a region that was grown may be longer: that something is missing is left.
          there.removeItem(keyOf(work));
          there.setItem(keyOf(work), JSON.stringify(withoutStrokes(work)));
        }
      }, undefined),
    drop: (work: UnsentWork) => within((there) => there.removeItem(keyOf(work)), undefined),
    take: (documentId) =>
      within((there) => {
        const names = Array.from({ length: there.length }, (_, n) => there.key(n) ?? '');
        const keys = names.filter((name) => name.startsWith(keysOf(documentId)));
        return keys.map((key) => {
          const text = there.getItem(key) ?? 'null';
          there.removeItem(key);
          return parse(text);
        });
      }, []),
  };
}

/** Its strokes count as decisions: the next page says that somebody should look at what they did last. */
function withoutStrokes(work: UnsentWork): UnsentWork {
  return { ...work, strokes: [], unposted: 0, decisions: work.decisions + work.strokes.length };
}

/** A space separates the parts of a key, because a URI holds none. */
function keysOf(documentId: string): string {
  return `${PREFIX}${documentId} `;
}

function keyOf({ documentId, hostId, pageId }: UnsentWork): string {
  return `${keysOf(documentId)}${hostId} ${pageId}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
