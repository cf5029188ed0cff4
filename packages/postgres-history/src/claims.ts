import { admitClaim, partsOf } from 'flowcraft'
import type { Claim, ClaimedPart } from 'flowcraft'
import type { Sql } from 'postgres'
import type { EventWriter } from './event-writer.ts'
import { readHeads, type Head, type Heads } from './heads.ts'
import { readLivingOwners } from './leases.ts'
import type { TableNames } from './table-names.ts'

/**
 * Makes somebody the owner and the writer of a family, all or nothing.
 *
 * @throws `ExecutionConflictError`, `ConcurrencyError` as `admitClaim` says; `EventStoreError` for a claim whose parts do
 * not fit together.
 */
export async function claimFamily(sql: Sql, names: TableNames, writer: EventWriter, claim: Claim): Promise<void> {
  const parts = partsOf(claim)
  await writer.write(async () => {
    const heads = await readHeads(
      sql,
      names,
      parts.map(({ executionId }) => executionId),
    )
    const living = await readLivingOwners(sql, names, ownersOf(heads))
    const open = parts.filter((part) => isToClaim(claim, part, heads.get(part.executionId), living))
    if (open.length === 0) return undefined
    const drafts = await writer.draftsFor(heads, 0)
    for (const { executionId, event } of open) {
      const { owner } = event === undefined ? heads.get(executionId)! : claim
      const author = { writer: claim.writer, owner }
      const fault = drafts.add(executionId, author, event === undefined ? [] : [event])
      if (fault !== undefined) throw fault
    }
    return { drafts, outcome: undefined }
  })
}

function isToClaim(claim: Claim, part: ClaimedPart, head: Head | undefined, living: ReadonlySet<string>): boolean {
  const isOwnerAlive = head?.owner !== undefined && living.has(head.owner)
  const claimed = head && { ...head, status: head.change.status, owner: head.owner, isOwnerAlive }
  const verdict = admitClaim(claim, part, claimed)
  if (typeof verdict !== 'string') throw verdict
  return verdict === 'claim'
}

function ownersOf(heads: Heads): string[] {
  const owners = [...heads.values()].flatMap((head) => (head?.owner === undefined ? [] : [head.owner]))
  return [...new Set(owners)]
}
