import { EventStoreError } from 'flowcraft'

/** Quoted names of the tables, the indexes and the view of one history. */
export interface TableNames {
  readonly events: string
  readonly executions: string
  readonly tags: string
  readonly blueprints: string
  readonly owners: string
  readonly schema: string
  readonly lineage: string
  readonly view: string
  readonly byStart: string
  readonly byStatus: string
  readonly byBlueprint: string
  readonly withErrors: string
  readonly byParent: string
  readonly byWakeUp: string
  readonly bySource: string
}

/**
 * The names that belong to `tableName`, quoted, so that any character is just a part of the name.
 *
 * @throws `EventStoreError` for what SQLite cannot take as a name.
 */
export function tableNamesOf(tableName: string): TableNames {
  if (typeof tableName !== 'string' || tableName.trim() === '' || /\0|\p{Surrogate}|^sqlite_/iu.test(tableName)) {
    const message =
      `tableName ${JSON.stringify(tableName)} cannot name a table: it must be a string that is not blank, ` +
      `does not begin with 'sqlite_' and has no NUL character or lone surrogate`
    throw new EventStoreError(message)
  }
  const quoted = (suffix: string): string => `"${(tableName + suffix).replaceAll('"', '""')}"`
  return {
    events: quoted(''),
    executions: quoted('_executions'),
    tags: quoted('_tags'),
    blueprints: quoted('_blueprints'),
    owners: quoted('_owners'),
    schema: quoted('_schema'),
    lineage: quoted('_lineage'),
    view: quoted('_view'),
    byStart: quoted('_by_start'),
    byStatus: quoted('_by_status'),
    byBlueprint: quoted('_by_blueprint'),
    withErrors: quoted('_with_errors'),
    byParent: quoted('_by_parent'),
    byWakeUp: quoted('_by_wake_up'),
    bySource: quoted('_by_source'),
  }
}
