// Two folders that know each other, although no file knows itself through others.
export { ends } from '../knot-b/ends.ts';
