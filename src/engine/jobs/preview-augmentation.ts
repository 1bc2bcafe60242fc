import { availableParallelism, totalmem } from 'node:os';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { declaredChannels } from '../../core/cohort/files/layouts/dataset-json.ts';
import type { LeaveOut, LeftOutCase } from '../../core/cohort/left-out.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { type Augmentation, inputChannels, type Plan } from '../../core/learn/plan/plan.ts';
import { neighbourSlices, VolumePlanes } from '../../core/learn/planes/plane-source.ts';
import { type StoredSlice, toStored } from '../../core/learn/planes/stored-slice.ts';
import { augmentSample } from '../../core/learn/samples/augment/augment-sample.ts';
import { describeAugmentation } from '../../core/learn/samples/augment/describe-augmentation.ts';
import { chooseWindow } from '../../core/learn/samples/choose-window.ts';
import { mixSeeds } from '../../core/learn/samples/mix-seeds.ts';
import type { PreviewParams, PreviewResult } from '../../core/protocol/engine/preview-augmentation.ts';
import { SeededRandom } from '../../core/random.ts';
import { contactSheet, type SheetPicture, type SheetRow } from '../../core/report/contact-sheet.ts';
import { listCohort } from '../../node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { saveBytesAtomically } from '../../node/files/atomic-save.ts';
import { CaseLoader, caseTruth } from '../inputs/case-loader.ts';
import { findTrainableCases, type TrainableCase } from '../inputs/find-cases.ts';
import { noCaseLeft } from '../training/data/choose-sets.ts';
import { channelNames, readOrStartRecord } from '../training/data/cohort-state.ts';
import { doubtSentences } from '../training/data/doubts.ts';
import { checkedLabels, fingerprintCases, withCommonChannels } from '../training/data/fingerprint-cases.ts';
import { spread } from '../training/data/spread.ts';
import { choosePlan, readOverrides } from '../training/planning/choose-plan.ts';

const ROWS = 6;
const VARIANTS = 7;
/** A kind of change that is rare in training happens at least so often in the picture. */
const LEAST_PROBABILITY = 0.5;
/** The plan is made from so many cases at most, spread over the cohort: a picture is not worth reading all of them. */
const CASES_FOR_PLAN = 24;

/**
 * Writes a contact sheet of what training's augmentation makes of a cohort's slices.
 * @throws TrainingError if nothing is labelled, or there is no such case
 * @throws PlanOverrideError
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function previewAugmentation(params: PreviewParams, signal: CancelSignal): Promise<PreviewResult> {
  const listing = await listCohort(params.cohortRoot);
  const store = new CohortStore(listing.root);
  const decided = await readOverrides({ planFile: params.planFile, cohortState: store.stateDir });
  const record = await readOrStartRecord(store, store, listing);
  const leftOut: LeftOutCase[] = [];
  const leaveOut: LeaveOut = (left) => leftOut.push(left);
  const found = await findTrainableCases(listing, store, leaveOut);
  const cases = withCommonChannels(found, declaredChannels(listing.dataset), leaveOut);
  if (cases.length === 0 && leftOut.length > 0) throw noCaseLeft(leftOut);
  if (cases.length === 0)
    throw new TrainingError('No case has labels to learn from yet: label and accept some slices.');
  const shown = params.caseId === undefined ? spread(cases, ROWS) : [caseNamed(cases, params.caseId)];
  const forPlan = [...new Set([...spread(cases, CASES_FOR_PLAN), ...shown])];
  const loader = new CaseLoader(record.labels, listing.dataset?.ignoreValue ?? null);
  const read = await fingerprintCases(forPlan, loader, signal, () => undefined, leaveOut);
  if (read.length === 0) throw noCaseLeft(leftOut);
  // How often slices are changed depends on how many there are, so each case that was read stands for others.
  const fingerprints = cases.map((_, index) => read[index % read.length].fingerprint);
  const { plan } = choosePlan(
    {
      preset: 'auto',
      labels: checkedLabels(loader, fingerprints),
      cases: fingerprints,
      channelNames: channelNames(listing, cases[0]),
      cores: availableParallelism(),
      onGpu: false,
      memoryBytes: totalmem(),
    },
    decided,
  );

  const sheet: SheetRow[] = [];
  const rows: PreviewResult['rows'] = [];
  const readable = new Set(read.map(({ id }) => id));
  for (const found of shown) {
    throwIfCancelled(signal);
    if (!readable.has(found.files.id)) continue;
    const loaded = await loader.load(found, signal);
    const planes = new VolumePlanes(loaded.image, plan);
    const { classes } = caseTruth(found, loaded, plan.labels);
    for (const slice of slicesWithLabels(planes, classes, ROWS / shown.length)) {
      const random = new SeededRandom(mixSeeds(params.seed ?? 0, sheet.length));
      sheet.push(sheetRow(storedSlice(planes, classes, slice, plan), plan, random));
      rows.push({ caseId: found.files.id, slicing: plan.slicing, slice, slices: planes.slices });
    }
  }
  await saveBytesAtomically(params.path, contactSheet(sheet, plan.labels));
  const changes = describeAugmentation(plan.augmentation);
  return { rows, columns: VARIANTS + 1, labels: [...plan.labels], changes, leftOut, notes: doubtSentences(read) };
}

function caseNamed(cases: readonly TrainableCase[], id: string): TrainableCase {
  const found = cases.find(({ files }) => files.id === id);
  if (found) return found;
  throw new TrainingError(
    `There is no case "${id}" with labels to learn from: the first ones are ${cases
      .slice(0, 3)
      .map(({ files }) => files.id)
      .join(', ')}.`,
  );
}

/** Takes up to `count` slices of those that show a label, or of the others where none does. */
function slicesWithLabels(planes: VolumePlanes, classes: Int16Array, count: number): number[] {
  const all = Array.from({ length: planes.slices }, (_, slice) => slice);
  const showing = all.filter((slice) => planes.targetPlane(classes, slice).some((label) => label > 0));
  return spread(showing.length > 0 ? showing : all, Math.max(1, Math.floor(count)));
}

