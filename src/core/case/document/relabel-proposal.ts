import { LabelMap, type ReadonlyLabelMap } from '../../label/label-map.ts';
import { type LabelTable, withMoreLabels } from '../../label/table/label-table.ts';

/**
 * Writes a predicted label map in the labels of a case: labels are the same where their file VALUES are, whatever their
 * order in the model's table.
 *
 * @param table the case's table
 * @returns the map in indices of `table`, and the labels of the model that it uses but `table` lacks, which the case
 * must have (behind its own) before the map can be shown
 */
export function relabelForCase(
  predicted: ReadonlyLabelMap,
  modelTable: LabelTable,
  table: LabelTable,
): { readonly labels: ReadonlyLabelMap; readonly table: LabelTable } {
  const known = new Set(table.map(({ value }) => value));
  const missing = modelTable.filter((entry, label) => predicted.count(label) > 0 && !known.has(entry.value));
  const extended = missing.length === 0 ? table : withMoreLabels(table, missing);
  const labelOf = new Map(extended.map(({ value }, label) => [value, label]));
  const newLabel = modelTable.map(({ value }) => labelOf.get(value) ?? -1);
  if (newLabel.every((label, old) => label === old)) return { labels: predicted, table: extended };
  const labels = new LabelMap(predicted.shape);
  predicted.forEachRun(0, predicted.voxelCount, (label, start, length) => {
    if (newLabel[label] > 0) labels.fill(start, length, newLabel[label]);
  });
  return { labels, table: extended };
}
