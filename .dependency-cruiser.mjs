/**
 * Who may import whom inside `packages/flowcraft/src`, type imports included. A folder may always import itself; what is
 * not listed is forbidden. This object is the one in ARCHITECTURE.md under "Layers": change both or neither.
 */
const mayImport = {
  ports: '',
  errors: '',
  expressions: 'errors',
  extensions: 'errors blueprint events',
  blueprint: 'errors extensions/logger',
  lint: 'errors expressions blueprint',
  events: 'errors extensions/logger blueprint',
  state: 'errors blueprint events',
  history: 'errors extensions/logger blueprint events ports',
  scheduler: 'errors blueprint events state',
  nodes: 'errors extensions expressions blueprint events state',
  runtime: 'errors extensions expressions blueprint events state history scheduler recording nodes ports',
  recording: 'errors expressions blueprint events state scheduler history/event-store',
  render: 'errors blueprint events state',
  simulate: 'errors extensions expressions blueprint events state scheduler recording nodes runtime ports',
  replay: 'errors blueprint events state recording',
  index:
    'errors extensions expressions blueprint lint events state history scheduler nodes ports runtime recording render simulate',
}

/** The only packages that the engine needs at run time. */
const engineDependencies = ['eventemitter3', 'jsep']

const src = '^packages/flowcraft/src/'
const within = (layers) => `${src}(${layers.join('|')})(/|[.]ts$)`

const layerRules = Object.entries(mayImport).map(([layer, allowed]) => ({
  name: `${layer}-imports-only-what-it-may`,
  comment: `${layer} may import: ${allowed || 'nothing'}.`,
  severity: 'error',
  from: { path: within([layer]) },
  to: { path: src, pathNot: within([layer, ...allowed.split(' ').filter(Boolean)]) },
}))

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'every-file-has-a-layer',
      comment: 'A new folder or file at the top of src needs a line in `mayImport`.',
      severity: 'error',
      from: {},
      to: { path: src, pathNot: within(Object.keys(mayImport)) },
    },
    {
      name: 'user-code-runs-in-one-file',
      comment: 'Law 7: a node is called by runtime/execute.ts, which only the runtime imports.',
      severity: 'error',
      from: { pathNot: [`${src}runtime/`, '^packages/flowcraft/test/'] },
      to: { path: `${src}runtime/execute[.]ts$` },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that import each other have no order in which they can be read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'public-entry-points-only',
      comment: 'Other packages see what index.ts and replay.ts export, and nothing behind it.',
      severity: 'error',
      from: { path: '^(?:packages/([^/]+)|examples|benchmarks)/' },
      to: {
        path: '^packages/[^/]+/(src|dist)/',
        pathNot: [
          '^packages/$1/',
          '^packages/[^/]+/src/(index|replay)[.]ts$',
          '^packages/pg-test/src/vitest-setup[.]ts$',
        ],
      },
    },
    {
      name: 'engine-uses-web-standards-only',
      comment: 'No node: module in the engine: it also runs in a browser.',
      severity: 'error',
      from: { path: src },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-has-two-dependencies',
      severity: 'error',
      from: { path: src },
      to: { pathNot: ['^packages/', `/node_modules/(${engineDependencies.join('|')})/`], couldNotResolve: false },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'src-does-not-import-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '/test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^packages/[^/]+/(dist|[.]tsbuild|coverage)/', '^examples/from-docs/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['flowcraft-src', 'import', 'types', 'default'],
    },
  },
}
