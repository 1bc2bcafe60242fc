export { shared as main } from '../core/shared.ts';
