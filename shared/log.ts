/**
 * The log: one JSON line an event, with OpenTelemetry-like names (`request_id`, `recall_id`, `duration_ms`, …).
 *
 * Never a body, a push token, a header or a notification's text; registered secrets are redacted wherever they stand.
 */
import { redacted, redactedName } from './redaction.ts'

export { redact } from './redaction.ts'

export type LogLevel = 'info' | 'warn' | 'error'
export interface LogFields {
  readonly [name: string]: unknown
}

export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** An Error in `fields.error` is written as its type, message, code, stack and causes. */
  error(message: string, fields?: LogFields): void
  /** The same log with `fields` on every line. */
  with(fields: LogFields): Log
}

export interface LogOptions {
  /** Default: standard output. */
  readonly stream?: Writable
  /** The least level that is written; default `info`. */
  readonly level?: LogLevel | 'silent'
  readonly version?: string
  /** Epoch milliseconds. */
  readonly now?: () => number
}

const ranks = { info: 0, warn: 1, error: 2, silent: 3 }
const maxDepth = 6

interface Writable {
  write(text: string): unknown
}

/** Lines of one moment go out together: a write costs more than a line does, and answers of vendors come by the dozen. */
export function gathered(stream: Writable): Writable {
  let pending = ''
  const flush = () => {
    const text = pending
    pending = ''
    stream.write(text)
  }
  return {
    write: text => {
      if (pending === '') process.nextTick(flush)
      pending += text
    },
  }
}

const standardOutput = gathered({ write: text => process.stdout.write(text) })

export function createLog(options: LogOptions = {}): Log {
  const threshold = ranks[options.level ?? 'info']
  const now = options.now ?? Date.now
  const stream = options.stream ?? standardOutput

  const logWith = (context: LogFields): Log => {
    const write = (level: LogLevel, message: string, fields: LogFields = {}) => {
      if (ranks[level] < threshold) return
      // What every line has comes first, for those who read lines as they pass by, and last word over the fields.
      const own = {
        ts: new Date(now()).toISOString(),
        level,
        msg: redacted(message),
        service: 'unpush',
        ...(options.version !== undefined && { version: options.version }),
      }
      const given = presentable({ ...context, ...fields }, 0) as LogFields
      stream.write(`${JSON.stringify({ ...own, ...given, ...own })}\n`)
    }
    return {
      info: (message, fields) => write('info', message, fields),
      warn: (message, fields) => write('warn', message, fields),
      error: (message, fields) => write('error', message, fields),
      with: fields => logWith({ ...context, ...fields }),
    }
  }
  return logWith({})
}

/** A copy that JSON.stringify cannot fail on, with every string and name redacted. */
function presentable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redacted(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'symbol' || typeof value === 'function') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  // Circular structures end here too.
  if (depth >= maxDepth) return '[…]'
  if (value instanceof Error) return presentable(describeError(value), depth)
  if (Array.isArray(value)) return value.map(item => presentable(item, depth + 1))
  const entries = Object.entries(value).map(([name, item]) => [redactedName(name), presentable(item, depth + 1)])
  return Object.fromEntries(entries)
}

function describeError(error: Error): LogFields {
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : null
  return {
    type: error.name,
    message: error.message,
    ...(code !== null && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause instanceof Error && { cause: error.cause }),
  }
}
