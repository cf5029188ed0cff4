// A worker: `worker.ts <database> <ledger> <execution id>`. It knows nothing of the workers before it.
import { reportFlow } from './flow.ts'
import { openService } from './service.ts'

const [database = '', ledgerPath = '', executionId = ''] = process.argv.slice(2)
const { store, runtime } = openService(database, ledgerPath)
const { status } = await reportFlow.run(runtime, {}, { executionId })
console.log(`  the run is ${status}`)
await store.close()
