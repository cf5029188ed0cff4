/** Where the engine writes what people may want to read while it runs. The record of a run is its events, not this. */
export interface ILogger {
  debug(message: string, meta?: Record<string, unknown>): void
  info(message: string, meta?: Record<string, unknown>): void
  warn(message: string, meta?: Record<string, unknown>): void
  error(message: string, meta?: Record<string, unknown>): void
}

/** Writes to the console, with the level in front: `[DEBUG] `, `[INFO] `, `[WARN] ` or `[ERROR] `. */
export class ConsoleLogger implements ILogger {
  debug(message: string, meta?: Record<string, unknown>): void {
    console.debug(`[DEBUG] ${message}`, ...present(meta))
  }

  info(message: string, meta?: Record<string, unknown>): void {
    console.info(`[INFO] ${message}`, ...present(meta))
  }

  warn(message: string, meta?: Record<string, unknown>): void {
    console.warn(`[WARN] ${message}`, ...present(meta))
  }

  error(message: string, meta?: Record<string, unknown>): void {
    console.error(`[ERROR] ${message}`, ...present(meta))
  }
}

/** Writes nothing. */
export class NullLogger implements ILogger {
  debug(_message: string, _meta?: Record<string, unknown>): void {}
  info(_message: string, _meta?: Record<string, unknown>): void {}
  warn(_message: string, _meta?: Record<string, unknown>): void {}
  error(_message: string, _meta?: Record<string, unknown>): void {}
}

function present(meta: Record<string, unknown> | undefined): Record<string, unknown>[] {
  return meta === undefined ? [] : [meta]
}

/** A logger for the engine: one that throws, or lacks a method, must not change what becomes of a run. */
export function quietly(logger: ILogger): ILogger {
  const guarded =
    (level: keyof ILogger) =>
    (message: string, meta?: Record<string, unknown>): void => {
      try {
        logger[level](message, meta)
      } catch {
        // There is nobody left to tell.
      }
    }
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') }
}
