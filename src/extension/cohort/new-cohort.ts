import * as vscode from 'vscode';
import { countFoundCases, describeListing, parseLabelNames } from '../../core/cohort/files/describe-listing.ts';
import { newCohortRecord } from '../../core/cohort/records/cohort-record.ts';
import { endingsInWords } from '../../core/formats/registry.ts';
import { type LabelTable, labelTableFrom } from '../../core/label/table/label-table.ts';
import { prepareDerivative } from '../../node/cohort/cases/bids-derivative.ts';
import { type CohortListing, listCohort } from '../../node/cohort/cases/cohort-folder.ts';
import { type FoundLabels, findCohortLabels } from '../../node/cohort/labels/cohort-label-sources.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import type { Services } from '../services.ts';

/** At most this many label maps are read to find the values of labels that nothing names. */
const LOOKED_INTO = 3;

/**
 * `Voxel Loop: New Cohort From Folder` shows what a folder holds as a cohort, and writes its `cohort.json` when the
 * user agrees. Nothing is written before.
 *
 * @param folder undefined if the user shall choose
 * @returns whether the folder is the current cohort now
 * @throws CohortFolderError, CohortDescriptionError, RecordError, FileAccessError
 */
export async function newCohortFromFolder(services: Services, folder?: vscode.Uri): Promise<boolean> {
  const chosen = folder ?? (await chooseFolder());
  if (!chosen) return false;
  const root = chosen.fsPath;
  const store = new CohortStore(root);
  const remarks: string[] = [];
  const { listing, found } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Looking for cases in ${root}` },
    async () => {
      const listing = await listCohort(root);
      return { listing, found: await findCohortLabels(listing, store, (sentence) => remarks.push(sentence)) };
    },
  );
  if (listing.layout.cases.length === 0) {
    void vscode.window.showWarningMessage(
      `There are no volumes (${endingsInWords()}) in ${root}, or only label maps without their images: choose the folder that holds the images.`,
    );
    return false;
  }
  const labels = await agree(services, listing, found, remarks);
  if (!labels) return false;
  await store.changeRecord((known) => {
    const record = known ?? newCohortRecord({ layout: listing.layout.name, labels: [] });
    return { ...record, layout: listing.layout.name, labels: [...labels] };
  });
  if (listing.layout.name === 'bids') await prepareDerivative(root);
  services.cohort.choose(root);
  return true;
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: 'New Cohort From Folder',
    openLabel: 'Use as Cohort',
    canSelectFiles: false,
    canSelectFolders: true,
    canSelectMany: false,
    ...(vscode.workspace.workspaceFolders?.[0] && { defaultUri: vscode.workspace.workspaceFolders[0].uri }),
  });
  return picked?.[0];
}

/** Shows what was found. @returns the cohort's labels; undefined if the user does not want it */
async function agree(
  services: Services,
  listing: CohortListing,
  found: FoundLabels | null,
  remarks: readonly string[],
): Promise<LabelTable | undefined> {
  const labels = found
    ? `Labels, from ${found.source}: ${namesOf(found.labels)}.`
    : 'No file names the labels: you will be asked for them.';
  const create = found ? 'Create Cohort' : 'Name Labels...';
  const choice = await vscode.window.showInformationMessage(
    `${countFoundCases(listing.layout)}.`,
    { modal: true, detail: [...describeListing(listing.layout), labels, ...remarks].join('\n') },
    create,
  );
  if (choice !== create) return undefined;
  return found?.labels ?? askForLabels(services, listing);
}

async function askForLabels(services: Services, listing: CohortListing): Promise<LabelTable | undefined> {
  const values = await valuesInUse(services, listing);
  const names = await vscode.window.showInputBox({
    title: 'Labels of the Cohort',
    prompt:
      values.length > 0
        ? `Names for the values ${values.join(', ')} of the label maps, in this order, separated by commas`
        : 'Names of the labels to draw, separated by commas',
    value: values.map((value) => `label ${value}`).join(', '),
    placeHolder: 'liver, tumour',
    ignoreFocusOut: true,
    validateInput: (text) => {
      const named = parseLabelNames(text, values).length;
      return named < Math.max(1, values.length) ? `Write ${Math.max(1, values.length)} names or more.` : undefined;
    },
  });
  return names === undefined ? undefined : labelTableFrom(parseLabelNames(names, values));
}

/** The values in the first few label maps, ascending, without background. */
async function valuesInUse({ volumes }: Services, { layout }: CohortListing): Promise<number[]> {
  const labelled = layout.cases.filter((found) => found.labelled).slice(0, LOOKED_INTO);
  const tables = await Promise.all(labelled.map(({ files }) => volumes.client.readLabels(files.labels)));
  const values = new Set(tables.flatMap(({ table }) => table.map(({ value }) => value)));
  return [...values].filter((value) => value !== 0).sort((a, b) => a - b);
}

function namesOf(table: LabelTable): string {
  return table
    .slice(1)
    .map(({ name }) => name)
    .join(', ');
}
