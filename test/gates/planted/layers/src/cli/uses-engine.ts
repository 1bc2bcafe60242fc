export { run } from '../engine/run.ts';
