/** Statements that carry many units at once, without one that is bad taking the others along. */
import { isOutage } from './ledger/sql.ts'

/**
 * Runs over all inputs in one; where that fails, over each alone, so that only what is bad fails. An outage fails them all
 * at once: whoever cannot be reached is not asked once more for each. `run` gives an output for each input, or rejects
 * having changed nothing.
 */
export async function runTogether<Input, Output>(
  inputs: readonly Input[],
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
): Promise<PromiseSettledResult<Output>[]> {
  try {
    const outputs = await run(inputs)
    return inputs.map((_, index) => ({ status: 'fulfilled', value: outputs[index] as Output }))
  } catch (error) {
    if (inputs.length === 1 || isOutage(error)) return inputs.map(() => ({ status: 'rejected', reason: error }))
  }
  const results: PromiseSettledResult<Output>[] = []
  let outage: PromiseRejectedResult | null = null
  for (const input of inputs) {
    const result: PromiseSettledResult<Output> = outage ?? (await runAlone(input, run))
    if (result.status === 'rejected' && isOutage(result.reason)) outage = result
    results.push(result)
  }
  return results
}

async function runAlone<Input, Output>(
  input: Input,
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
): Promise<PromiseSettledResult<Output>> {
  try {
    const [output] = await run([input])
    return { status: 'fulfilled', value: output as Output }
  } catch (error) {
    return { status: 'rejected', reason: error }
  }
}

/**
 * One statement in flight, or `width` of them, and everything that is asked meanwhile goes into the next: many small writes become few
 * larger ones exactly when the ledger is busy, and none waits when it is not. Each gets its own outcome, as `runTogether`
 * says.
 */
export function coalesce<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  most: number,
  width = 1,
): (input: Input) => Promise<Output> {
  interface Waiting {
    readonly input: Input
    readonly resolve: (output: Output) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let busy = 0
  const pump = async () => {
    if (busy === width) return
    busy += 1
    while (waiting.length > 0) {
      // PGlite blocks while it runs: without a turn of the event loop nobody else could ask meanwhile
      await new Promise(resolve => setImmediate(resolve))
      const batch = waiting.slice(0, most)
      if (batch.length === 0) break
      waiting = waiting.slice(most)
      const results = await runTogether(
        batch.map(({ input }) => input),
        run,
      )
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index]
        if (result?.status === 'fulfilled') resolve(result.value)
        else reject(result?.reason)
      })
    }
    busy -= 1
  }
  return input =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      void pump()
    })
}
