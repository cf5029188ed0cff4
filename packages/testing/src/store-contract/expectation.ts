import { isFlowcraftError, type ErrorCode } from 'flowcraft'
import { differenceOf, shown } from './difference.ts'

const patienceMs = 8_000

/** Throws unless `found` equals `expected`; `what` names it in the message. */
export function expectEqual(found: unknown, expected: unknown, what = 'the answer'): void {
  const difference = differenceOf(found, expected)
  if (difference !== undefined) throw new Error(`${what}: ${difference}`)
}

/** Throws unless the statement `what` is true. */
export function expectTrue(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`expected that ${what}; it is not so`)
}

/** Throws unless the call rejects with a Flowcraft error of this code. Gives the error. */
export async function expectRejection(call: Promise<unknown>, code: ErrorCode, what: string): Promise<Error> {
  const outcome = await within(
    call.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
    what,
  )
  if ('value' in outcome) throw new Error(`${what}: resolved with ${shown(outcome.value)}, expected an error ${code}`)
  const { error } = outcome
  if (isFlowcraftError(error, code)) return error
  const found = isFlowcraftError(error) ? `${error.code} ${shown(error)}` : shown(error)
  throw new Error(`${what}: rejected with ${found}, expected the code ${code}`, { cause: error })
}

/** What `call` gives, unless it takes for ever. */
export async function within<T>(call: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing came within ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when `isSo` gives `true`, asked again and again; throws when it never does. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`${what}: not so within ${patienceMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
