import { used } from '../core/half-used.ts';
import { thing } from 'unlisted-package';
console.log(used, thing);
