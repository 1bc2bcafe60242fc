import { join } from 'node:path';
import type { TrainingReport } from '../../../core/report/training-report.ts';
import { trainingReportHtml } from '../../../core/report/training-report-html.ts';
import type { NewVersion } from '../../../node/cohort/models/model-versions.ts';

/**
 * Writes `report.html` into a version's folder. The version is finished without it: whatever goes wrong here is only
 * told.
 *
 * @returns its path, or null if it could not be written
 */
export async function writeReport(
  { files, folder }: NewVersion,
  report: TrainingReport,
  log: (level: 'warning', message: string) => void,
): Promise<string | null> {
  const path = join(folder, 'report.html');
  try {
    await files.saveText(path, trainingReportHtml(report));
    return path;
  } catch (error) {
    log(
      'warning',
      `The training report could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}
