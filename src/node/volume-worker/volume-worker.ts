import { basename } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import { OWN_FORMAT } from '../../core/formats/registry.ts';
import { voxelCount } from '../../core/geometry/grid.ts';
import { slicePlanes } from '../../core/geometry/slice-plane.ts';
import { Endpoint, type Handlers, type MessageChannelPort } from '../../core/protocol/endpoint.ts';
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
      await unlessCancelled(find(volume).loaded, signal);
      return {};
    },
    slice: async ({ volume, plane, index, timeIndex, convention }, { signal }) => {
      const source = find(volume);
      const { grid } = source.header;
      const planes = slicePlanes(grid, convention);
      return unlessCancelled(extractSlice(source, grid, planes[plane], index, timeIndex, signal), signal);
    },
    statistics: async ({ volume, timeIndex }, { signal }) => {
      const source = find(volume);
      const voxels = voxelCount(source.header.grid);
      const options = source.sparse ? { signal, maxSlabs: SPARSE_SLABS } : { signal };
      const gathered = measureIntensities(source, timeIndex * voxels, voxels, options);
      const statistics = await unlessCancelled(gathered, signal);
      return { statistics, window: defaultWindow(statistics, source.header.displayRange) };
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

/** Stops waiting when `signal` is aborted; the work itself looks at the signal where it can. */
function unlessCancelled<T>(work: Promise<T>, signal: CancelSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(new CancelledError());
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}
