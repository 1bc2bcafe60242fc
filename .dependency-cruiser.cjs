// Who may import whom (docs/architecture.md has the picture). Every rule is proved able to fail by
// test/gates/layers.test.ts, which runs this file on the violations planted in test/gates/planted.

/** The processes of the product. They speak through core/protocol and never share code but core and node. */
const faces = ['extension', 'webview', 'engine', 'cli'];

/** npm packages that are pure computation and so may be used by core. */
const purePackages = ['fast-png', 'nifti-reader-js', 'pbf', 'valibot'];

const npmPackage = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/|^(${names.join('|')})$`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-imports-only-core',
      comment: 'core is the house’s pure part: nothing of ours stands below it',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^src/', pathNot: '^src/core/' },
    },
    {
      name: 'core-names-no-platform',
      comment: 'core runs in every process, so it names neither Node nor VS Code nor a package that needs a platform',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: `^src/|^\\.|${npmPackage(...purePackages)}` },
    },
    {
      name: 'node-imports-only-core',
      severity: 'error',
      from: { path: '^src/node/' },
      to: { path: '^src/', pathNot: '^src/(core|node)/' },
    },
    ...faces.map((face) => ({
      name: `${face}-stands-alone`,
      comment: 'processes talk through core/protocol',
      severity: 'error',
      from: { path: `^src/${face}/` },
      to: { path: `^src/(${faces.filter((other) => other !== face).join('|')})/` },
    })),
    {
      name: 'webview-has-no-node',
      comment: 'the webview is a web page',
      severity: 'error',
      from: { path: '^src/webview/' },
      to: { path: '^src/node/' },
    },
    {
      name: 'webview-has-no-node-builtins',
      severity: 'error',
      from: { path: '^src/webview/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-extension-imports-vscode',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/extension/' },
      to: { path: npmPackage('vscode') },
    },
    {
      name: 'only-webview-imports-lit',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/webview/' },
      to: { path: npmPackage('lit', 'lit-[^/]+', '@lit/[^/]+', '@vscode-elements/[^/]+') },
    },
    {
      name: 'only-engine-imports-onnxruntime',
      comment: 'networks run in the engine process, never in the extension host',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/' },
      to: { path: npmPackage('onnxruntime-node', 'onnxruntime-web') },
    },
    {
      name: 'only-the-registry-names-formats',
      comment:
        'a volume format is a folder that nothing imports but core/formats/registry.ts, formats not one another either',
      severity: 'error',
      from: { path: '^src/(.+)/', pathNot: '^src/core/formats/registry\\.ts$' },
      to: { path: '^src/core/formats/[^/]+/', pathNot: '^src/$1/' },
    },
    {
      name: 'only-nifti-imports-nifti-reader',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/core/formats/nifti/' },
      to: { path: npmPackage('nifti-reader-js') },
    },
    {
      name: 'product-stands-without-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-folder-knots',
      comment: 'folders that import one another in a circle cannot be understood, or moved, one at a time',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'a file that nothing imports and that imports nothing is left over',
      severity: 'error',
      from: { path: '^src/', orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // These files break the rules on purpose: test/gates/layers.test.ts shows on them that every rule can fail.
    exclude: { path: '^test/gates/planted/' },
    // Imports of types count: a layer that only names another's types still depends on it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types', 'default'],
    },
  },
};
