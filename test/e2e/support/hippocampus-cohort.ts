import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDataFolder } from '../../support/shared-data.ts';
import type { WorkspaceFile } from './editor.ts';

const folder = join(sharedDataFolder, 'hippocampus');

/** Which of the real hippocampus cases play which part. */
export interface CohortParts {
  /** Come with their true labels and train. */
  readonly labelled: readonly string[];
  /** Come without labels. */
  readonly unlabelled: readonly string[];
  /** Come with their true labels and only judge. */
  readonly holdout: readonly string[];
}

/** Ids of the cohort's own split. */
export function hippocampusSplit(): { readonly train: readonly string[]; readonly val: readonly string[] } {
  return JSON.parse(readFileSync(join(folder, 'splits.json'), 'utf8'));
}

export function imageFile(id: string): string {
  return `imagesTr/${id}.nii.gz`;
}

export function labelFile(id: string): string {
  return `labelsTr/${id}.nii.gz`;
}

/** The true labels of a case, absolute. */
export function trueLabels(id: string): string {
  return join(folder, labelFile(id));
}

/** An MSD cohort made of real cases, as files of a workspace. */
export function hippocampusCohort({ labelled, unlabelled, holdout }: CohortParts): Record<string, WorkspaceFile> {
  const files: Record<string, WorkspaceFile> = {
    'dataset.json': { copyOf: join(folder, 'dataset.json') },
    'splits.json': JSON.stringify({ train: labelled, val: holdout }),
  };
  for (const id of [...labelled, ...unlabelled, ...holdout]) {
    files[imageFile(id)] = { copyOf: join(folder, imageFile(id)) };
  }
  for (const id of [...labelled, ...holdout]) files[labelFile(id)] = { copyOf: trueLabels(id) };
  return files;
}
