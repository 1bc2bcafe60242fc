export { shared } from '../knot-a/shared.ts';
