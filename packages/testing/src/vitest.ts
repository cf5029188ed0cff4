// Importing this module adds the matchers and the serializer to vitest.
import { expect } from 'vitest'
import type { FlowcraftMatchers } from './vitest-matcher-types.ts'
import { flowcraftMatchers } from './vitest-matchers.ts'
import { flowcraftSerializer } from './vitest-serializer.ts'

export type { EdgeEnds, FlowcraftMatchers, MatcherFunctions, Verdict } from './vitest-matcher-types.ts'
export type { GoldenFile } from './golden-files.ts'
export { flowcraftMatchers } from './vitest-matchers.ts'
export { flowcraftSerializer, type LogSerializer } from './vitest-serializer.ts'

declare module 'vitest' {
  // What is asserted is of no type parameter's type.
  interface Matchers<T> extends FlowcraftMatchers {}
}

expect.extend(flowcraftMatchers)
expect.addSnapshotSerializer(flowcraftSerializer)
