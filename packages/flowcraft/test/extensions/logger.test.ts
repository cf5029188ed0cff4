import { afterEach, expect, it, vi } from 'vitest'
import { ConsoleLogger, NullLogger } from '../../src/extensions/logger.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

afterEach(() => vi.restoreAllMocks())

it.each(levels)('the console logger writes %s with the level in front', (level) => {
  const written = vi.spyOn(console, level).mockReturnValue()
  new ConsoleLogger()[level]('Node failed', { nodeId: 'a' })
  new ConsoleLogger()[level]('Run failed')
  expect(written.mock.calls).toEqual([
    [`[${level.toUpperCase()}] Node failed`, { nodeId: 'a' }],
    [`[${level.toUpperCase()}] Run failed`],
  ])
})

it.each(levels)('the null logger writes no %s', (level) => {
  const written = vi.spyOn(console, level).mockReturnValue()
  new NullLogger()[level]('Node failed', { nodeId: 'a' })
  expect(written).not.toHaveBeenCalled()
})
