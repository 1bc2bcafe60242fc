import { basename } from 'node:path';
import * as vscode from 'vscode';
import { exportNameFor, stemOf } from '../../core/cohort/files/names/file-names.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import { RemoteError } from '../../core/protocol/endpoint.ts';
import { counted } from '../../core/text/counted.ts';
import type { WriteProtection } from '../../node/files/write-protection.ts';
import { log } from './log.ts';

/** Every sentence that the extension itself says to the user. Errors carry their own (`VoxelLoopError.message`). */
export const text = {
  predicting: (name: string) => `Predicting ${name}`,
  /** @param engine null if the prediction existed already */
  predicted: (
    id: string,
    { labelled, empty }: { readonly labelled: number; readonly empty: number },
    model: string,
    engine: string | null,
    seconds: number,
  ) => {
    const rest = empty === 0 ? '' : ` ${counted(empty, 'more slice is', 'more slices are')} proposed as empty.`;
    return `${id}: proposed labels on ${counted(labelled, 'slice')} with ${model}${engine === null ? '' : ` on ${engine}`} in ${seconds.toFixed(1)} s.${rest}`;
  },
  nothingProposed: (id: string, model: string, engine: string | null) =>
    `${id}: ${model}${engine === null ? '' : ` on ${engine}`} found nothing to propose on the slices that are still unreviewed.`,
  nothingToPropose:
    'Every slice of this volume is already edited or accepted; a prediction would have nothing to propose.',
  acceptedOnHeldOut: 'This case is held out: accepted slices judge models and never train.',
  notTrusted: 'This folder is not trusted. Predicting and training run models from it: trust it first.',
  noActiveEditor: 'Open a volume first.',
  imageIsNeverWritten:
    'Save As would overwrite a volume. Choose another name for the label map, for example one that ends in _seg.nii.gz.',
  exported: (name: string) => `The label map was exported to ${name}.`,
  exportOverImage: (name: string) =>
    `${name} is an image of the cohort, and images are never written. Choose another name for the label map.`,
  exportBesideImage: (name: string, image: string) =>
    `Under the name ${name} this label map would be taken for the image that lies beside it as ${image}. Choose another name, for example ${exportNameFor(stemOf(name))}.`,
  exportWouldCount: (name: string, id: string) =>
    `Under the name ${name} these labels would count as the finished labels of ${id}: every slice would be accepted, whether or not anybody has looked at it, and the model would learn from them. A name that ends in _export.nii.gz is only a copy.`,
  saveAsNeedsNifti: (name: string) =>
    `A label map is saved as .nii or .nii.gz. Choose a name with one of these endings, for example ${exportNameFor(stemOf(name))}.`,
  readOnlyScheme: (scheme: string) =>
    `This volume comes from "${scheme}:", where label maps cannot be saved. Open a copy on disk to label it.`,
  readOnlyBySetting: (name: string) =>
    `${name} is read-only by the setting files.readonlyInclude, so labels drawn here could not be saved. Take it out of that setting to draw.`,
  writeProtected: ({ path, isFolder, isDisk }: WriteProtection) =>
    isDisk
      ? `The disk of ${path} is read-only, so labels drawn here could not be saved. Copy the case to another place to label it.`
      : `You have no permission to write ${isFolder ? `in the folder ${path}` : basename(path)}, so labels drawn here could not be saved. Change its permissions, or copy the case to another place to label it.`,
  labelsOutside: (link: string, folder: string) =>
    `${link} is a link to ${folder}, outside of the open folder. Nothing can be drawn until you have agreed to save label maps there; or open ${folder} itself.`,
  maySaveOutside: (link: string, folder: string) =>
    `${link} is a link to ${folder}, outside of the open folder. Do you want to save label maps there? Whoever made this folder has chosen where its link leads.`,
  changedOnDisk: (name: string, what: 'labels' | 'review') =>
    `${what === 'labels' ? name : `The review of ${name}`} was changed by another program while you have unsaved labels.`,
  reloadedFromDisk: (name: string, what: 'labels' | 'review') =>
    `${what === 'labels' ? name : `The review of ${name}`} was changed by another program and has been read again.`,
  deletedOnDisk: (name: string, what: 'labels' | 'review') =>
    what === 'labels'
      ? `${name} was deleted. Your labels are still open here; save to write it again.`
      : `The review record of ${name} was deleted. What you accepted is still open here; save to write it again.`,
  closedMeanwhile: (name: string) =>
    `${name} was closed meanwhile, so nothing was changed. Open its image to be asked again.`,
  cannotUndo: 'This step is from before the labels were read again, so it cannot be undone or redone any more.',
  backupDoesNotFit: (name: string, path: string) =>
    `Your unsaved edits of ${name} from your last session do not fit what is open now. They are kept in ${path}.`,
  imageReloaded: (name: string) => `${name} was changed by another program and has been read again.`,
  savedForOther: (name: string, labels: string) =>
    `${name} is another image than the one that ${labels} was drawn and accepted on. Check whether its labels lie right: slices that were accepted on the image before still count as accepted.`,
  imageChanged: (name: string, isSameGrid: boolean) =>
    `${name} was replaced by another image while you have unsaved labels on it. What you see is the image that you drew on.${
      isSameGrid ? '' : ' The voxels of the new one lie elsewhere, so your labels do not fit it.'
    }`,
  imageIsNone: (name: string, why: string) =>
    `${name} is no image any more, and you have unsaved labels on it. ${why} What you see is the image that you drew on.`,
  lockedForImage: (name: string) =>
    `${name} was replaced by another image: this shows the one before. Nothing can be drawn until you have chosen what becomes of your unsaved labels.`,
  imageUnreadable: (name: string, why: string) =>
    `${name} was changed by another program and cannot be read any more: ${why} Nothing can be drawn until it can, or until you have chosen what becomes of labels that are unsaved.`,
  beingRenamed: 'This image is being renamed. Drawing goes on under the new name.',
  imageRenamed: (image: string, now: string) =>
    `${image} was renamed by another program: it is ${now} now. Its labels and their review still have the old name.`,
  lockedForRename: (image: string, now: string) =>
    `${image} was renamed by another program: it is ${now} now. Nothing can be drawn until you have chosen which name its labels shall have.`,
  labelsAreLeft: (image: string, labels: string) =>
    `${labels} was drawn on ${image} when it had another name. Do you want to rename the labels, with their review, after the image?`,
  labelsAreCarried: 'The labels of this image are being renamed after it. Drawing goes on when they are shown.',
  drawnBeforeCarried: (image: string) =>
    `${image} was drawn on before you chose to carry its labels along, so nothing was renamed. Export what you drew, undo or revert it, then open ${image} again: you are asked again.`,
  reviewIsLeft: (image: string, labels: string, before: string) =>
    `${labels} was saved for ${before}, and its review is still kept under that name: without it all slices of ${image} count as accepted. Do you want to rename the review after the image?`,
  imageGone: (image: string, labels: string) =>
    `${image} is not there any more: it was deleted, renamed or moved. ${labels === '' ? 'What was loaded of it is still shown.' : `Your labels are still open here, and can be saved to ${labels} or exported.`}`,
  savedWithoutImage: (image: string, labels: string) =>
    `${image} is not there any more. Its labels were saved all the same, to ${labels}.`,
  workOfOtherImage: (name: string, path: string) =>
    `Unsaved labels that were drawn on another image called ${name} were not put on this one: they are kept in ${path}, and come back when you open the image that they belong to.`,
  workIsBack: (name: string, before: string) =>
    `Your unsaved labels of ${name} are back${name === before ? '' : `; you drew them when it was called ${before}`}. Save to keep them.`,
  workWaits: (name: string, before: string) =>
    `Unsaved labels that you drew on ${name} when it was called ${before} were found after you had begun to draw anew. They are kept: export them, or undo what is unsaved and open ${name} again to have them back.`,
  comparingImage: (name: string) =>
    `Unsaved labels from your last session are kept for ${name}. The file was written anew since, so Voxel Loop reads it to tell whether it still is the image that you drew on; then you can go on.`,
  backupIsGone: (name: string) =>
    `Unsaved edits of ${name} from your last session could not be read. The saved labels are untouched.`,
  editsNotKept: (name: string) =>
    `Unsaved edits of ${name} cannot be kept for the case that VS Code ends unexpectedly (is the disk full?). Save often; the log has the details.`,
  internal: 'Something went wrong inside Voxel Loop. Your labels are unchanged; details are in the log.',
} as const;

/**
 * The one sentence to show for `error`; the log gets what it leaves out. It is undefined for a cancellation, which is
 * no error.
 */
export function sentenceFor(error: unknown): string | undefined {
  if (error instanceof CancelledError) return undefined;
  if (error instanceof VoxelLoopError) {
    const internal = error instanceof RemoteError && error.code === 'internal';
    log().error(`${error.code}: ${error.message}`, error.cause ?? '');
    return internal ? text.internal : error.message;
  }
  log().error(error instanceof Error ? error : String(error));
  return text.internal;
}

/** Shows `error` to the user, with a way to the log. It does not wait for the user. */
export function reportError(error: unknown): void {
  const sentence = sentenceFor(error);
  if (sentence === undefined) return;
  void vscode.window.showErrorMessage(sentence, 'Show Log').then((choice) => {
    if (choice) log().show();
  });
}

/** Code that knows no VS Code reports here what it cannot decide by itself. */
export const reports = {
  warn: (message: string, error: unknown) => log().warn(message, error),
  error: (message: string, error?: unknown) => log().error(message, ...(error === undefined ? [] : [error])),
  info: (message: string) => log().info(message),
  tell: reportError,
} as const;
