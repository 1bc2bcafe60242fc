import * as v from 'valibot';
import { bytes, count, nothing, vec3 } from '../../core/basic-schemas.ts';
import { grid, plane } from '../../core/geometry/geometry-schemas.ts';
import { labelTable } from '../../core/label/label-table-schema.ts';
import type { Contract } from '../../core/protocol/contract.ts';
import { intensityStatistics, sliceImage, volumeSummary, window } from '../../core/volume/volume-schemas.ts';
import { proposalFacts } from '../cohort/proposal-file.ts';

/** A number that stands for an open volume, given by `open`. */
const volume = count;
/** What label maps take over of the header of an image (`VolumeWriting.geometry`). */
const header = bytes;
const convention = v.picklist(['radiological', 'neurological']);

/** What the volume worker answers. Every request can be cancelled; paths are of the file system. */
export const volumeWorkerContract = {
  requests: {
    /** Reads the header. A compressed volume is inflated in the background from then on. */
    open: {
      params: v.strictObject({ path: v.string(), memoryBudgetBytes: count }),
      result: v.strictObject({ volume, summary: volumeSummary, header }),
    },
    /** Resolves when every voxel can be served at once, rejects if the file turns out to be damaged. */
    loaded: { params: v.strictObject({ volume }), result: nothing },
    /** One slice. Waits until its voxels are there. */
    slice: {
      params: v.strictObject({ volume, plane, index: count, timeIndex: count, convention }),
      result: sliceImage,
    },
    /** Statistics and default window of one time point. Waits until its voxels are there. */
    statistics: {
      params: v.strictObject({ volume, timeIndex: count }),
      result: v.strictObject({ statistics: intensityStatistics, window }),
    },
    /**
     * Reads a label file. `table`: what is known already (values that it lacks are added behind it); `grid`: that of the
     * image, on which the labels are placed.
     */
    readLabels: {
      params: v.strictObject({
        path: v.string(),
        /** Of a case that has masks instead: they are joined. */
        masks: v.optional(v.array(v.strictObject({ structure: v.string(), value: v.number(), path: v.string() }))),
        table: v.optional(labelTable),
        grid: v.optional(grid),
        /** The user says that the header is wrong (`mayMatchByNumber`). */
        matchesByNumber: v.optional(v.boolean()),
      }),
      result: v.strictObject({
        /** As `encodeLabelMap` writes it. */
        labels: bytes,
        table: labelTable,
        /** Of the file as it was read. */
        fingerprint: v.string(),
        /** Sentences for the user. */
        warnings: v.array(v.string()),
        /** What the first save makes permanent and the user must have agreed to; null: nothing. */
        asksBeforeSave: v.nullable(v.string()),
        /** Somebody must look before these labels count as accepted (`isPlaceDoubtful`). */
        isPlaceDoubtful: v.boolean(),
        /** Where its voxels may be those of the image by number as well as by its header; null: there is no such choice. */
        turned: v.nullable(
          v.strictObject({
            /** Of the file, such as RPS. */
            orientation: v.string(),
            /** They are matched by number already. */
            isByNumber: v.boolean(),
            /** For the user. */
            question: v.string(),
          }),
        ),
      }),
    },
    /**
     * Writes a label file with the geometry of an image, atomically. The image's header is given, not its path: the file may
     * be gone, or be another one by now.
     */
    writeLabels: {
      params: v.strictObject({
        path: v.string(),
        header,
        /** As `encodeLabelMap` writes it. */
        labels: bytes,
        table: labelTable,
      }),
      result: v.strictObject({
        /** Of the file as it was written. */
        fingerprint: v.string(),
      }),
    },
    /** The same without giving the file its name: see `PreparedFile`, which the caller must end. */
    prepareLabels: {
      params: v.strictObject({ path: v.string(), header, labels: bytes, table: labelTable }),
      result: v.strictObject({ temporary: v.string(), target: v.string(), fingerprint: v.string() }),
    },
    /** See `readPackedProposal`; null: there is no such file. Its voxels are for the other side to check. */
    readProposal: {
      params: v.strictObject({ path: v.string(), shape: vec3 }),
      result: v.nullable(v.strictObject({ facts: proposalFacts, labels: bytes })),
    },
    /** See `fileFingerprint`. */
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

/** What the volume worker tells. */
export const volumeWorkerClientContract = {
  requests: {},
  events: {
    /** How much of an open volume can be served without waiting, 0 to 1. */
    loadProgress: v.strictObject({ volume, fraction: v.number() }),
    /** Something was noticed while an open volume was read (see `VolumeFile.note`): a sentence for the user. */
    note: v.strictObject({ volume, sentence: v.string() }),
  },
} as const satisfies Contract;

export type VolumeWorkerContract = typeof volumeWorkerContract;
export type VolumeWorkerClientContract = typeof volumeWorkerClientContract;
