import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './test-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of the server that the tests share. */
    postgresUrl: string
  }
}

/** One server for all test files of a project: that of `DATABASE_URL`, else one of their own. */
export default async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') {
    provide('postgresUrl', given)
    return undefined
  }
  const server = await startPostgres()
  provide('postgresUrl', server.url)
  return server.stop
}
