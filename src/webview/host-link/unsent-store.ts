import type { UnsentStore, UnsentWork } from '../state/unsent-work.ts';

const PREFIX = 'voxel-loop unsent ';

/**
 * Keeps it in the storage that all pages of this extension share: the page that comes after this one belongs to another tab,
 * for which VS Code keeps no state. Where a browser refuses storage, nothing is kept, and the page says what it could not send.
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
      within((there) => there.setItem(keyOf(work.documentId, work.hostId), JSON.stringify(work)), undefined),
    take: (documentId) =>
      within((there) => {
        const names = Array.from({ length: there.length }, (_, n) => there.key(n) ?? '');
        const keys = names.filter((name) => name.startsWith(keyOf(documentId, '')));
        return keys.map((key) => {
          const text = there.getItem(key) ?? 'null';
          there.removeItem(key);
          return parse(text);
        });
      }, []),
  };
}

function keyOf(documentId: string, hostId: string): string {
  return `${PREFIX}${documentId} ${hostId}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
