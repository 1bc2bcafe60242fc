/**
 * From the click on a volume to its first slice, and what activation costs, in a real VS Code:
 * `npm run bench -- opening [--rounds 7]`.
 */
import { parseArgs } from 'node:util';
import { measureInEditor } from './support/in-editor.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
measureInEditor('opening', { VOXEL_LOOP_ROUNDS: values.rounds });
