/**
 * One statement in flight, and everything that is asked meanwhile goes into the next: many small writes become few
 * larger ones exactly when the ledger is busy, and none waits when it is not.
 */
export function coalesce<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  most: number,
): (input: Input) => Promise<Output> {
  interface Waiting {
    readonly input: Input
    readonly resolve: (output: Output) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let busy = false
  const pump = async () => {
    if (busy) return
    busy = true
    while (waiting.length > 0) {
      // PGlite blocks while it runs: without a turn of the event loop nobody else could ask meanwhile
      await new Promise(resolve => setImmediate(resolve))
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      try {
        const outputs = await run(batch.map(({ input }) => input))
        batch.forEach(({ resolve }, index) => resolve(outputs[index] as Output))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    busy = false
  }
  return input =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      void pump()
    })
}
