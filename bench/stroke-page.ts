/** What a pointer event of a long stroke costs in the page of a real VS Code: `npm run bench -- stroke-page`. */
import { measureInEditor } from './support/in-editor.ts';

measureInEditor('stroke-page');
