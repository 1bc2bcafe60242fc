export { html as markup } from '../extension/uses-lit.ts';
