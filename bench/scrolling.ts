/**
 * How quickly the editor scrolls through slices in a real VS Code, while nothing else happens and while a model is trained:
 * `npm run bench -- scrolling [--steps 200]`.
 */
import { parseArgs } from 'node:util';
import { measureInEditor } from './support/in-editor.ts';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '200' } } });
measureInEditor('scrolling', { VOXEL_LOOP_STEPS: values.steps });
