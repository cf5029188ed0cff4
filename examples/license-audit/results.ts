import type { Category } from './licenses.ts'
import type { LicensedPackage, LockedPackage } from './packages.ts'

/** A part of the packages, and those of them that are not installed here. */
export interface Shard {
  readonly packages: readonly LicensedPackage[]
  readonly absent: readonly LockedPackage[]
}

/** How many packages a part has of each category, and those that are not permissive. */
export interface Classified {
  readonly counts: ReadonlyMap<Category, number>
  readonly findings: readonly Finding[]
  readonly absent: readonly LockedPackage[]
}

/** A package that is not permissive. */
export interface Finding extends LicensedPackage {
  readonly category: Category
}

/** What all parts together have. */
export interface Summary extends Classified {
  readonly total: number
  readonly auditedAt: Date
}
