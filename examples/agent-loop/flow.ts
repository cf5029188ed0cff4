import { createFlow, type NodeContext } from 'flowcraft'
import type { Choice, Model } from './model.ts'

/** What the nodes of the agent share. */
export interface AgentContext {
  readonly question: string
  /** How many tokens the model may use. */
  readonly budget: number
  readonly spent: number
  readonly observations: readonly string[]
}

/** What the agent needs of the outside world. */
export interface AgentDependencies {
  readonly model: Model
  readonly articles: ReadonlyMap<string, string>
}

type Call<TInput = unknown> = NodeContext<AgentContext, AgentDependencies, TInput>
type ChoiceOf<TTool extends Choice['tool']> = Extract<Choice, { tool: TTool }>

/**
 * Think, act, observe, and again: until the model has an answer or the budget is used up. What the model chooses is the
 * action of `think`, and each tool hangs on the edge of its name.
 */
export const agentFlow = createFlow<AgentContext, AgentDependencies>('agent')
  .node('think', think)
  .node('search', search)
  .node('calculate', calculate)
  .node('answer', answer)
  .node('observe', observe, { config: { joinStrategy: 'any' } })
  .loop('again', {
    startNodeId: 'think',
    endNodeId: 'observe',
    condition: '!input.isAnswer && context.spent < context.budget',
  })
  .node('report', report)

  .edge('think', 'search', { action: 'search' })
  .edge('think', 'calculate', { action: 'calculate' })
  .edge('think', 'answer', { action: 'answer' })
  .edge('search', 'observe')
  .edge('calculate', 'observe')
  .edge('answer', 'observe')
  .edge('again', 'report')

async function think({ context, dependencies }: Call) {
  const observations = (await context.get('observations')) ?? []
  const choice = await dependencies.model((await context.get('question')) ?? '', observations)
  await context.set('spent', ((await context.get('spent')) ?? 0) + choice.tokens)
  return { output: choice, action: choice.tool }
}

function search({ input, dependencies }: Call<ChoiceOf<'search'>>) {
  return { output: { text: dependencies.articles.get(input.query) ?? 'nothing found', isAnswer: false } }
}

function calculate({ input: { operands } }: Call<ChoiceOf<'calculate'>>) {
  return { output: { text: String(operands[0] - operands[1]), isAnswer: false } }
}

function answer({ input }: Call<ChoiceOf<'answer'>>) {
  return { output: { text: input.text, isAnswer: true } }
}

/** Puts what the tool gave where the model finds it in its next turn. */
async function observe({ input, context }: Call<Observation>) {
  await context.set('observations', [...((await context.get('observations')) ?? []), input.text])
  return { output: input }
}

interface Observation {
  readonly text: string
  readonly isAnswer: boolean
}

function report({ input }: Call<Observation>) {
  return { output: input.isAnswer ? input.text : 'I do not know: the budget is used up.' }
}
