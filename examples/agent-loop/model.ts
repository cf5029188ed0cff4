/** What the model wants next: one of its tools, or to give the answer. */
export type Choice =
  | { readonly tool: 'search'; readonly query: string; readonly tokens: number }
  | { readonly tool: 'calculate'; readonly operands: readonly [number, number]; readonly tokens: number }
  | { readonly tool: 'answer'; readonly text: string; readonly tokens: number }

/** A language model as far as the agent needs one: it reads what has been said and chooses. */
export type Model = (question: string, observations: readonly string[]) => Promise<Choice>

/**
 * A model without a model: it follows a script, so that the example gives the same at every run. In its place would stand
 * a call to a real one.
 */
export const scriptedModel: Model = async (question, observations) => {
  if (!question.includes('Rhine')) return { tool: 'search', query: question, tokens: 300 }
  switch (observations.length) {
    case 0:
      return { tool: 'search', query: 'length of the Rhine', tokens: 180 }
    case 1:
      return { tool: 'search', query: 'length of the Elbe', tokens: 210 }
    case 2:
      return { tool: 'calculate', operands: numbersIn(observations), tokens: 260 }
    default:
      return { tool: 'answer', text: `The Rhine is ${observations[2]} km longer.`, tokens: 120 }
  }
}

function numbersIn(observations: readonly string[]): readonly [number, number] {
  const [first = 0, second = 0] = observations.map((text) => Number(/\d+/.exec(text)?.[0]))
  return [first, second]
}
