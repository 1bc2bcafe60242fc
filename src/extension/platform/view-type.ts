/** The type of the custom editor, as `package.json` names it. */
export const VIEW_TYPE = 'voxelLoop.volume';
