// One question that the agent can answer, and one that uses its budget up.
import { FlowRuntime, InMemoryEventStore, PersistentEventBusAdapter } from 'flowcraft'
import { agentFlow } from './flow.ts'
import { scriptedModel } from './model.ts'
import { turnsOf } from './turns.ts'

const articles = new Map([
  ['length of the Rhine', 'The Rhine is 1233 km long.'],
  ['length of the Elbe', 'The Elbe is 1094 km long.'],
])
const store = new InMemoryEventStore()
const runtime = new FlowRuntime({
  eventBus: new PersistentEventBusAdapter(store),
  dependencies: { model: scriptedModel, articles },
})

const executionId = await ask('How much longer than the Elbe is the Rhine?')
await ask('What is the meaning of life?')

// Because every turn is in the log, the agent can be asked afterwards what it knew when it chose.
const events = await store.retrieve(executionId)
const thirdThought = await runtime.replay(agentFlow.toBlueprint(), events, executionId, {
  until: { before: 'think', iteration: 2 },
})
console.log('What it knew when it chose to calculate:')
for (const observation of thirdThought.context.observations ?? []) console.log(`  ${observation}`)

async function ask(question: string): Promise<string> {
  console.log(question)
  const { context, executionId } = await agentFlow.run(runtime, { question, budget: 1000 })
  for (const line of turnsOf(await store.retrieve(executionId))) console.log(`  ${line}`)
  console.log(`  ${context['_outputs.report']} (${context.spent} of ${context.budget} tokens)\n`)
  return executionId
}
