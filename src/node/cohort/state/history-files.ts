import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type HistoryEntry, parseHistory, serializeHistory } from '../../../core/cohort/records/slice-history.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { isMissing } from '../../files/missing-file.ts';
import { plainName } from '../../files/plain-name.ts';
import { readTextFile } from '../../files/regular-file.ts';

const ENDING = '.jsonl';

/** One person may append to one file on two branches: with this, git keeps the lines of both sides. */
const GIT_ATTRIBUTES = `# Written by Voxel Loop: histories only grow, so a merge keeps the lines of both sides.
*${ENDING} merge=union
`;

/**
 * The history of the cases of one cohort: `<folder>/<case>/<who>.jsonl`. Each person has a file, so that two people
 * never change the same one. Nothing is ever rewritten: entries are appended, and lines that cannot be read stay where
 * they are. A line that exists already is not written again, so that an interrupted save can be completed.
 */
export class HistoryFiles {
  /**
   * @param folder the absolute path of `.voxel-loop/history`
   * @param files the folder that the history must not lead out of
   */
  constructor(
    private readonly folder: string,
    private readonly files = new GuardedFolder(folder),
  ) {}

  /** The folder with the histories of one case. */
  folderOf(caseId: string): string {
    return join(this.folder, plainName(caseId));
  }

  /** @param who undefined where nobody is named. @throws UnsafePathError, FileAccessError */
  async append(caseId: string, who: string | undefined, entries: readonly HistoryEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const path = join(this.folder, plainName(caseId), fileNameOf(who));
    await this.files.makeFolder(dirname(path));
    // A file that exists is left alone, because the user may have changed it.
    await this.files.create(join(this.folder, '.gitattributes'), GIT_ATTRIBUTES);
    const file = await this.files.openToAppend(path);
    try {
      const before = await file.readFile('utf8');
      const known = new Set(before.split('\n'));
      const added = entries.filter((entry) => !known.has(serializeHistory([entry]).trimEnd()));
      if (added.length === 0) return;
      // A line that a power cut left incomplete must not swallow the next one. The entries are appended in one write,
      // so that those of another writer never fall between them.
      const isTorn = before !== '' && !before.endsWith('\n');
      await file.appendFile(`${isTorn ? '\n' : ''}${serializeHistory(added)}`);
      await file.sync();
    } catch (error) {
      throw fileAccessError('write', path, error);
    } finally {
      await file.close();
    }
  }

  /**
   * Reads what everybody did to a case, in no particular order; it is empty where nothing was recorded. @throws
   * FileAccessError
   */
  async read(caseId: string): Promise<HistoryEntry[]> {
    const folder = join(this.folder, plainName(caseId));
    try {
      const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort();
      const texts = await Promise.all(names.map((name) => readTextFile(join(folder, name))));
      return texts.flatMap(parseHistory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw fileAccessError('read', folder, error);
    }
  }
}

/**
 * "Zoë Müller" becomes "zoë-müller.jsonl": at most 60 letters and digits of any script. A person without a name gets
 * "unnamed.jsonl".
 */
function fileNameOf(who: string | undefined): string {
  const letters = (who ?? '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return `${[...letters].slice(0, 60).join('') || 'unnamed'}${ENDING}`;
}
