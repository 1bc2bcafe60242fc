import { z } from './z.ts';
import { join } from 'path';

debugger;
export const value: any = join("double quotes", z);
