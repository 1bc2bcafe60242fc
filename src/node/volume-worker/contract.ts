import * as v from 'valibot';
import { bytes, count, fraction, nothing, vec3 } from '../../core/basic-schemas.ts';
import { grid, plane } from '../../core/geometry/geometry-schemas.ts';
import { labelTable } from '../../core/label/table/label-table-schema.ts';
import type { Contract } from '../../core/protocol/contract.ts';
import { sentQuery } from '../../core/tools/answer-query.ts';
import { sentGesture } from '../../core/tools/known-tools.ts';
import { intensityStatistics, sliceImage, volumeSummary, window } from '../../core/volume/volume-schemas.ts';
import { proposalFacts } from '../cohort/proposals/proposal-file.ts';

/** The number that `open` gives to an open volume. */
const volume = count;
/** The part of an image's header that label maps take over (`VolumeWriting.geometry`). */
const header = bytes;
const convention = v.picklist(['radiological', 'neurological']);

/** The requests that the volume worker answers. Every request can be cancelled; paths are those of the file system. */
export const volumeWorkerContract = {
  requests: {
    /** Reads the header. A compressed volume is inflated in the background from then on. */
    open: {
      params: v.strictObject({ path: v.string(), memoryBudgetBytes: count }),
      result: v.strictObject({ volume, summary: volumeSummary, header }),
    },
    /** Resolves when every voxel can be served at once, and rejects if the file turns out to be damaged. */
    loaded: { params: v.strictObject({ volume }), result: nothing },
    /** Returns one slice. It waits until its voxels are there. */
    slice: {
      params: v.strictObject({ volume, plane, index: count, timeIndex: count, convention }),
      result: sliceImage,
    },
    /** Returns statistics and default window of one time point. It waits until its voxels are there. */
    statistics: {
      params: v.strictObject({ volume, timeIndex: count }),
      result: v.strictObject({ statistics: intensityStatistics, window }),
    },
    /**
     * Works out what a tool draws that must look at the image (see `DataTool`). Labels are asked for where the tool
     * needs them (`labelBox`, with the same `asker`); the share of the work that is done is told, 0 to 1.
     */
    answer: {
      params: v.strictObject({ volume, asker: count, query: sentQuery }),
      progress: fraction,
      result: sentGesture,
    },
    /**
     * Reads a label file. `table` holds the labels that are known already (values that it lacks are added behind it);
     * `grid` is that of the image, on which the labels are placed.
     */
    readLabels: {
      params: v.strictObject({
        path: v.string(),
        /** The masks that a case has instead of a label file: they are joined. */
        masks: v.optional(
          v.array(
            v.strictObject({
              structure: v.string(),
              value: v.number(),
              path: v.string(),
              isLabelMap: v.optional(v.literal(true)),
            }),
          ),
        ),
        table: v.optional(labelTable),
        grid: v.optional(grid),
        /** The user says that the header is wrong (`mayMatchByNumber`). */
        matchesByNumber: v.optional(v.boolean()),
      }),
      result: v.strictObject({
        /** The labels as `encodeLabelMap` writes them. */
        labels: bytes,
        table: labelTable,
        /** The fingerprint of the file as it was read. */
        fingerprint: v.string(),
        /** These sentences are for the user. */
        warnings: v.array(v.string()),
        /**
         * The first save makes this permanent, so the user must agree to it; it is null if there is nothing of the
         * kind.
         */
        asksBeforeSave: v.nullable(v.string()),
        /** True if somebody must look before these labels count as accepted (`isPlaceDoubtful`). */
        isPlaceDoubtful: v.boolean(),
        /**
         * Given if the file's voxels may be those of the image by number as well as by its header; it is null if there
         * is no such choice.
         */
        turned: v.nullable(
          v.strictObject({
            /** The orientation of the file, such as RPS. */
            orientation: v.string(),
            /** True if they are matched by number already. */
            isByNumber: v.boolean(),
            /** This question is for the user. */
            question: v.string(),
          }),
        ),
      }),
    },
    /**
     * Writes a label file with the geometry of an image, atomically. The image's header is given, not its path: the
     * file may be gone, or have been replaced.
     */
    writeLabels: {
      params: v.strictObject({
        path: v.string(),
        header,
        /** The labels as `encodeLabelMap` writes them. */
        labels: bytes,
        table: labelTable,
      }),
      result: v.strictObject({
        /** The fingerprint of the file as it was written. */
        fingerprint: v.string(),
      }),
    },
    /** Does the same without giving the file its name: see `PreparedFile`, which the caller must end. */
    prepareLabels: {
      params: v.strictObject({ path: v.string(), header, labels: bytes, table: labelTable }),
      result: v.strictObject({ temporary: v.string(), target: v.string(), fingerprint: v.string() }),
    },
    /** See `readPackedProposal`; it is null if there is no such file. The other side has to check its voxels. */
    readProposal: {
      params: v.strictObject({ path: v.string(), shape: vec3 }),
      result: v.nullable(v.strictObject({ facts: proposalFacts, labels: bytes })),
    },
    /** See `volumeFingerprint`. */
    fingerprint: { params: v.strictObject({ path: v.string() }), result: v.strictObject({ fingerprint: v.string() }) },
    /** See `lookAtPair`. */
    lookAtPair: {
      params: v.strictObject({ one: v.string(), other: v.string() }),
      result: v.nullable(
        v.strictObject({ labels: v.string(), image: v.string(), values: v.pipe(v.array(v.number()), v.readonly()) }),
      ),
    },
    /** Forgets a volume; its pending requests are cancelled. */
    close: { params: v.strictObject({ volume }), result: nothing },
  },
  events: {},
} as const satisfies Contract;

/** What the volume worker asks, and the events that it sends. */
export const volumeWorkerClientContract = {
  requests: {
    /** Asks for the labels in a box as a person sees them, as `encodeLabelBox` writes them. */
    labelBox: {
      params: v.strictObject({ asker: count, box: v.strictObject({ from: vec3, to: vec3 }) }),
      result: v.strictObject({ labels: bytes }),
    },
  },
  events: {
    /** Tells the share of an open volume that can be served without waiting, 0 to 1. */
    loadProgress: v.strictObject({ volume, fraction: v.number() }),
    /** Something was noticed while an open volume was read (see `VolumeFile.note`); the sentence is for the user. */
    note: v.strictObject({ volume, sentence: v.string() }),
  },
} as const satisfies Contract;

export type VolumeWorkerContract = typeof volumeWorkerContract;
export type VolumeWorkerClientContract = typeof volumeWorkerClientContract;
