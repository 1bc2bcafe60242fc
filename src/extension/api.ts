import type * as vscode from 'vscode';

/*
 * What other extensions may call, see docs/api.md. A version is never changed in a way that breaks its callers: what is
 * added is optional, and what must be otherwise becomes another version.
 */

/** What `activate()` returns: `vscode.extensions.getExtension('voxel-loop.voxel-loop').exports`. */
export interface VoxelLoopExports {
  /** @throws Error in one sentence if this Voxel Loop does not have that version of the API */
  getApi(version: 1): VoxelLoopApi;
}

export interface VoxelLoopApi {
  readonly version: 1;

  /** The cases of a cohort, in order of id. */
  listCases(options?: CohortChoice): Promise<readonly CaseInfo[]>;

  /**
   * Proposals of the active model, case by case; one that fails does not keep the others from it. Held-out cases get none
   * (`problem` says so): labels that judge models must not start from one.
   */
  predict(
    options: CohortChoice & TaskOptions & { readonly cases: readonly string[] },
  ): Promise<readonly PredictedCase[]>;

  /** What waits for a person, the case with most to gain first. */
  needsReview(options?: CohortChoice): Promise<readonly CaseToReview[]>;

  /**
   * Trains a model version on what is accepted and saved, and makes it active if it is not worse on the holdout. Cancelled
   * after its first evaluation it ends early with the best so far. It is the window's training like one that a person starts,
   * one at a time: rejects while another runs, or where one that was interrupted waits to be resumed.
   */
  retrain(options?: CohortChoice & TaskOptions & { readonly minutes?: number }): Promise<RetrainedModel>;

  /** Two model versions on the held-out cases that both were judged on, as their records have it. */
  compareModels(options: CohortChoice & { readonly version: number; readonly other: number }): Promise<ComparedModels>;

  /** Something of the current cohort changed on disk: cases, label maps, reviews, proposals or models. */
  readonly onDidChangeCohort: vscode.Event<CohortChanged>;
}

export interface CohortChoice {
  /** Absolute path of the cohort's folder; absent: the one that the window shows. */
  readonly cohort?: string;
}

export interface TaskOptions {
  /** Rejects with a `vscode.CancellationError`. */
  readonly token?: vscode.CancellationToken;
  /** Of the whole, 0 to 1, with a short phrase. */
  readonly onProgress?: (fraction: number, message: string) => void;
}

export interface CaseInfo {
  readonly id: string;
  /** Absolute; one path per channel. */
  readonly images: readonly string[];
  /** Absolute: where the label map is, or would be. */
  readonly labels: string;
  readonly labelled: boolean;
  readonly state: 'unreviewed' | 'proposed' | 'edited' | 'accepted' | 'imported' | 'damaged' | 'unreadable';
  /** Why it is damaged, as a sentence. */
  readonly problem?: string;
  /** Slices by review state; absent where nothing says how many slices the case has. */
  readonly slices?: {
    readonly accepted: number;
    readonly edited: number;
    readonly unreviewed: number;
    /** Of the unreviewed ones: a proposal was turned down there, and none waits. */
    readonly rejected?: number;
  };
  /** Slices on which a proposal waits. */
  readonly waitingSlices: number;
  /** It judges model versions and is never trained on. */
  readonly holdout: boolean;
  /** A test case of the cohort's maker. */
  readonly test: boolean;
  /** Second reviewers that have a label map of this case. */
  readonly reviewers: readonly string[];
}

export interface PredictedCase {
  readonly id: string;
  /** Slices on which the proposal now waits. */
  readonly waitingSlices: number;
  /** "model 3". */
  readonly model: string;
  /** Why there is no proposal, as a sentence. */
  readonly problem?: string;
}

export interface CaseToReview {
  readonly id: string;
  readonly waitingSlices: number;
  /** What share of the proposal the model expects to be wrong, 0 to 1, on the slices where it proposes something. */
  readonly expectedWrong: number;
  /** Where to look first, worst first: slices along the review axis from 0, `last` included. */
  readonly places: readonly { readonly first: number; readonly last: number; readonly expectedWrong: number }[];
}

export interface RetrainedModel {
  readonly version: number;
  /** It predicts from now on. */
  readonly activated: boolean;
  /** One sentence: what came of it and why. */
  readonly verdict: string;
  /** Mean Dice on the held-out cases; null where none is held out. */
  readonly holdoutDice: number | null;
  /** The same of the version that was active before. */
  readonly previousHoldoutDice: number | null;
  readonly trainedCases: number;
  readonly seconds: number;
}

export interface ComparedModels {
  readonly version: number;
  readonly other: number;
  /** Held-out cases that both were judged on. */
  readonly cases: number;
  /** Mean Dice of `version`, of `other`, and the difference of the two, over these cases. */
  readonly meanDice: number;
  readonly otherMeanDice: number;
  readonly difference: number;
  /** 92 % interval of the difference (paired bootstrap over cases), as the promotion gate has it; null: too few cases. */
  readonly interval: readonly [number, number] | null;
  readonly labels: readonly {
    readonly name: string;
    readonly dice: number | null;
    readonly otherDice: number | null;
  }[];
  /** Cases by difference, the one on which `version` loses most first. */
  readonly byCase: readonly { readonly id: string; readonly difference: number }[];
}

export interface CohortChanged {
  /** Absolute. */
  readonly cohort: string;
}
