import type { VolumeHeader } from '../../volume/volume-header.ts';
import type { VolumeFormat, VolumeWriting } from '../volume-format.ts';
import { encodeImageHeader, geometryHeader } from './image-header.ts';
import { encodeLabelHeader, headerDescription, labelDatatype } from './label-header.ts';
import { HEADER_BYTES_NEEDED, isNiftiStart, NIFTI_ID, type NiftiHeader, parseNiftiHeader } from './nifti-header.ts';

/** NIfTI-1 and NIfTI-2 in single files. The product also writes this format. */
export const NIFTI: VolumeFormat & { readonly writing: VolumeWriting } = {
  id: NIFTI_ID,
  file: 'a NIfTI file',
  endings: ['.nii.gz', '.nii'],
  mayBeGzipped: true,
  detect: isNiftiStart,
  async read(source) {
    const header = parseNiftiHeader(await source.start(HEADER_BYTES_NEEDED));
    const { dataOffset, dataLength, littleEndian } = header;
    const piece = { file: null, packing: 'none', at: dataOffset, skip: 0, length: dataLength } as const;
    return { header, littleEndian, pieces: [piece], interleaved: 1 };
  },
  writing: {
    imageHeader: encodeImageHeader,
    labelHeader: (image, datatype, description) => encodeLabelHeader(niftiOf(image), datatype, description),
    labelDatatype,
    geometry: (image) => niftiOf(image).bytes,
    readGeometry: parseNiftiHeader,
    description: (header) => (header.format === NIFTI_ID ? headerDescription(niftiOf(header)) : ''),
  },
};

/** Returns the NIfTI header of an image: its own, or one that says the same of its place in space. */
function niftiOf(image: VolumeHeader): NiftiHeader {
  const own = image.format === NIFTI_ID ? image.bytes : undefined;
  return parseNiftiHeader(own ?? geometryHeader(image.grid));
}
