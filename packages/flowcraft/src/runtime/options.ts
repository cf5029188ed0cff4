import { FlowcraftError } from '../errors.ts'

/** `value`, if it can be a number of things. @throws INPUT_INVALID for anything but a whole number of at least 1. */
export function wholeNumber(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new FlowcraftError(`'${name}' is ${String(value)}; expected a whole number of at least 1`, {
    code: 'INPUT_INVALID',
  })
}
