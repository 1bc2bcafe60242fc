import * as v from 'valibot';
import { integer } from '../../basic-schemas.ts';
import { checkLabelTable, LabelTableError } from './label-table.ts';

export const labelEntry = v.strictObject({ value: integer, name: v.string(), color: v.string() });
export const labelTable = v.array(labelEntry);

/**
 * Checks a label table in a file that anybody may have written: background comes first, each value occurs once, colours
 * are colours. Its issue says in a sentence what is wrong. An empty table passes: nothing is decided yet.
 */
export const writtenLabelTable = v.pipe(
  labelTable,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value.length === 0) return;
    try {
      checkLabelTable(dataset.value);
    } catch (error) {
      if (!(error instanceof LabelTableError)) throw error;
      addIssue({ message: error.message });
    }
  }),
);
