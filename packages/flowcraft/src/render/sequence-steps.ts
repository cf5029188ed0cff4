import type { EventPayloads } from '../events/event.ts'
import { Crews, type Crew } from './crews.ts'
import { durationText } from './duration-text.ts'
import { nodeIn, type Family, type Happening, type Lifeline } from './family.ts'
import type { Weight } from './importance.ts'
import { labelText } from './mermaid-text.ts'
import { reasonOf } from './node-look.ts'
import { outside, type Step } from './sequence-step.ts'
import {
  answerText,
  cancelText,
  crewText,
  failureText,
  forkText,
  finishText,
  parkedText,
  resumeText,
  runEndText,
  runStartText,
  startText,
  waitText,
} from './sequence-text.ts'

/** The steps of a story. With `mergesWorkers`, all workers of a batch are one, and of each is told only how it failed. */
export function stepsOf({ happenings }: Family, mergesWorkers: boolean): readonly Step[] {
  const story = new Story(mergesWorkers)
  for (const happening of happenings) story.take(happening)
  return story.end()
}

interface OfNode {
  readonly nodeId: string
  readonly iteration: number
}

class Story {
  readonly #steps: Step[] = []
  readonly #mergesWorkers: boolean
  readonly #crews = new Crews()
  /** The numbers of the attempts that have not ended, by run and node. */
  readonly #open = new Map<Lifeline, Map<Lifeline, number>>()
  /** What each scatter has dealt to. */
  readonly #dealt = new Map<Lifeline, Crew>()
  #attempts = 0

  constructor(mergesWorkers: boolean) {
    this.#mergesWorkers = mergesWorkers
  }

  take({ event, run }: Happening): void {
    switch (event.type) {
      case 'workflow:start':
        return this.#note(run, runStartText(event), 1)
      case 'workflow:fork':
        return this.#fork(run, event.payload)
      case 'workflow:finish':
        this.#closeAll(run, '⊘ cancelled')
        return this.#note(run, runEndText(event.payload), 1)
      case 'workflow:pause':
      case 'workflow:stall':
        return this.#note(run, parkedText(event.payload), 1)
      case 'workflow:cancel':
        return this.#add({ kind: 'signal', from: outside, to: run, text: cancelText(event.payload.reason), weight: 1 })
      case 'workflow:resume':
        return this.#resume(run, event.payload)
      case 'node:start':
        return this.#start(run, event.payload)
      case 'node:finish': {
        const crew = this.#crewOf(run, event.payload)
        if (crew) return void (crew.completed += 1)
        const dealt = this.#dealt.get(nodeIn(run, event.payload.nodeId))
        if (dealt) this.#tell(dealt)
        return this.#reply(run, event.payload, 'finish', finishText(event.payload), 0)
      }
      case 'node:wait':
        if (this.#crewOf(run, event.payload)) return
        return this.#reply(run, event.payload, 'signal', waitText(event.payload), 1)
      case 'node:retry':
        return this.#retry(run, event.payload)
      case 'node:error':
        return this.#fail(run, event.payload)
      case 'node:fallback':
        return this.#noteOn(run, event.payload, `↪ fallback ${labelText(event.payload.fallback)}`, 1)
      case 'node:skipped':
        return this.#noteOn(run, event.payload, `↷ skipped, ${labelText(event.payload.reason.replaceAll('-', ' '))}`, 0)
      case 'batch:start':
        return this.#deal(run, event.payload)
      case 'batch:finish': {
        const crew = this.#crews.of(run, event.payload.batchId)
        return crew && this.#tell(crew)
      }
      case 'edge:evaluate':
      case 'context:change':
        return
      default:
        event satisfies never
    }
  }

  /** All steps; the last ones say what has not ended. */
  end(): readonly Step[] {
    for (const crew of this.#crews.untold()) this.#tell(crew)
    for (const run of this.#open.keys()) this.#closeAll(run, undefined)
    return this.#steps
  }

  #add(step: Step): void {
    const { from, to } = step
    const ends = to === undefined ? { from: this.#shown(from) } : { from: this.#shown(from), to: this.#shown(to) }
    this.#steps.push({ ...step, ...ends })
  }

  #shown(line: Lifeline): Lifeline {
    return this.#mergesWorkers ? this.#crews.shown(line) : line
  }

  #note(line: Lifeline, text: string, weight: Weight): void {
    this.#add({ kind: 'note', from: line, text, weight })
  }

  #noteOn(run: Lifeline, { nodeId, iteration }: OfNode, text: string, weight: Weight): void {
    if (this.#crewOf(run, { nodeId })) return
    this.#add({ kind: 'note', from: nodeIn(run, nodeId), text, weight, iteration })
  }

  /** The crew whose steps are told instead of those of the node. */
  #crewOf(run: Lifeline, { nodeId }: { readonly nodeId: string }): Crew | undefined {
    return this.#mergesWorkers ? this.#crews.workedBy(nodeIn(run, nodeId)) : undefined
  }

