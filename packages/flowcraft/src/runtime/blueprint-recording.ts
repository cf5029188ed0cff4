import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { BlueprintError, EventStoreError, isFlowcraftError } from '../errors.ts'
import { snapshot } from '../events/snapshot.ts'
import { encodeValue } from '../events/value-codec.ts'
import type { IEventBus } from '../history/event-bus.ts'
import { isClaiming } from './family-claim.ts'
import type { Run } from './run.ts'

/** How a run's blueprint gets into its history, and its process into the store, before the run begins. */
export interface BlueprintRecording {
  readonly hash: string
  /** Present when no store keeps it by its hash. */
  readonly embedded: WorkflowBlueprint | undefined
  save(): Promise<void> | undefined
}

const recorded = new WeakMap<WorkflowBlueprint, { readonly hash: string; readonly copy: WorkflowBlueprint }>()

/** Says that a blueprint is a recorded one, which never changes: its hash need not be made again. */
export function knowRecorded(blueprint: WorkflowBlueprint, hash: string): void {
  if (!recorded.has(blueprint)) recorded.set(blueprint, { hash, copy: blueprint })
}

/** @throws BLUEPRINT_INVALID, SERIALIZATION_FAILED for a blueprint that is not plain data. */
export function recordingOf(eventBus: IEventBus, blueprint: WorkflowBlueprint): BlueprintRecording {
  let known = recorded.get(blueprint)
  if (known === undefined) {
    // A snapshot of a blueprint has the shape of a blueprint.
    const copy = snapshot(blueprint, {
      where: `blueprint '${blueprint.id}'`,
      blueprintId: blueprint.id,
    }) as WorkflowBlueprint
    requirePlain(copy)
    known = { hash: fingerprint(blueprint), copy }
    recorded.set(blueprint, known)
  }
  const { hash, copy } = known
  const lease = (): Promise<void> | undefined => (isClaiming(eventBus) ? eventBus.ownership.held() : undefined)
  if (!keepsBlueprints(eventBus)) return { hash, embedded: copy, save: lease }
  const save = async (): Promise<void> => {
    await Promise.all([lease(), eventBus.keepBlueprint(hash, copy)])
  }
  return { hash, embedded: undefined, save }
}

/** A bus on a store that keeps blueprints by their hash. */
interface KeepingBus extends IEventBus {
  keepBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>
}

function keepsBlueprints(bus: IEventBus): bus is KeepingBus {
  return 'keepsBlueprints' in bus && bus.keepsBlueprints === true
}

type Note = readonly [path: readonly (string | number)[], type: string, extra?: readonly (string | number)[]]

/** What JSON cannot say would come back as something else. */
function requirePlain(blueprint: WorkflowBlueprint): void {
  const { notes } = encodeValue(blueprint)
  if (notes === undefined) return
  const rich = (JSON.parse(notes) as Note[]).filter((note) => !isPlain(note))
  if (rich.length === 0) return
  throw new BlueprintError(
    blueprint.id,
    rich.map(
      ([path, type]) => `${path.join('.')} is a ${type}, which is not plain JSON; make it from params in the node`,
    ),
  )
}

/** What is `undefined` may as well be absent, a part that stands twice may be copied, and texts are texts. */
function isPlain([path, type, extra = []]: Note): boolean {
  const isCycle = type === 'ref' && extra.every((step, index) => step === path[index])
  return !isCycle && ['undefined', 'ref', 'string', 'keys'].includes(type)
}

/** A blueprint is in its store before any event refers to it. */
export function begin(run: Run, recording: BlueprintRecording | undefined): Promise<void> {
  if (recording === undefined) run.begin()
  else void saveThenBegin(run, recording)
  run.begun.catch(() => {})
  return run.begun
}

async function saveThenBegin(run: Run, recording: BlueprintRecording): Promise<void> {
  try {
    await recording.save()
  } catch (cause) {
    const { executionId } = run
    run.fail(
      isFlowcraftError(cause)
        ? cause
        : new EventStoreError(`The blueprint of execution '${executionId}' could not be stored; see the cause`, {
            cause,
            executionId,
          }),
    )
    return
  }
  run.begin()
}
