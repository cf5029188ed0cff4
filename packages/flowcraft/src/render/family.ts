import type { FlowcraftEvent } from '../events/event.ts'

/** A run, or a node of one. The nodes of a subflow's run are below the node that runs it. */
export interface Lifeline {
  /** The id of the node; of a run that no other one started, its execution id. */
  readonly name: string
  /** What runs it. Absent for a run that no other one started. */
  readonly above: Lifeline | undefined
  /** What it runs, as far as somebody asked for it. */
  readonly nodes: Map<string, Lifeline>
}

/** An event, and the run in which it happened. */
export interface Happening {
  readonly event: FlowcraftEvent
  /**
   * Epoch milliseconds; never less than those of an earlier event of the same run. What a forked run shares with another
   * one is told as if it had ended right when it was forked: what was between them is of no run.
   */
  readonly time: number
  readonly run: Lifeline
}

/** The histories of one or more runs as one story. */
export interface Family {
  readonly happenings: readonly Happening[]
  /** The runs that no other one started, as far as the events know. */
  readonly roots: readonly Lifeline[]
}

/** The story of `events`, which may be of several runs in any order: of each by `seq`, of all by time. */
export function familyOf(events: Iterable<FlowcraftEvent>): Family {
  const logs = logsOf(events)
  const happenings: Happening[] = []
  const roots: Lifeline[] = []
  const told = new Set<string>()
  const tell = (executionId: string): void => {
    if (told.has(executionId)) return
    const root = lifeline(executionId, undefined)
    roots.push(root)
    tellFrom(executionId, root, logs, told, happenings)
  }
  const children = childrenOf(logs)
  for (const executionId of logs.keys()) if (!children.has(executionId)) tell(executionId)
  // Runs that claim to have started each other are left.
  for (const executionId of logs.keys()) tell(executionId)
  // What a node's run tells comes right after the start of the node: sorting by time keeps that where times are equal.
  return { happenings: happenings.sort((a, b) => a.time - b.time), roots }
}

/** The node called `name` of `run`. */
export function nodeIn(run: Lifeline, name: string): Lifeline {
  const known = run.nodes.get(name)
  if (known !== undefined) return known
  const node = lifeline(name, run)
  run.nodes.set(name, node)
  return node
}

/** The ids of the nodes that lead to `node` and its own, from the outside in; before them, if asked, that of the run. */
export function pathOf(node: Lifeline, includesRun = false): readonly string[] {
  const names: string[] = []
  let at = node
  for (; at.above !== undefined; at = at.above) names.push(at.name)
  return (includesRun ? [...names, at.name] : names).reverse()
}

function lifeline(name: string, above: Lifeline | undefined): Lifeline {
  return { name, above, nodes: new Map() }
}

function logsOf(events: Iterable<FlowcraftEvent>): ReadonlyMap<string, readonly FlowcraftEvent[]> {
  const logs = new Map<string, FlowcraftEvent[]>()
  for (const event of events) {
    const log = logs.get(event.executionId)
    if (log === undefined) logs.set(event.executionId, [event])
    else log.push(event)
  }
  for (const [executionId, log] of logs) logs.set(executionId, bySeq(log))
  return logs
}

/** Histories of other systems may know no seq; they keep their order. */
function bySeq(log: FlowcraftEvent[]): FlowcraftEvent[] {
  if (log.every(({ seq }, index) => index === 0 || seq > log[index - 1]!.seq)) return log
  if (!log.every(({ seq }) => Number.isFinite(seq))) return log
  return log.sort((a, b) => a.seq - b.seq).filter(({ seq }, index) => index === 0 || seq !== log[index - 1]!.seq)
}

function childrenOf(logs: ReadonlyMap<string, readonly FlowcraftEvent[]>): ReadonlySet<string> {
  const children = new Set<string>()
  for (const log of logs.values()) {
    for (const { type, payload } of log) {
      if (type === 'node:start' && payload.childExecutionId !== undefined) children.add(payload.childExecutionId)
    }
  }
  return children
}

function tellFrom(
  executionId: string,
  root: Lifeline,
  logs: ReadonlyMap<string, readonly FlowcraftEvent[]>,
  told: Set<string>,
  happenings: Happening[],
): void {
  const open: Telling[] = []
  const enter = (id: string, run: Lifeline, time: number, delayMs: number): void => {
    const log = logs.get(id)
    if (log === undefined || told.has(id)) return
    told.add(id)
    open.push({ log, run, forks: forksOf(log), index: 0, time, delayMs })
  }
  enter(executionId, root, -Infinity, 0)
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const index = top.index++
    const event = top.log[index]
    if (event === undefined) {
      open.pop()
      continue
    }
    if (top.forks.at(-1)?.index === index) top.forks.pop()
    const delayMs = top.delayMs + (top.forks.at(-1)?.delayMs ?? 0)
    top.time = Math.max(top.time, safeTime(safeTime(event.timestamp) + delayMs))
    happenings.push({ event, time: top.time, run: top.run })
    if (event.type !== 'node:start' || event.payload.childExecutionId === undefined) continue
    enter(event.payload.childExecutionId, nodeIn(top.run, event.payload.nodeId), top.time, delayMs)
  }
}

/** How far a history has been told. */
interface Telling {
  readonly log: readonly FlowcraftEvent[]
  readonly run: Lifeline
  /** Those to come, the next one last. */
  readonly forks: Fork[]
  /** How much later all of it is told than it was. */
  readonly delayMs: number
  index: number
  time: number
}

interface Fork {
  /** The place of its event. */
  readonly index: number
  /** How much later what is before it is told than it was. */
  readonly delayMs: number
}

/** The forks in a history, from its end; in that of a fork of a fork, what comes first is delayed by both. */
function forksOf(log: readonly FlowcraftEvent[]): Fork[] {
  const forks: Fork[] = []
  let delayMs = 0
  for (let index = log.length - 1; index > 0; index -= 1) {
    const event = log[index]
    if (event?.type !== 'workflow:fork') continue
    delayMs += Math.max(0, safeTime(event.timestamp) - safeTime(log[index - 1]?.timestamp ?? 0))
    forks.push({ index, delayMs })
  }
  return forks
}

const lastTime = Date.UTC(9999, 11, 31)

/** A time that every calendar can show. */
function safeTime(timestamp: number): number {
  return Number.isNaN(timestamp) ? 0 : Math.round(Math.min(Math.max(timestamp, 0), lastTime))
}
