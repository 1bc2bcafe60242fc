import { throwIfCancelled } from '../../core/cancel.ts';
import { type LeaveOut, leftOutSentence } from '../../core/cohort/left-out.ts';
import { learntByBoth, learntLabels } from '../../core/cohort/records/learnt-labels.ts';
import type { SplitCandidate, SplitHistory } from '../../core/cohort/records/splits.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { IGNORED } from '../../core/learn/planes/plane-transform.ts';
import { slicingAxis } from '../../core/learn/planes/slice-frame.ts';
import type { CaseScores } from '../../core/metrics/case-scores.ts';
import { scoreCohort } from '../../core/metrics/cohort-scores.ts';
import type { CompareParams, CompareProgress, CompareResult } from '../../core/protocol/engine/compare-models.ts';
import { base64 } from '../../core/report/base64.ts';
import { comparedSlicePicture } from '../../core/report/slice-picture.ts';
import type { ReportPicture } from '../../core/report/training-report.ts';
import { type CohortListing, listCohort } from '../../node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { type CaseInMemory, CaseLoader, caseTruth } from '../inputs/case-loader.ts';
import { findTrainableCases, type TrainableCase } from '../inputs/find-cases.ts';
import { type ModelFile, readModelFile } from '../inputs/model-file.ts';
import { SteadyEngine } from '../steady/steady-engine.ts';
import { readOrStartRecord } from '../training/data/cohort-state.ts';
import { predictIn, scorePrediction } from '../training/judging/judge.ts';
import { pairScores, scoresOfSet } from '../training/judging/set-scores.ts';
import type { JobContext } from './job-context.ts';

/**
 * Measures two model versions side by side on the cases that are held out and that neither has learned from, by the
 * labels that both have learned. A case whose files cannot be read is left out for both.
 *
 * @throws TrainingError if there is no such case
 * @throws FileAccessError
 * @throws ModelMismatchError
 * @throws RecordError
 * @throws CancelledError
 */
export async function compareModels(
  params: CompareParams,
  context: JobContext<CompareProgress>,
): Promise<CompareResult> {
  const startedMs = performance.now();
  const { signal, progress, log } = context;
  const listing = await listCohort(params.cohortRoot);
  const store = new CohortStore(listing.root);
  const [model, other] = await Promise.all(
    [params.version, params.other].map((version) => readModelFile(store.models.folderOf(version))),
  );
  const record = await readOrStartRecord(store, store, listing);
  const unreadable: string[] = [];
  const leaveOut: LeaveOut = (left) => {
    log('warning', leftOutSentence(left));
    unreadable.push(left.id);
  };
  const judges = await casesThatJudge(listing, store, record, [params.version, params.other], leaveOut);
  const cases = judges.length;
  progress({ fraction: 0, done: 0, cases });
  let done = 0;
  const report = () => progress({ fraction: done / cases, done, cases, engine: engine.inUse });
  const notes: string[] = [];
  const tell = (note: string) => {
    notes.push(note);
    report();
  };
  const { without } = params;
  const engine = await SteadyEngine.start(context.engines, params.engine ?? 'auto', 'predict', tell, { without });
  report();
  const loader = new CaseLoader(record.labels, listing.dataset?.ignoreValue ?? null);
  const [card, otherCard] = await Promise.all([params.version, params.other].map((each) => store.models.card(each)));
  const learnt = learntByBoth(learntLabels(card), learntLabels(otherCard));
  const measured = new BothMeasured(model, learnt, params.pictures);
  await engine.withPredictor(model, (predictor) =>
    engine.withPredictor(other, async (otherPredictor) => {
      for (const found of judges) {
        throwIfCancelled(signal);
        const loaded = await loader.load(found, signal).catch((error: unknown) => {
          if (!(error instanceof VoxelLoopError) || signal.aborted) throw error;
          leaveOut({ id: found.files.id, reason: error.message });
        });
        if (loaded) {
          const ours = await predictIn(model.plan, loaded, model.plan, predictor, signal);
          const others = await predictIn(model.plan, loaded, other.plan, otherPredictor, signal);
          measured.add(found, loaded, ours, others);
        }
        done++;
        report();
      }
    }),
  );
  const { scores, worst } = measured;
  if (scores[0].length === 0) {
    throw new TrainingError(
      'None of the cases that are held out could be read, so there is nothing to compare on. The log names them.',
    );
  }
  return {
    scores: [scoresOfSet(scoreCohort(scores[0])), scoresOfSet(scoreCohort(scores[1]))],
    pictures: worst.map(({ picture: { png, ...rest } }) => ({ ...rest, png: base64(png) })),
    unreadable,
    seconds: (performance.now() - startedMs) / 1000,
    engineName: engine.name,
    notes,
  };
}

