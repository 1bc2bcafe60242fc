import { TOY } from '../core/formats/toy/toy-format.ts';

export const ENDINGS = [`.${TOY}`];
