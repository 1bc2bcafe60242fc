/** The texts of the Models view. */
export const modelsText = {
  chooseCohort: 'Of which cohort?',
  chooseVersion: 'Which model version?',
  activateRefused: (version: number, reason: string) =>
    `The gate did not make model ${version} active when it was trained. ${reason}`,
  activateAnyway: 'Activate All the Same',
  activated: (title: string) => `${title} predicts from now on.`,
  alreadyActive: (title: string) => `${title} is active already.`,
  nothingBefore: 'No other model version was active before, so there is nothing to roll back to.',
  noOther: 'There is only one model version. Retrain to have another one to compare it with.',
  compareWith: (title: string) => `Compare ${title} with...`,
  noReport: (title: string) => `${title} has no report: its report.html is not there any more.`,
  renamePrompt: (version: number) => `Name of model ${version}; empty: none`,
  notePrompt: (version: number) => `Note on model ${version}; empty: none`,
  isActive: (title: string) => `${title} is active and cannot be deleted. Activate another version first.`,
  confirmDelete: (title: string) => `Delete ${title}?`,
  deleteDetail:
    'Its network and its report are removed and cannot be brought back; what it was trained on and how good it was stays known. Its number is not used again. Labels are not touched.',
  delete: 'Delete',
  exported: (title: string, name: string) => `${title} was exported to ${name}.`,
  damaged: (version: number) => `Model ${version} cannot be read`,
} as const;
