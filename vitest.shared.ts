import { defaultServerConditions } from 'vite'
import { defineProject, type UserWorkspaceConfig } from 'vitest/config'

const conditions = ['flowcraft-src', ...defaultServerConditions]

/** The test settings of one package: workspace packages are read from their source, so no build is needed first. */
export function packageTests(name: string): UserWorkspaceConfig {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ['test/**/*.test.ts'],
      // On a busy machine a test takes longer, which is no fault of what it tests.
      testTimeout: 60_000,
    },
  })
}
