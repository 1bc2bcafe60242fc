import { splitLabelName, stemOf } from './file-names.ts';

/** Says whether an image has a label map beside it under one of our names. */
export function ownedBy(images: readonly string[]): (path: string) => boolean {
  let owners: Set<string> | undefined;
  return (path) => {
    owners ??= new Set(images.flatMap((each) => splitLabelName(each)?.imageStem ?? []));
    return owners.has(stemOf(path));
  };
}
