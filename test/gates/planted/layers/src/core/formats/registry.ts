import { TOY } from './toy/toy-format.ts';

export const FORMATS = [TOY];
