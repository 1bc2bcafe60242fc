import type * as vscode from 'vscode';

/*
 * Other extensions may call this API (see docs/api.md). A version is never changed in a way that breaks its callers:
 * additions are optional, and whatever must change becomes another version.
 */

/** The result of `activate()`: `vscode.extensions.getExtension('voxel-loop.voxel-loop').exports`. */
export interface VoxelLoopExports {
  /** @throws Error in one sentence if this Voxel Loop does not have that version of the API */
  getApi(version: 1): VoxelLoopApi;
}

export interface VoxelLoopApi {
  readonly version: 1;

  /** Lists the cases of a cohort, in order of id. */
  listCases(options?: CohortChoice): Promise<readonly CaseInfo[]>;

  /**
   * Makes proposals of the active model, case by case; a case that fails does not stop the others. Held-out cases get
   * none (`problem` says so): labels that judge models must not start from one.
   */
  predict(
    options: CohortChoice & TaskOptions & { readonly cases: readonly string[] },
  ): Promise<readonly PredictedCase[]>;

  /** Lists what waits for a person; the case with most to gain comes first. */
  needsReview(options?: CohortChoice): Promise<readonly CaseToReview[]>;

  /**
   * Trains a model version on what is accepted and saved, and makes it active if it is not worse on the holdout. If it
   * is cancelled after its first evaluation, it ends early with the best version so far. It is the window's training
   * like one that a person starts, and there is one at a time: it rejects while another one runs, or where an
   * interrupted one waits to be resumed.
   */
  retrain(options?: CohortChoice & TaskOptions & { readonly minutes?: number }): Promise<RetrainedModel>;

  /** Compares two model versions on the held-out cases that both were judged on, from their records. */
  compareModels(options: CohortChoice & { readonly version: number; readonly other: number }): Promise<ComparedModels>;

  /**
   * Fires when something of the current cohort changed on the disk: cases, label maps, reviews, proposals or models.
   */
  readonly onDidChangeCohort: vscode.Event<CohortChanged>;
}

export interface CohortChoice {
  /** The absolute path of the cohort's folder; without it, the cohort that the window shows is meant. */
  readonly cohort?: string;
}

export interface TaskOptions {
  /** Cancels the task, which then rejects with a `vscode.CancellationError`. */
  readonly token?: vscode.CancellationToken;
  /** Is called with the progress of the whole, 0 to 1, and a short phrase. */
  readonly onProgress?: (fraction: number, message: string) => void;
}

export interface CaseInfo {
  readonly id: string;
  /** The absolute paths of the images, one per channel. */
  readonly images: readonly string[];
  /** The absolute path of the label map, whether or not it exists. */
  readonly labels: string;
  readonly labelled: boolean;
  readonly state: 'unreviewed' | 'proposed' | 'edited' | 'accepted' | 'imported' | 'damaged' | 'unreadable';
  /** The reason why the case is damaged, as a sentence. */
  readonly problem?: string;
  /** The numbers of slices by review state; they are absent where nothing says how many slices the case has. */
  readonly slices?: {
    readonly accepted: number;
    readonly edited: number;
    readonly unreviewed: number;
    /** On so many of the unreviewed slices a proposal was turned down, and none waits. */
    readonly rejected?: number;
  };
  /** A proposal waits on so many slices. */
  readonly waitingSlices: number;
  /** The case judges model versions and is never trained on. */
  readonly holdout: boolean;
  /** The cohort's maker has declared this a test case. */
  readonly test: boolean;
  /** The second reviewers that have a label map of this case. */
  readonly reviewers: readonly string[];
}

export interface PredictedCase {
  readonly id: string;
  /** The proposal now waits on so many slices. */
  readonly waitingSlices: number;
  /** The name of the model, for instance "model 3". */
  readonly model: string;
  /** The reason why there is no proposal, as a sentence. */
  readonly problem?: string;
}

export interface CaseToReview {
  readonly id: string;
  readonly waitingSlices: number;
  /**
   * The share of the proposal that the model expects to be wrong, 0 to 1, on the slices where it proposes something.
   */
  readonly expectedWrong: number;
  /** The places to look at, the worst first: slices along the review axis from 0, `last` included. */
  readonly places: readonly { readonly first: number; readonly last: number; readonly expectedWrong: number }[];
}

export interface RetrainedModel {
  readonly version: number;
  /** The version predicts from now on. */
  readonly activated: boolean;
  /** One sentence that tells the result and the reason. */
  readonly verdict: string;
  /** Mean Dice on the held-out cases; it is null where none is held out. */
  readonly holdoutDice: number | null;
  /** The same score of the version that was active before. */
  readonly previousHoldoutDice: number | null;
  readonly trainedCases: number;
  readonly seconds: number;
}

export interface ComparedModels {
  readonly version: number;
  readonly other: number;
  /** The number of held-out cases that both were judged on. */
  readonly cases: number;
  /** Mean Dice of `version` and of `other`, and the difference of the two, over these cases. */
  readonly meanDice: number;
  readonly otherMeanDice: number;
  readonly difference: number;
  /**
   * The 92 % interval of the difference (paired bootstrap over cases), as the promotion gate uses it; it is null if
   * there are too few cases.
   */
  readonly interval: readonly [number, number] | null;
  readonly labels: readonly {
    readonly name: string;
    readonly dice: number | null;
    readonly otherDice: number | null;
  }[];
  /** The cases by difference, beginning with the one on which `version` loses most. */
  readonly byCase: readonly { readonly id: string; readonly difference: number }[];
}

export interface CohortChanged {
  /** The absolute path of the cohort's folder. */
  readonly cohort: string;
}
