import { appendCases } from './append-cases.ts'
import { claimCases } from './claim-cases.ts'
import { claimRefusalCases } from './claim-refusal-cases.ts'
import { connectedRunsCases } from './connected-runs-cases.ts'
import { connectionCases } from './connection-cases.ts'
import { deleteCases } from './delete-cases.ts'
import { dueCases } from './due-cases.ts'
import { expectTrue } from './expectation.ts'
import { familyCases } from './family-cases.ts'
import { forkCases } from './fork-cases.ts'
import { forkConnectionCases } from './fork-connection-cases.ts'
import { forkFollowingCases } from './fork-following-cases.ts'
import { forkGameCases } from './fork-game-cases.ts'
import { forkListCases } from './fork-list-cases.ts'
import { forkOwnershipCases } from './fork-ownership-cases.ts'
import { forkReadingCases } from './fork-reading-cases.ts'
import { forkRemovalCases } from './fork-removal-cases.ts'
import { forkRetentionCases } from './fork-retention-cases.ts'
import { idCases } from './id-cases.ts'
import { lateOwnerCases } from './late-owner-cases.ts'
import { lifecycleCases } from './lifecycle-cases.ts'
import { listCases } from './list-cases.ts'
import { listPageCases } from './list-page-cases.ts'
import { ownershipCases } from './ownership-cases.ts'
import { parkingCases } from './parking-cases.ts'
import { pruneCases } from './prune-cases.ts'
import { readCases } from './read-cases.ts'
import { singleEventCases } from './single-event-cases.ts'
import { storeCase, type StoreCapability, type StoreCase } from './store-case.ts'
import { subscribeCases } from './subscribe-cases.ts'
import { subscribeEndCases } from './subscribe-end-cases.ts'
import { subscribeFilterCases } from './subscribe-filter-cases.ts'
import { summaryCases } from './summary-cases.ts'
import { valueCases } from './value-cases.ts'

const allCapabilities: readonly StoreCapability[] = [
  'append',
  'read',
  'list',
  'subscribe',
  'getStats',
  'delete',
  'prune',
  'clear',
  'close',
  'saveBlueprint',
  'loadBlueprint',
  'claim',
  'fork',
  'renew',
  'due',
  'openAgain',
]

/**
 * Every promise of an event store, as cases for any test runner:
 * `for (const { promise, check } of eventStoreContract) it(promise, () => check(openStore))`.
 */
export const eventStoreContract: readonly StoreCase[] = [
  ...singleEventCases,
  ...appendCases,
  ...parkingCases,
  ...familyCases,
  ...readCases,
  ...listCases,
  ...summaryCases,
  ...listPageCases,
  ...subscribeCases,
  ...subscribeEndCases,
  ...subscribeFilterCases,
  ...deleteCases,
  ...pruneCases,
  ...claimCases,
  ...claimRefusalCases,
  ...lateOwnerCases,
  ...ownershipCases,
  ...dueCases,
  ...forkCases,
  ...forkReadingCases,
  ...forkFollowingCases,
  ...forkListCases,
  ...forkOwnershipCases,
  ...forkRemovalCases,
  ...forkRetentionCases,
  ...forkGameCases,
  ...valueCases,
  ...idCases,
  ...lifecycleCases,
  ...connectionCases,
  ...connectedRunsCases,
  ...forkConnectionCases,
]

/** The promises that remain for a store that lacks these capabilities, and one more: that it lacks no others, and these. */
export function eventStoreContractWithout(lacks: readonly StoreCapability[]): readonly StoreCase[] {
  const remaining = eventStoreContract.filter(({ needs }) => !needs.some((capability) => lacks.includes(capability)))
  return [offersAllBut(lacks), ...remaining]
}

function offersAllBut(lacks: readonly StoreCapability[]): StoreCase {
  const promise = lacks.length === 0 ? 'offers everything' : `offers everything but ${lacks.join(', ')}`
  return storeCase(promise, [], async ({ open, offers }) => {
    const store = await open()
    for (const capability of allCapabilities) {
      const isLacking = lacks.includes(capability)
      expectTrue(
        offers(store, capability) !== isLacking,
        `it ${isLacking ? 'lacks' : 'offers'} '${capability}', as the list of what it lacks says`,
      )
    }
  })
}