/**
 * Lists complete cases that are held out and that none of the versions has learned from. As at the gate, none of them
 * has labels that started from a proposal, unless a `splits.json` says so.
 * @throws TrainingError if there is none
 */
async function casesThatJudge(
  listing: CohortListing,
  store: CohortStore,
  record: SplitHistory,
  versions: readonly number[],
  leaveOut: LeaveOut,
): Promise<TrainableCase[]> {
  const heldOut = new Set(listing.declaredSplit?.val ?? record.holdout);
  for (const version of versions) {
    const { data } = await store.models.card(version);
    for (const id of [...data.train, ...data.tune]) heldOut.delete(id);
  }
  const cases = await findTrainableCases(listing, store, (left) => {
    if (heldOut.has(left.id)) leaveOut(left);
  });
  const mayJudge = ({ complete, proposed }: SplitCandidate) =>
    complete && (listing.declaredSplit !== null || !proposed);
  const judges = cases.filter(({ candidate }) => heldOut.has(candidate.id) && mayJudge(candidate));
  if (judges.length > 0) return judges;
  throw new TrainingError(
    'No complete case is held out that both models have never seen, so they cannot be compared: complete more cases and retrain.',
  );
}

interface Loss {
  readonly loss: number;
  readonly picture: ReportPicture;
}

/** The classes by voxel; null where the model wants other channels than the case has. */
type Prediction = Awaited<ReturnType<typeof predictIn>>;

/** The scores of both models by now, and pictures of where the first one loses most. */
class BothMeasured {
  readonly scores: readonly [CaseScores[], CaseScores[]] = [[], []];
  worst: readonly Loss[] = [];

  /** @param pictures the most pictures that are kept */
  constructor(
    private readonly model: ModelFile,
    private readonly learnt: ReadonlySet<number>,
    private readonly pictures: number,
  ) {}

  add(found: TrainableCase, loaded: CaseInMemory, ours: Prediction, others: Prediction): void {
    const { model, learnt, scores } = this;
    const truth = caseTruth(found, loaded, model.plan.labels);
    const { id } = found.files;
    scores[0].push(scorePrediction(id, ours, truth, loaded, model.plan, learnt));
    scores[1].push(scorePrediction(id, others, truth, loaded, model.plan, learnt));
    const loss = lossOf(scores[0].slice(-1), scores[1].slice(-1), learnt);
    if (!ours || !others || loss <= 0 || !isAmongWorst(loss, this.worst, this.pictures)) return;
    const picture = pictureOf(id, ours, others, truth.classes, loaded, model);
    if (picture) this.worst = withLoss(this.worst, { loss, picture }, this.pictures);
  }
}

/** Returns how much Dice is lost on one case; it is below 0 where some is gained. */
function lossOf(ours: readonly CaseScores[], others: readonly CaseScores[], learnt: ReadonlySet<number>): number {
  const [pair] = pairScores({ cases: ours }, { cases: others }, learnt);
  return pair ? -pair.difference : 0;
}

function isAmongWorst(loss: number, worst: readonly Loss[], count: number): boolean {
  return count > 0 && (worst.length < count || loss > (worst.at(-1)?.loss ?? 0));
}

function withLoss(worst: readonly Loss[], added: Loss, count: number): readonly Loss[] {
  return [...worst, added].sort((a, b) => b.loss - a.loss).slice(0, count);
}

function pictureOf(
  caseId: string,
  prediction: Uint8Array | Uint16Array,
  other: Uint8Array | Uint16Array,
  truth: Int16Array,
  { image }: CaseInMemory,
  { plan }: ModelFile,
): ReportPicture | null {
  return comparedSlicePicture(
    {
      caseId,
      prediction,
      truth,
      grid: image.grid,
      image: image.channels[0],
      axis: slicingAxis(image.grid, plan.slicing),
      ignored: IGNORED,
    },
    other,
  );
}