  #openIn(run: Lifeline): Map<Lifeline, number> {
    const open = this.#open.get(run) ?? new Map<Lifeline, number>()
    this.#open.set(run, open)
    return open
  }

  #start(run: Lifeline, payload: EventPayloads['node:start']): void {
    if (this.#crewOf(run, payload)) return
    const node = nodeIn(run, payload.nodeId)
    const open = this.#openIn(run)
    const { iteration } = payload
    if (open.has(node)) this.#reply(run, payload, 'failure', '✂ cut off', 2)
    const opens = (this.#attempts += 1)
    open.set(node, opens)
    const weight = payload.attempt > 1 || payload.fallbackFor !== undefined ? 1 : 0
    this.#add({ kind: 'start', from: run, to: node, text: startText(payload), weight, opens, iteration })
  }

  #reply(run: Lifeline, of: OfNode, kind: 'finish' | 'failure' | 'signal', text: string, weight: Weight): void {
    const node = nodeIn(run, of.nodeId)
    const open = this.#openIn(run)
    const closes = open.get(node)
    open.delete(node)
    this.#add({ kind, from: node, to: run, text, weight, closes, iteration: of.iteration })
  }

  #retry(run: Lifeline, payload: EventPayloads['node:retry']): void {
    const crew = this.#crewOf(run, payload)
    if (crew) return void (crew.retries += 1)
    this.#reply(run, payload, 'failure', failureText(reasonOf(payload.error)), 1)
    const delay = payload.delayMs > 0 ? ` in ${durationText(payload.delayMs)}` : ''
    this.#noteOn(run, payload, `↻ attempt ${payload.attempt + 1}${delay}`, 1)
  }

  #fail(run: Lifeline, payload: EventPayloads['node:error']): void {
    const crew = this.#crewOf(run, payload)
    if (crew) crew.failed += 1
    const text = failureText(reasonOf(payload.error))
    this.#reply(run, payload, 'failure', crew ? `${text}, ${labelText(payload.nodeId)}` : text, 2)
  }

  #resume(run: Lifeline, payload: EventPayloads['workflow:resume']): void {
    const { nodeId, reason } = payload
    if (reason === 'external' || reason === 'user') {
      this.#add({ kind: 'signal', from: outside, to: run, text: resumeText(payload), weight: 1 })
    } else this.#note(run, resumeText(payload), 1)
    if (nodeId === undefined || this.#crewOf(run, { nodeId })) return
    this.#add({ kind: 'start', from: run, to: nodeIn(run, nodeId), text: answerText(payload), weight: 1 })
  }

  #fork(run: Lifeline, payload: EventPayloads['workflow:fork']): void {
    this.#closeAll(run, '✂ cut off')
    for (const nodeId of payload.rerun ?? []) {
      const crew = this.#crews.workedBy(nodeIn(run, nodeId))
      if (crew === undefined) continue
      this.#tell(crew)
      this.#crews.dismiss(crew)
    }
    this.#note(run, forkText(payload), 1)
  }

  #deal(run: Lifeline, payload: EventPayloads['batch:start']): void {
    const { batchId, iteration, scatterNodeId, workerNodeIds } = payload
    const before = this.#crews.of(run, batchId)
    if (before !== undefined && before.iteration !== iteration) this.#tell(before)
    const crew = this.#crews.deal(run, payload)
    this.#dealt.set(nodeIn(run, scatterNodeId), crew)
    const text = `${workerNodeIds.length} ${workerNodeIds.length === 1 ? 'worker' : 'workers'}`
    if (!this.#mergesWorkers) return this.#note(nodeIn(run, scatterNodeId), `batch ${labelText(batchId)}, ${text}`, 0)
    this.#add({ kind: 'start', from: run, to: crew.line, text, weight: 1, iteration })
  }

  #tell(crew: Crew): void {
    if (crew.isTold || !this.#mergesWorkers) return
    crew.isTold = true
    const { line, run, iteration } = crew
    this.#add({ kind: 'finish', from: line, to: run, text: crewText(crew), weight: crew.failed > 0 ? 2 : 1, iteration })
  }

  /** Ends what is open in `run`: by the end of the run, which `text` tells, or of the story. */
  #closeAll(run: Lifeline, text: string | undefined): void {
    const open = this.#openIn(run)
    for (const [node, closes] of open) {
      if (text === undefined) this.#add({ kind: 'note', from: node, text: '▶ running', weight: 1, closes })
      else this.#add({ kind: 'failure', from: node, to: run, text, weight: 1, closes })
    }
    open.clear()
  }
}
