/** A process that only sends, and is frozen meanwhile. Started by `frozen.test.ts`: its orders come as messages. */
import { createSend } from '../../shared/http.ts'

export interface Burst {
  readonly url: string
  readonly count: number
  readonly timeoutMs: number
  /** As `Sending` has it: over HTTP/2. */
  readonly session?: string
}

const [, , idleMs, trustedMs] = process.argv.map(Number)
const send = createSend({ idleMs: idleMs ?? 0, sessionIdleMs: idleMs ?? 0, trustedMs: trustedMs ?? 0 })

process.on('message', (burst: Burst) => void take(burst))

/** Answers with a failure's name, or null, for each. */
async function take({ count, ...rest }: Burst): Promise<void> {
  const one = () => send({ method: 'POST', headers: {}, body: 'body', ...rest })
  const results = await Promise.all(Array.from({ length: count }, one))
  process.send?.(results.map(result => ('failure' in result ? result.failure : null)))
}

process.send?.([])
