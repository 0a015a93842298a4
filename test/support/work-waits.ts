/** Work that waits for its next try or look, moved while a request works on it: what a test is about is not how long that is. */
import type { Service } from './service.ts'

export interface Moved {
  /** What of the waiting work; SQL over `work`. */
  readonly where?: string
  /** Now, unless it is to wait for so long that nobody waits for it: SQL. */
  readonly to?: string
  /** Nothing whose wait is longer than this. */
  readonly withinSeconds?: number
}

/** Until what it gives is called. Whoever waits for the work here looks at once. */
export function moveWaits(
  { gateway: { runtime } }: Pick<Service, 'gateway'>,
  { where = 'true', to = 'clock_timestamp()', withinSeconds = 20 }: Moved = {},
): () => Promise<void> {
  const over = new AbortController()
  const moving = (async () => {
    while (!over.signal.aborted) {
      const moved = await runtime.ledger.query<{ recallId: string }>(
        `update work set run_at = ${to} where result is null and state = 'ready' and run_at > clock_timestamp() + interval '10 milliseconds'
           and run_at < clock_timestamp() + make_interval(secs => $1::text::float8) and ${where}
         returning recall_id as "recallId"`,
        [withinSeconds],
      )
      for (const { recallId } of moved) runtime.drainer.look(recallId)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  })()
  return () => {
    over.abort()
    return moving
  }
}

/** While `work` runs, what waits is tried at once. */
export async function withoutWaits<Result>(
  service: Pick<Service, 'gateway'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const stop = moveWaits(service)
  try {
    return await work()
  } finally {
    await stop()
  }
}
