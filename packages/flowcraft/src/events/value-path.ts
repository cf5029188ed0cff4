/** A step into a value: a property, an index, or ready text such as `.keys()[0]` for what has no property. */
export type PathStep = string | number | { readonly text: string }

/** `steps` as JavaScript would write them, long ones shortened: `.items[3]["a b"].callback`. Empty for no steps. */
export function formatPath(steps: readonly PathStep[]): string {
  if (steps.length <= 24) return steps.map(formatStep).join('')
  return `${formatPath(steps.slice(0, 16))} … ${formatPath(steps.slice(-8))}`
}

/** The step to what a Map holds under `key`. */
export function stepOfMapKey(key: unknown, index: number): PathStep {
  const isNameable = typeof key === 'string' || typeof key === 'number'
  return { text: isNameable ? `.get(${JSON.stringify(key)})` : `.values()[${index}]` }
}

function formatStep(step: PathStep): string {
  if (typeof step === 'object') return step.text
  if (typeof step === 'number') return `[${step}]`
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
}
