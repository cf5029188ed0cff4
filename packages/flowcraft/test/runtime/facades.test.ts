import { expect, it } from 'vitest'
import { createFlow, FlowRuntime, type RuntimeFacade, type WorkflowStateFacade } from 'flowcraft'

it('nodes may know their runtime and their run, but not change them', async () => {
  let runtimeFacade: RuntimeFacade | undefined
  let stateFacade: WorkflowStateFacade | undefined
  const seen: unknown[] = []
  const flow = createFlow<Record<string, unknown>, { answer: number }>('f')
    .node('a', async () => ({}))
    .node('b', async ({ dependencies: { answer, logger, runtime, workflowState } }) => {
      runtimeFacade = runtime
      stateFacade = workflowState
      seen.push(answer, typeof logger.info, runtime.getBlueprint('other')?.id, runtime.getBlueprint('nobody'))
      seen.push(workflowState.nodeStatus('a'), workflowState.nodeStatus('b'), workflowState.nodeStatus('c'))
      seen.push(workflowState.runsOf('a'), workflowState.errors)
    })
    .edge('a', 'b')
  const other = { id: 'other', nodes: [], edges: [] }
  const runtime = new FlowRuntime({ dependencies: { answer: 42 }, blueprints: { other } })
  const { executionId } = await flow.run(runtime)
  expect(seen).toEqual([42, 'function', 'other', undefined, 'completed', 'running', 'pending', 1, []])
  expect(runtimeFacade).toMatchObject({ executionId, blueprintId: 'f' })
  expect(() => Object.assign(runtimeFacade!, { executionId: 'x' })).toThrow(TypeError)
  expect(() => Object.assign(stateFacade!, { errors: [] })).toThrow(TypeError)
})
