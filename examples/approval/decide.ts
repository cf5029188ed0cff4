// The manager's process: `decide.ts <database> <execution id> approve|reject <comment>`. It knows the request from the
// database alone.
import { isFlowcraftError } from 'flowcraft'
import type { Decision } from './flow.ts'
import { openService } from './service.ts'

const [databasePath = '', executionId = '', action = '', comment = ''] = process.argv.slice(2)
const decision: Decision = { by: 'Grace', comment }
const { runtime, store } = openService(databasePath)
try {
  const { status } = await runtime.resume(executionId, { output: decision, action })
  console.log(`  the run is ${status}`)
} catch (error) {
  if (!isFlowcraftError(error, 'NOT_AWAITING')) throw error
  console.log('  it has been decided already')
} finally {
  await store.close()
}
