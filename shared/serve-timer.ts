/** The way in of timers: nothing of routes, callers and input is in a function that only has one. */
import type { FunctionName, functions } from './functions.ts'
import { timerHandler } from './platform/envelope.ts'
import type { Invocation, TimerFiring } from './platform/request.ts'
import { processLog, type Runtime, runtime } from './runtime.ts'
import type { MainHandler } from './serve.ts'

export interface TimerContext extends Runtime {
  readonly invocation: Invocation
  readonly firing: TimerFiring
}

/** A function that a timer fires, or another function without data. Its class is the table's, which the compiler sees to. */
export function serveTimer<N extends FunctionName>(
  name: N,
  functionClass: (typeof functions)[N]['class'],
  work: (context: TimerContext) => Promise<void>,
): MainHandler {
  // what fails is told where all else is
  let told = processLog
  const timer = async (firing: TimerFiring, invocation: Invocation): Promise<void> => {
    const shared = await runtime(functionClass)
    told = shared.log
    const log = shared.log.with({ request_id: invocation.requestId, function: name })
    await work({ ...shared, log, invocation, firing })
  }
  return timerHandler(timer, () => told)
}
