export { shared as helper } from '../core/shared.ts';
