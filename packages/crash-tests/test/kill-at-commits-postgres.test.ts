import { describeKillsAtCommits } from './kill-at-commits.ts'
import { postgresStores } from './stores.ts'

describeKillsAtCommits('a run on PostgreSQL whose process is killed', () => postgresStores(), 5, 1)
