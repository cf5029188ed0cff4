import { createFlow } from 'flowcraft'
import * as nodes from './nodes.ts'
import type { AuditContext, AuditDependencies } from './nodes.ts'

const reading = { maxRetries: 3, retryDelay: 20, retryBackoff: 'exponential', timeout: 30_000 } as const

/** The audit as a graph: the edges say what feeds what, and under which condition. */
export const auditFlow = createFlow<AuditContext, AuditDependencies>('license-audit')
  .node('lockfile', nodes.lockfile)

  .node('read-1', nodes.readAll, { config: reading })
  .node('read-2', nodes.readAll, { config: reading })
  .node('read-3', nodes.readAll, { config: reading })
  .node('read-optional', nodes.readAll, { config: { fallback: 'read-installed' } })
  .node('read-installed', nodes.readInstalled)
  .edge('lockfile', 'read-1', { transform: 'input.parts[0]' })
  .edge('lockfile', 'read-2', { transform: 'input.parts[1]' })
  .edge('lockfile', 'read-3', { transform: 'input.parts[2]' })
  .edge('lockfile', 'read-optional', { transform: 'input.optional' })

  .node('classify-1', nodes.classify)
  .node('classify-2', nodes.classify)
  .node('classify-3', nodes.classify)
  .node('classify-optional', nodes.classify)
  .edge('read-1', 'classify-1')
  .edge('read-2', 'classify-2')
  .edge('read-3', 'classify-3')
  .edge('read-optional', 'classify-optional')

  .node('summary', nodes.summary)
  .edge('classify-1', 'summary')
  .edge('classify-2', 'summary')
  .edge('classify-3', 'summary')
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
