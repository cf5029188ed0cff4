/** What a store holds of an execution: the `seq` of its last event (-1 for none) and who appends to it, if known. */
export interface ExecutionHead {
  readonly lastSeq: number
  readonly writer: string | undefined
  /** Whether its last event is a `workflow:pause` or a `workflow:stall`: then nobody owns it. */
  readonly isParked: boolean
  /** The execution that started it, if one did. */
  readonly parent?: string | undefined
}
