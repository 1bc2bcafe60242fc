import { basename, dirname, join } from 'node:path';
import { stemOf } from '../../core/cohort/files/file-names.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { parseDsegTsv } from '../../core/label/dseg-tsv.ts';
import { isItkSnapLabels, parseItkSnapLabels } from '../../core/label/itk-snap-labels.ts';
import type { LabelTable } from '../../core/label/label-table.ts';
import { withFileErrors } from '../files/file-errors.ts';
import { statIfThere } from '../files/missing-file.ts';
import { readTextFile } from '../files/regular-file.ts';

/** Label descriptions are short; a longer text file is something else. */
const MOST_BYTES = 1 << 20;
/** So many labels stand in a sentence. */
const MOST_NAMED = 5;

/**
 * The labels that a file of another program names: a BIDS `dseg.tsv`, an ITK-SNAP label description (`.txt`, `.label`).
 * @returns null: it is not there, or names none
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
 * Where a file beside the labels of one case, of the same name (`sub-01_dseg.tsv` beside `sub-01_dseg.nii.gz`), names them
 * otherwise than they are named here. Values count: what the file calls liver would be shown, and learned, as what the
 * cohort calls by that value.
 *
 * @param labels the label file of the case, which need not be there
 * @param table what its labels are called here
 * @returns one sentence per file; one that cannot be read is told as well
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
        // Who was never named is called anything.
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
