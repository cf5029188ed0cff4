import type { Scenario } from '../benchmark.ts'
import { chains } from './chain.ts'
import { fanOut } from './fan-out.ts'
import { manyRuns } from './many-runs.ts'
import { patterns } from './patterns.ts'
import { replays } from './replay.ts'
import { smallRuns } from './small-runs.ts'
import { steps } from './steps.ts'

/** Every scenario, in the order of the table. */
export const scenarios: readonly Scenario[] = [chains, fanOut, patterns, smallRuns, replays, steps, manyRuns]
