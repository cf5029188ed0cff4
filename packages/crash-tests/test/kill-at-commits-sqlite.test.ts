import { describeKillsAtCommits } from './kill-at-commits.ts'
import { sqliteStores } from './stores.ts'

describeKillsAtCommits('a run on SQLite whose process is killed', sqliteStores, 1, 1)
