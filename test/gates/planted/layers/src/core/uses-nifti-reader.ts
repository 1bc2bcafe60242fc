import { readHeader } from 'nifti-reader-js';

export const read = readHeader;
