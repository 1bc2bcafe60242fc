export { helper } from '../node/helper.ts';
