import { createFlow, FlowRuntime } from 'flowcraft'
const flow = createFlow<{ amount: number }>('large').node('node0', () => ({ output: { value0: 0 } }))
const result = await flow.run(new FlowRuntime(), { amount: 1 })
export const last: number | undefined = result.context['_outputs.node0']?.value0
export {}
