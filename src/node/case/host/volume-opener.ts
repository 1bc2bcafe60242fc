import { basename } from 'node:path';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { gridDifference } from '../../../core/geometry/compare-grids.ts';
import { ReopeningVolume } from '../../volume-worker/reopening-volume.ts';
import type { VolumeWorkerClient } from '../../volume-worker/volume-worker-client.ts';
import { ImageFile } from '../../volumes/image-file.ts';
import type { SessionImage } from '../open/load-case.ts';
import type { CaseSession } from '../session/case-session.ts';
import type { SessionLease, SessionRegistry } from '../session/session-registry.ts';
import type { CaseLocation } from './case-location.ts';
import type { OpenedVolume, OpenImage } from './open-document.ts';

/** Hears what opening a file tells. */
export interface OpeningTalk {
  /** @param fraction the share of the voxels that can be served without waiting, 0 to 1 */
  progress(fraction: number): void;
}

/** Opens volumes. */
export interface OpenerServices {
  readonly volumes: { readonly client: VolumeWorkerClient; readonly memoryBudgetBytes: number };
  readonly sessions: Pick<SessionRegistry, 'acquire'>;
  /** Tells the user what was noticed while the voxels of a file were read. */
  readonly note: (sentence: string) => void;
  /** Returns the sentence that tells the user of an error. */
  readonly sentenceFor: (error: unknown) => string;
}

/** Opens images, and joins the sessions of their labels. */
export class VolumeOpener {
  constructor(private readonly services: OpenerServices) {}

  /** Opens the file as it is now. @throws what opening a volume throws */
  async image(path: string, { progress }: OpeningTalk): Promise<OpenImage> {
    const { volumes, note } = this.services;
    const file = await this.#imageFile(path);
    const volume = await ReopeningVolume.open(() => volumes.client, path, {
      memoryBudgetBytes: volumes.memoryBudgetBytes,
      onProgress: progress,
      onNote: (sentence) => note(`${basename(path)}: ${sentence}`),
    });
    return { volume, file };
  }

  async sessionImage({ volume, file }: OpenImage, { channels: [first] }: CaseFiles): Promise<SessionImage> {
    const owner = first === file.path ? file : await this.#imageFile(first);
    return { file, owner, grid: volume.summary.grid, header: volume.header };
  }

  /**
   * Opens what lies at a location. If its labels cannot be read (because they are of another image, or damaged), they
   * must not be written over, and the image can only be looked at.
   * @throws what opening a volume throws
   */
  async open(location: CaseLocation, talk: OpeningTalk): Promise<OpenedVolume> {
    const { imagePath, labelled } = location;
    const image = await this.image(imagePath, talk);
    if (!labelled) return { ...image, lease: null, readOnlyReason: location.readOnlyReason };
    const { files, store } = labelled;
    let lease: SessionLease;
    try {
      lease = await this.services.sessions.acquire(await this.sessionImage(image, files), files, store);
    } catch (error) {
      const why = this.services.sentenceFor(error);
      return { ...image, lease: null, readOnlyReason: `This volume can only be looked at: ${why}` };
    }
    // Labels are drawn by the number of their voxel: in a file whose voxels lie elsewhere they would be at other places.
    const difference = gridDifference(lease.session.grid, image.volume.summary.grid);
    if (difference) {
      lease.release();
      return { ...image, lease: null, readOnlyReason: unsharedReason(imagePath, difference, lease.session) };
    }
    return { ...image, lease, readOnlyReason: null };
  }

  #imageFile(path: string): Promise<ImageFile> {
    return ImageFile.at(path, (file) => this.services.volumes.client.fingerprint(file));
  }
}

/** Says why a file cannot share the labels of a session that another file of the case has opened. */
function unsharedReason(imagePath: string, difference: 'shape' | 'position', { labelsName }: CaseSession): string {
  const name = basename(imagePath);
  return difference === 'shape'
    ? `${name} has another size than ${labelsName}, so it cannot share its label map. Check that both belong to the same case.`
    : `${name} can only be looked at: the labels of its case (${labelsName}) are open on another file, whose voxels lie elsewhere in space or run in other directions. Close that file, and open this one again, to draw on it.`;
}
