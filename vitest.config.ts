import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*'],
    // Without it, one processor would be left idle, which on a small machine is half of it.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
})
