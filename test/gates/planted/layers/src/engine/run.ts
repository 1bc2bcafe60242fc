export { shared as run } from '../core/shared.ts';
