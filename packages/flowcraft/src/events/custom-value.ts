/**
 * The recorded form of an instance of a class that a runtime keeps by a `ValueType`: plain data, so that every store and
 * every reader can hold it. A runtime that has the type gives an instance in its place; whoever reads without a runtime
 * (a listener, a store, a `WorkflowError`), or without that type, gets this. Recorded again, it stays what it is.
 */
export class CustomValue {
  /** The `name` of the type. */
  readonly type: string
  /** What `encode` of the type gave. */
  readonly encoded: unknown

  constructor(type: string, encoded: unknown) {
    this.type = type
    this.encoded = encoded
  }
}
