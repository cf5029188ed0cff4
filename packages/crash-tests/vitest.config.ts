import { mergeConfig } from 'vitest/config'
import { packageTests } from '../../vitest.shared.ts'

export default mergeConfig(packageTests('crash-tests'), {
  test: {
    globalSetup: ['test/bundle-worker.ts', '@flowcraft/pg-test/vitest-setup'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