function storedSlice(planes: VolumePlanes, classes: Int16Array, slice: number, plan: Plan): StoredSlice {
  const { rows, columns, pixelAspect, channels } = planes;
  const values = new Float32Array(inputChannels(plan) * rows * columns);
  neighbourSlices(planes, slice, plan.neighbours).forEach((neighbour, position) => {
    planes.readPlane(neighbour, values, position * channels * rows * columns);
  });
  return {
    slicing: plan.slicing,
    rows,
    columns,
    pixelAspect,
    planes: toStored(values),
    classes: planes.targetPlane(classes, slice),
  };
}

/** Shows the slice as it is, then changed. */
function sheetRow(slice: StoredSlice, plan: Plan, random: SeededRandom): SheetRow {
  const { rows, columns } = plan.plane;
  const pixels = rows * columns;
  const label = slice.classes.find((found) => found > 0) ?? null;
  const window = chooseWindow(slice, plan.plane, label, random);
  const picture = (augmentation: Augmentation): SheetPicture => {
    const input = new Float32Array(inputChannels(plan) * pixels);
    const target = new Float32Array(pixels);
    const outside = new Uint8Array(pixels);
    augmentSample(slice, window, { ...plan, augmentation }, random, { rows, columns, input, target, outside });
    const middle = plan.neighbours * plan.channels.length * pixels;
    return { values: input.subarray(middle, middle + pixels), classes: target, outside };
  };
  const often = changedProbabilities(plan.augmentation, (probability) =>
    probability === 0 ? 0 : Math.max(LEAST_PROBABILITY, probability),
  );
  const asItIs = { ...changedProbabilities(plan.augmentation, () => 0), mirror: [] };
  const pictures = [picture(asItIs), ...Array.from({ length: VARIANTS }, () => picture(often))];
  return { rows, columns, pixelAspect: slice.pixelAspect, pictures };
}

function changedProbabilities(augmentation: Augmentation, change: (probability: number) => number): Augmentation {
  const { affine, elastic, intensity, gamma, noise, blur, lowResolution } = augmentation;
  const changed = <T extends { readonly probability: number }>(kind: T): T => ({
    ...kind,
    probability: change(kind.probability),
  });
  return {
    mirror: augmentation.mirror,
    affine: changed(affine),
    elastic: changed(elastic),
    intensity: changed(intensity),
    gamma: changed(gamma),
    noise: changed(noise),
    blur: changed(blur),
    lowResolution: changed(lowResolution),
  };
}
