import { basename, dirname, join } from 'node:path';
import { stemOf } from '../../../core/cohort/files/names/file-names.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { parseDsegTsv } from '../../../core/label/table/dseg-tsv.ts';
import { isItkSnapLabels, parseItkSnapLabels } from '../../../core/label/table/itk-snap-labels.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { withFileErrors } from '../../files/file-errors.ts';
import { statIfThere } from '../../files/missing-file.ts';
import { readTextFile } from '../../files/regular-file.ts';

/** Label descriptions are short; a longer text file is something else. */
const MOST_BYTES = 1 << 20;
/** A sentence names at most this many labels. */
const MOST_NAMED = 5;

/**
 * Reads the labels that a file of another program names: a BIDS `dseg.tsv`, or an ITK-SNAP label description (`.txt`,
 * `.label`).
 * @returns null if the file does not exist or names no label
 * @throws LabelFileError, LabelTableError, FileAccessError
 */
export async function readLabelTableFile(path: string): Promise<LabelTable | null> {
  const name = basename(path);
  const isTsv = /(^|_)dseg\.tsv$/i.test(name);
  if (!isTsv && !/\.(txt|label)$/i.test(name)) return null;
  const found = await statIfThere(path);
  if (!found?.isFile() || found.size > MOST_BYTES) return null;
  const text = await withFileErrors('read', path, readTextFile(path));
  if (isTsv) return parseDsegTsv(text, name);
  return isItkSnapLabels(text) ? parseItkSnapLabels(text, name) : null;
}

/**
 * Finds labels that a file beside the labels of one case, of the same name (`sub-01_dseg.tsv` beside
 * `sub-01_dseg.nii.gz`), names otherwise than they are named here. The values in the file count: what the file calls
 * liver would be shown, and learned, as whatever the cohort calls by that value.
 *
 * @param labels the label file of the case, which need not exist
 * @param table the names of the labels here
 * @returns one sentence per file; a file that cannot be read gets one as well
 */
export async function contradictingNames(labels: string, table: LabelTable): Promise<string[]> {
  const stem = stemOf(basename(labels));
  const sentences: string[] = [];
  for (const ending of ['.tsv', '.txt', '.label']) {
    const name = stem + ending;
    try {
      const named = await readLabelTableFile(join(dirname(labels), name));
      const differ = (named ?? []).flatMap((entry) => {
        const here = table.find(({ value }) => value === entry.value)?.name;
        const isSame = here === undefined || here.toLowerCase() === entry.name.toLowerCase();
        // A label that nobody ever named may have any name in the file.
        return isSame || here === `label ${entry.value}`
          ? []
          : [`label ${entry.value} "${entry.name}" (here "${here}")`];
      });
      if (differ.length === 0) continue;
      const rest = differ.length > MOST_NAMED ? ` and ${differ.length - MOST_NAMED} more otherwise` : '';
      sentences.push(
        `${name} names ${differ.slice(0, MOST_NAMED).join(', ')}${rest}: the names here count. If that file is right, rename the labels of this case alone, or give its voxels the values that they have in this cohort.`,
      );
    } catch (error) {
      if (!(error instanceof VoxelLoopError)) throw error;
      sentences.push(error.message);
    }
  }
  return sentences;
}
