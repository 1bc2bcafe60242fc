export type { B } from './ring-b.ts';
export type A = 1;
