import { basename, dirname, join } from 'node:path';
import { isVolumeName, stemOf } from '../../../core/cohort/files/names/file-names.ts';
import { isThere, namesIfThere } from '../../files/missing-file.ts';
import { findCase } from './cohort-folder.ts';

/** Tells what a copy of a label map would be to the cohort around it. */
export type ExportPlace =
  /** It is no more than a copy. */
  | { readonly kind: 'free' }
  /** An image lies there. */
  | { readonly kind: 'image' }
  /** It would be taken for the image that lies beside it under the same name in another format. */
  | { readonly kind: 'twin'; readonly image: string }
  /** It would be the finished labels of this case. */
  | { readonly kind: 'labels'; readonly caseId: string };

/**
 * Looks at the place of a label map that is to be exported.
 *
 * @param path an absolute path with the ending of what is written
 * @param workspaceFolder as in `findCase`
 * @throws CohortDescriptionError, FileAccessError
 */
export async function exportPlace(path: string, workspaceFolder?: string): Promise<ExportPlace> {
  const found = await findCase(path, workspaceFolder);
  if (found.kind === 'image') {
    if (await isThere(path)) return { kind: 'image' };
    const [folder, name] = [dirname(path), basename(path)];
    const isTwin = (other: string) => isVolumeName(other) && stemOf(other) === stemOf(name);
    const twin = (await namesIfThere(folder)).find(isTwin);
    return twin === undefined ? { kind: 'free' } : { kind: 'twin', image: join(folder, twin) };
  }
  if (found.kind !== 'labels') return { kind: 'free' };
  const { id, labels, masks } = found.case.files;
  const isOwn = labels === path || masks?.some((mask) => mask.path === path);
  return isOwn ? { kind: 'labels', caseId: id } : { kind: 'free' };
}
