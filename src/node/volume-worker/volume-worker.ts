import { basename } from 'node:path';
import { untilCancelled } from '../../core/cancel.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { OWN_FORMAT } from '../../core/formats/registry.ts';
import { voxelCount } from '../../core/geometry/grid.ts';
import { slicePlanes } from '../../core/geometry/slice-plane.ts';
import type { VoxelBox } from '../../core/geometry/voxel-box.ts';
import { Endpoint, type Handlers, type MessageChannelPort } from '../../core/protocol/endpoint.ts';
import { answerQuery } from '../../core/tools/answer-query.ts';
import { defaultWindow } from '../../core/volume/default-window.ts';
import { extractSlice } from '../../core/volume/extract-slice.ts';
import { measureIntensities } from '../../core/volume/intensity-statistics.ts';
import { summarizeVolume } from '../../core/volume/volume-summary.ts';
import { readPackedProposal } from '../cohort/proposals/proposal-file.ts';
import { lookAtPair } from '../volumes/labels/label-map-pair.ts';
import { openVolume } from '../volumes/served/open-volume.ts';
import type { ServedVolume } from '../volumes/served/served-volume.ts';
import { volumeFingerprint } from '../volumes/volume-identity.ts';
import { type VolumeWorkerContract, volumeWorkerClientContract, volumeWorkerContract } from './contract.ts';
import { dataContext } from './data-context.ts';
import { prepareLabelFile, readLabelFile, writeLabelFile } from './label-files.ts';

/** Statistics of a volume that does not fit into memory look at this many slabs (256 MiB) only. */
const SPARSE_SLABS = 64;

/** A volume was closed, or never open: the request came too late. */
class NoSuchVolumeError extends VoxelLoopError {
  readonly code = 'no-such-volume';
}

/** Serves volumes and label files over `port` until the process or thread ends. */
export function serveVolumes(port: MessageChannelPort, onDefect: (error: Error) => void): void {
  const volumes = new Map<number, ServedVolume>();
  let lastId = 0;
  /** Queries of tools are answered one after the other. */
  let lastAnswer: Promise<unknown> = Promise.resolve();

  const find = (id: number): ServedVolume => {
    const volume = volumes.get(id);
    if (!volume) throw new NoSuchVolumeError('This volume is not open any more. Open it again.');
    return volume;
  };

  const handlers: Handlers<VolumeWorkerContract> = {
    open: async ({ path, memoryBudgetBytes }, { signal }) => {
      const volume = await openVolume(path, { memoryBudgetBytes, signal });
      const id = ++lastId;
      volumes.set(id, volume);
      let announced = -1;
      const announce = (fraction: number) => {
        if (fraction < 1 && fraction - announced < 0.02) return;
        announced = fraction;
        endpoint.emit('loadProgress', { volume: id, fraction });
      };
      // Loading is reported only after the answer is on its way: until then nobody knows the volume.
      setImmediate(() => {
        announce(volume.loadedFraction);
        volume.onProgress = announce;
        // Whoever asks for voxels that cannot be read is told why.
        volume.loaded.then(
          () => volume.note !== null && endpoint.emit('note', { volume: id, sentence: volume.note }),
          () => {},
        );
      });
      return {
        volume: id,
        summary: summarizeVolume(basename(path), volume.header),
        header: OWN_FORMAT.writing.geometry(volume.header).slice(),
      };
    },
    loaded: async ({ volume }, { signal }) => {
      await untilCancelled(find(volume).loaded, signal);
      return {};
    },
    slice: async ({ volume, plane, index, timeIndex, convention }, { signal }) => {
      const source = find(volume);
      const { grid } = source.header;
      const planes = slicePlanes(grid, convention);
      return untilCancelled(extractSlice(source, grid, planes[plane], index, timeIndex, signal), signal);
    },
    statistics: async ({ volume, timeIndex }, { signal }) => {
      const source = find(volume);
      const voxels = voxelCount(source.header.grid);
      const options = source.sparse ? { signal, maxSlabs: SPARSE_SLABS } : { signal };
      const gathered = measureIntensities(source, timeIndex * voxels, voxels, options);
      const statistics = await untilCancelled(gathered, signal);
      return { statistics, window: defaultWindow(statistics, source.header.displayRange) };
    },
    answer: async ({ volume, asker, query }, { signal, progress }) => {
      const labelBox = async ({ from, to }: VoxelBox) => {
        const box = { from: [...from] as [number, number, number], to: [...to] as [number, number, number] };
        return (await endpoint.request('labelBox', { asker, box }, { signal })).labels;
      };
      // Each may take as much memory as there is for one.
      const turn = lastAnswer.then(() => answerQuery(dataContext(find(volume), labelBox, progress, signal), query));
      lastAnswer = turn.catch(() => undefined);
      return untilCancelled(turn, signal);
    },
    readLabels: (params, { signal }) => readLabelFile(params, signal),
    writeLabels: (params, { signal }) => writeLabelFile(params, signal),
    prepareLabels: (params, { signal }) => prepareLabelFile(params, signal),
    readProposal: ({ path, shape }) => readPackedProposal(path, shape),
    fingerprint: async ({ path }, { signal }) => ({ fingerprint: await volumeFingerprint(path, signal) }),
    lookAtPair: ({ one, other }, { signal }) => lookAtPair([one, other], signal),
    close: async ({ volume }) => {
      const open = volumes.get(volume);
      volumes.delete(volume);
      await open?.close();
      return {};
    },
  };

  const endpoint = new Endpoint(port, volumeWorkerContract, handlers, volumeWorkerClientContract, onDefect);
}
