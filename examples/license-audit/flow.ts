import { createFlow } from 'flowcraft'
import * as nodes from './nodes.ts'
import type { AuditContext, AuditDependencies } from './nodes.ts'

const reading = { maxRetries: 3, retryDelay: 20, retryBackoff: 'exponential', timeout: 30_000 } as const

/** The audit as a graph: the edges say what feeds what, and under which condition. */
export const auditFlow = createFlow<AuditContext, AuditDependencies>('license-audit')
  .node('lockfile', nodes.lockfile)

  .batch('read', nodes.readManifest, {
    inputKey: 'lockfile.required',
    chunkSize: 100,
    concurrency: 16,
    config: reading,
  })
  .node('read-optional', nodes.readAll, { config: { fallback: 'read-installed' } })
  .node('read-installed', nodes.readInstalled)
  .edge('lockfile', 'read')
  .edge('lockfile', 'read-optional', { transform: 'input.optional' })

  .node('classify', nodes.classify)
  .node('classify-optional', nodes.classify)
  .edge('read', 'classify')
  .edge('read-optional', 'classify-optional', { transform: 'input.packages' })

  .node('summary', nodes.summary, {
    inputs: { required: 'classify', optional: 'classify-optional', absent: 'read-optional.absent' },
  })
  .edge('classify', 'summary')
  .edge('classify-optional', 'summary')

  .node('review', nodes.review, { inputs: 'summary.findings' })
  .node('approve', nodes.decide, { params: { verdict: 'Everything is permissive.' } })
  .edge('summary', 'review', { condition: 'input.findings.length > 0' })
  .edge('summary', 'approve', { condition: 'input.findings.length == 0' })

  .node('tolerate', nodes.decide, { params: { verdict: 'Nothing is forbidden, something needs a look.' } })
  .node('block', nodes.decide, { params: { verdict: 'Do not ship: a forbidden licence was found.' } })
  .edge('review', 'tolerate', { action: 'tolerable' })
  .edge('review', 'block', { action: 'forbidden' })

  .node('report', nodes.report, { inputs: { verdict: 'verdict', summary: 'summary' } })
  .edge('approve', 'report')
  .edge('tolerate', 'report')
  .edge('block', 'report')
