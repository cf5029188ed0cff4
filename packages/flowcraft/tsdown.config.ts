import { defineConfig } from 'tsdown'

export default defineConfig({
  // `flowcraft/testing` is `@flowcraft/testing`, and imports this package by its name as any other one does.
  entry: {
    index: 'src/index.ts',
    replay: 'src/replay.ts',
    testing: '../testing/src/index.ts',
    'testing-vitest': '../testing/src/vitest.ts',
  },
  external: ['flowcraft', 'vitest'],
  format: ['esm'],
  dts: true,
  sourcemap: true,
  clean: true,
  platform: 'node',
  target: 'node20',
})
