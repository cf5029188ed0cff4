import type { Category } from './licenses.ts'
import type { LicensedPackage, LockedPackage } from './packages.ts'

/** Packages that were read, and those that are not installed here. */
export interface Reading {
  readonly packages: readonly LicensedPackage[]
  readonly absent: readonly LockedPackage[]
}

/** How many packages there are of each category, and those that are not permissive. */
export interface Classified {
  readonly counts: ReadonlyMap<Category, number>
  readonly findings: readonly Finding[]
}

/** A package that is not permissive. */
export interface Finding extends LicensedPackage {
  readonly category: Category
}

/** What the branches have found. */
export interface Branches {
  readonly required: Classified
  readonly optional: Classified
  readonly absent: readonly LockedPackage[]
}

/** What all of them have. */
export interface Summary extends Classified {
  readonly absent: readonly LockedPackage[]
  readonly total: number
  readonly auditedAt: Date
}
