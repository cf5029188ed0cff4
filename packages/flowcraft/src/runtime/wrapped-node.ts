import type { NodeResult } from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'
import { isFatal } from '../events/failure.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import { deferred, type Deferred } from '../history/deferred.ts'
import type { EndedAttempt } from '../scheduler/outcome.ts'
import type { Accepted } from './accepted.ts'
import { AttemptContext, type AttemptScope } from './attempt-context.ts'
import { execute, executeWrapped, type Ending, type Task, type WrappedTask } from './execute.ts'

/** An attempt with middleware around its node. */
export interface WrappedAttempt extends Task {
  /** A result that was accepted, as middleware may have it. */
  give(result: Accepted): NodeResult
  /** Closes the attempt: nothing of it can change any more. */
  end(ending: Ending): EndedAttempt
  abort(reason: unknown, why: string): void
}

/** Is told of each attempt that ended, and whether it was the last one. */
type OnEnd = (ended: EndedAttempt, isLast: boolean) => void

/** What middleware returned, or threw. */
type Outcome = { readonly returned: unknown } | { readonly error: unknown }

/**
 * One node execution with middleware around it. Attempts that will be repeated end as they do without middleware. The
 * last one ends when the middleware has, with what that gave, and with the writes of both.
 */
export class WrappedNode implements WrappedTask {
  readonly nodeId: string
  readonly executionId: string
  readonly middleware: readonly Middleware[]
  readonly context: AttemptContext
  readonly logger: ILogger
  /** The attempt that is recorded as started and not as ended. */
  #attempt: WrappedAttempt | undefined
  #onEnd: OnEnd | undefined
  #hasBegun = false
  /** What `next` waits for, from the first attempt to the end of the last one. */
  #lastEnding: Deferred<NodeResult> | undefined
  /** What the middleware gave. */
  #outcome: Outcome | undefined
  #abort: { readonly reason: unknown } | undefined
  readonly #aborted = deferred<never>()

  constructor(scope: AttemptScope, nodeId: string, middleware: readonly Middleware[]) {
    this.nodeId = nodeId
    this.executionId = scope.executionId
    this.middleware = middleware
    this.context = new AttemptContext(scope, nodeId)
    this.logger = scope.logger
  }

  get aborted(): Promise<never> {
    return this.#aborted.promise
  }

  /** Makes an attempt: the first one as soon as the middleware asks for it. */
  make(attempt: WrappedAttempt, onEnd: OnEnd): void {
    this.#attempt = attempt
    this.#onEnd = onEnd
    if (this.#outcome !== undefined) return this.#end(attempt, this.#outcome)
    if (this.#hasBegun) return this.#run(attempt)
    this.#hasBegun = true
    executeWrapped(this).then(
      (returned) => this.#settle({ returned }),
      (error: unknown) => this.#settle({ error }),
    )
  }

  requireOpen(): void {
    if (this.#abort !== undefined) throw this.#abort.reason
    if (this.#outcome !== undefined) throw this.#tooEarly()
  }

  attempts(): Promise<NodeResult> {
    this.#lastEnding = deferred()
    // Middleware begins with the first attempt, and this is called once, while it is open.
    this.#run(this.#attempt!)
    return this.#lastEnding.promise
  }

  /** Ends everything: nothing that comes later counts. */
  abort(reason: unknown, why: string): void {
    this.#abort = { reason }
    this.context.close(why)
    this.#stopAttempts(() => reason, why)
    this.#aborted.reject(reason)
  }

  #run(attempt: WrappedAttempt): void {
    void execute(attempt).then((ending) => {
      if (attempt.isAborted) return
      const willRetry = 'error' in ending && ending.isRetryable && !attempt.isLast && !isFatal(ending.error)
      if (willRetry) this.#retry(attempt, ending)
      else this.#handOver(attempt, ending)
    })
  }

  #retry(attempt: WrappedAttempt, ending: Ending): void {
    const ended = attempt.end(ending)
    // Its writes are recorded before those that middleware has made so far, but came after them.
    this.context.giveWay(ended.writes)
    this.#attempt = undefined
    this.#onEnd?.(ended, false)
  }

  /** Gives what came of the last attempt to the middleware. */
  #handOver(attempt: WrappedAttempt, ending: Ending): void {
    const last = this.#lastEnding
    this.#lastEnding = undefined
    ending.call.close('has ended')
    const isTimeout = 'error' in ending && ending.isTimeout
    if (!isTimeout) this.context.absorb(ending.call.writes)
    try {
      if ('error' in ending) throw ending.error
      last?.resolve(attempt.give(ending.result))
    } catch (error) {
      last?.reject(error)
    }
  }

  #settle(outcome: Outcome): void {
    if (this.#abort !== undefined) return
    this.#outcome = outcome
    this.context.close('has ended')
    this.#stopAttempts(() => this.#tooEarly(), 'was cut off by its middleware')
    // Between two attempts there is nothing that could end: the next one does, as soon as it has started.
    if (this.#attempt !== undefined) this.#end(this.#attempt, outcome)
  }

  #stopAttempts(reasonOf: () => unknown, why: string): void {
    const last = this.#lastEnding
    if (last === undefined) return
    this.#lastEnding = undefined
    const reason = reasonOf()
    this.#attempt?.abort(reason, why)
    last.reject(reason)
  }

  #end(attempt: WrappedAttempt, outcome: Outcome): void {
    this.#onEnd?.(attempt.end(this.#toEnding(attempt, outcome)), true)
  }

  #toEnding(attempt: WrappedAttempt, outcome: Outcome): Ending {
    const call = this.context
    try {
      if ('error' in outcome) throw outcome.error
      return { call, result: attempt.accept(outcome.returned) }
    } catch (error) {
      // The retries are inside of the middleware, so they are over.
      return { call, error, isRetryable: false, isTimeout: false }
    }
  }

  #tooEarly(): FlowcraftError {
    const { nodeId, executionId } = this
    return new FlowcraftError(
      `The middleware of node '${nodeId}' (execution '${executionId}') has ended before what it called by 'next()'; await 'next()' before you return`,
      { nodeId, executionId },
    )
  }
}
