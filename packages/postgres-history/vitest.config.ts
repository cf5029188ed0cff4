import { mergeConfig } from 'vitest/config'
import { packageTests } from '../../vitest.shared.ts'

export default mergeConfig(packageTests('postgres-history'), {
  test: { globalSetup: ['@flowcraft/pg-test/vitest-setup'], testTimeout: 30_000, hookTimeout: 30_000 },
})
