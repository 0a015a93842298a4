/** The drainer of a process. Its code is loaded when there is first something for it to do: most functions only read. */
import type { Booking, Drainer, DrainOptions } from './drain.ts'

export interface LateDrainer extends Pick<Drainer, 'run' | 'look' | 'idle'> {
  /** As the drainer's own; null where it cannot be loaded: what is admitted then is left to others. */
  book(...order: Parameters<Drainer['book']>): Promise<Booking | null>
}

/**
 * Where its code cannot be loaded, that is logged and nothing is worked on here: what is admitted waits for the next one that
 * drains, anywhere. Only `run(null)` rejects, since who works on everything has nobody to leave it to. A failure is not kept.
 */
export function openDrainer(options: DrainOptions): LateDrainer {
  let loaded: Promise<Drainer> | null = null
  const load = () => {
    loaded ??= import('./drain.ts')
      .then(({ createDrainer }) => createDrainer(options))
      .catch((error: unknown) => {
        loaded = null
        options.log.error('the drainer cannot be loaded', { error })
        throw error
      })
    return loaded
  }
  const loadOrNull = () => load().catch(() => null)
  return {
    run: async (recallId, ...order) => {
      const drainer = await (recallId === null ? load() : loadOrNull())
      return drainer === null ? null : drainer.run(recallId, ...order)
    },
    // before it is loaded nobody waits to be woken
    look: recallId =>
      void loaded?.then(
        drainer => drainer.look(recallId),
        () => {},
      ),
    book: async (...order) => (await loadOrNull())?.book(...order) ?? null,
    idle: async () => {
      if (loaded !== null) await (await loadOrNull())?.idle()
    },
  }
}
