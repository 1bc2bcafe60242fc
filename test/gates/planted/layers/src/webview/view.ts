export { shared as view } from '../core/shared.ts';
