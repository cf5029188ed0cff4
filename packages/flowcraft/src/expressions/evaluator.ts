/** What reads the expressions of a blueprint: edge conditions, edge transforms and loop conditions. */
export interface IEvaluator {
  /** The value of `expression`, whose names are own properties of `context`. What it throws is recorded. */
  evaluate(expression: string, context: Readonly<Record<string, unknown>>): unknown
  /** Why `expression` can never be evaluated, or `undefined`. With it, a bad blueprint fails before its run starts. */
  check?(expression: string): string | undefined
  /**
   * The names of `context` that `expression` can read; `undefined` when that is not known. With it, the engine builds
   * a scope of just those for each evaluation, instead of one that holds the whole context.
   */
  names?(expression: string): readonly string[] | undefined
  /**
   * Whether no expression can change what it reads. Without it, an evaluator is shown copies of values that hold bytes,
   * which cannot be frozen.
   */
  readonly neverWrites?: boolean
}
