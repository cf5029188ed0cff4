import { FlowcraftError, isFlowcraftError, recordingFrom, type FlowcraftEvent, type Recording } from 'flowcraft'

/**
 * A run by its events: a recording, a list of events, or what keeps a list of them, such as an `InMemoryEventLogger` or a
 * `Stepper`. Events of subflows' runs may be among them.
 */
export type RecordedRun = Iterable<FlowcraftEvent> | EventKeeper

/** What keeps the events of a run; of the one that `executionId` names, where it names one. */
export interface EventKeeper {
  readonly events: Iterable<FlowcraftEvent>
  readonly executionId?: string | undefined
}

/** A run, and those of the runs of its subflows that are at hand. */
export interface Family {
  readonly root: Recording
  readonly children: readonly Recording[]
}

/**
 * The runs that the given events are of.
 * @throws INPUT_INVALID for what holds no events, or those of several runs; HISTORY_CORRUPT.
 */
export function familyIn(recorded: RecordedRun): Family {
  if (isRecording(recorded)) return { root: recorded, children: [] }
  const events = [...eventsIn(recorded)]
  const ids = [...new Set(events.map(({ executionId }) => executionId))]
  const rootId = executionIdOf(recorded) ?? rootAmong(events, ids)
  const recordings = ids.map((executionId) => recordingFrom(events, { executionId }))
  const root = recordings.find(({ executionId }) => executionId === rootId)
  if (root === undefined) throw invalid(`There are no events of execution '${rootId}' among those given`)
  return { root, children: recordings.filter((recording) => recording !== root) }
}

/**
 * The same, with the runs of subflows that a recording finds in its store: the last one of each iteration of a node.
 * @throws INPUT_INVALID for what holds no events, or those of several runs; HISTORY_CORRUPT; what the store throws.
 */
export async function wholeFamily(recorded: RecordedRun): Promise<Family> {
  const { root, children } = familyIn(recorded)
  if (children.length > 0) return { root, children }
  const found = new Map<string, Recording>()
  await findChildren(root, found)
  return { root, children: [...found.values()] }
}

/** Whether a value is a recording: one of this library has all its methods. */
export function isRecording(value: unknown): value is Recording {
  return isObject(value) && 'events' in value && typeof Reflect.get(value, 'writesTo') === 'function'
}

/** Whether a value is an event, as far as can be seen. */
export function isEvent(value: unknown): value is FlowcraftEvent {
  if (!isObject(value)) return false
  const { seq, executionId, type, payload } = value as Partial<Record<string, unknown>>
  return typeof seq === 'number' && typeof executionId === 'string' && typeof type === 'string' && isObject(payload)
}

async function findChildren(recording: Recording, found: Map<string, Recording>): Promise<void> {
  for (const { nodeId, iteration, executionId } of recording.children()) {
    if (found.has(executionId)) continue
    const child = await childOf(recording, nodeId, iteration)
    if (child === undefined || found.has(child.executionId)) continue
    found.set(child.executionId, child)
    await findChildren(child, found)
  }
}

/** `undefined` where the recording has no store, or the store has no such run. */
async function childOf(recording: Recording, nodeId: string, iteration: number): Promise<Recording | undefined> {
  try {
    return await recording.child(nodeId, { iteration })
  } catch (error) {
    if (isFlowcraftError(error, 'INPUT_INVALID') || isFlowcraftError(error, 'EXECUTION_UNKNOWN')) return undefined
    throw error
  }
}

function eventsIn(recorded: RecordedRun): Iterable<FlowcraftEvent> {
  const given: unknown = recorded
  const list: unknown = isObject(given) && 'events' in given ? given.events : given
  if (!isObject(list) || !(Symbol.iterator in list)) throw noRun(given)
  const events = [...(list as Iterable<unknown>)]
  if (events.length === 0 || !events.every(isEvent)) throw noRun(events)
  return events
}

function executionIdOf(recorded: RecordedRun): string | undefined {
  return 'executionId' in recorded ? recorded.executionId : undefined
}

/** The one run that none of the others has started. */
function rootAmong(events: readonly FlowcraftEvent[], ids: readonly string[]): string {
  const children = new Set<string>()
  for (const { executionId, type, payload } of events) {
    if (type === 'workflow:start' && payload.parent && ids.includes(payload.parent.executionId))
      children.add(executionId)
  }
  const [root, other] = ids.filter((id) => !children.has(id))
  if (root !== undefined && other === undefined) return root
  throw invalid(
    `The events are of several runs, '${root}' and '${other}' among them; give those of one run and of its subflows`,
  )
}

function noRun(found: unknown): FlowcraftError {
  const isResult = isObject(found) && 'serializedContext' in found
  const what = Array.isArray(found)
    ? found.length === 0
      ? 'an empty list'
      : 'a list with something else in it'
    : isResult
      ? 'the result of a run, which has none: open its recording with openRecording(store, result.executionId)'
      : found === null
        ? 'null'
        : typeof found
  return invalid(`A run is given by a recording or by its events; found ${what}`)
}

function invalid(message: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
