import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { amount, chance, seed, triesAll } from './amount.ts'
import { bringToEnd, cutOff, killed, referencesIn, workUntilDeath, type CutOffRun } from './cut-off-runs.ts'
import type { Reference } from './judge.ts'
import type { Stores } from './stores.ts'
import { inLanes } from './worker-process.ts'
import type { ScenarioName } from './worker/scenarios.ts'
import type { Death, Means } from './worker/task.ts'

const means: readonly Means[] = ['run', 'recover', 'recoverAll', 'scheduler']

/** Kills processes at the commits of their runs. `every` says how many commits further the next one is killed. */
export function describeKillsAtCommits(title: string, open: () => Stores, every: number, rounds: number): void {
  describe(title, () => {
    let stores: Stores
    let references: Map<ScenarioName, Reference>

    beforeAll(async () => {
      stores = open()
      references = await referencesIn(stores)
    })
    afterAll(() => stores.remove())

    it.each(killed)('at its commits (%s) ends elsewhere as if nothing had happened', async (scenario) => {
      const runs: CutOffRun[] = []
      let died = 0
      await inLanes(2, deathsOf(references.get(scenario)!.ended.commits, every), async (death) => {
        const run = cutOff(stores, scenario, `${scenario} at ${death.commit} ${death.where}`)
        if (await workUntilDeath(run, death, 'run')) died += 1
        runs.push(run)
      })
      // With other company in a commit, there may be one less.
      expect(died).toBeGreaterThanOrEqual(runs.length - 2)
      await bringToEnd(runs, references, means)
    })

    it(`again and again, a few commits further each time, ends as if nothing had happened (seed ${seed})`, async () => {
      const random = chance(title)
      const names = Array.from({ length: amount(rounds, 10 * rounds) }, () => killed).flat()
      const plans = names.map((scenario, index) => ({
        run: cutOff(stores, scenario, `${scenario} again and again ${index}`),
        deaths: means.map((by) => ({ by, death: randomDeath(random) })),
      }))
      await inLanes(2, plans, async ({ run, deaths }) => {
        for (const { by, death } of deaths) if (!(await workUntilDeath(run, death, by))) break
      })
      await bringToEnd(
        plans.map(({ run }) => run),
        references,
        means,
      )
    })
  })
}

function deathsOf(commits: number, every: number): Death[] {
  const deaths: Death[] = []
  for (let commit = 1; commit <= commits; commit += triesAll ? 1 : every) {
    const isFirst = (commit - 1) % (2 * every) === 0
    if (triesAll || isFirst) deaths.push({ commit, where: 'unanswered' })
    if (triesAll || !isFirst) deaths.push({ commit, where: 'told' })
  }
  return deaths
}

function randomDeath(random: () => number): Death {
  return { commit: 1 + Math.floor(random() * 6), where: random() < 0.5 ? 'unanswered' : 'told' }
}
