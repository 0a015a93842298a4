/** The same functions on AWS, made from the function table, so that the two clouds cannot drift apart. */
import type { AWS } from '@serverless/typescript'
import { type FunctionEntry, functions } from './shared/functions.ts'

const entries: [string, FunctionEntry][] = Object.entries(functions)

/** SCF's seven-field cron as EventBridge says it; only whole minutes are in use. */
function rateOf(cron: string): string {
  const minutes = Number(/^0 \*\/(\d+) \* \* \* \* \*$/.exec(cron)?.[1])
  if (!Number.isInteger(minutes)) throw new Error(`serverless.aws.ts cannot say ${cron} yet`)
  return minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`
}

const configuration: AWS = {
  service: 'unpush',
  configValidationMode: 'error',
  package: { individually: true },
  provider: { name: 'aws', runtime: 'nodejs24.x', region: 'ap-southeast-1', stage: 'prod' },
  functions: Object.fromEntries(
    entries.map(([name, { routes, timer, timeoutSeconds, memoryMb }]) => [
      name,
      {
        handler: 'index.main_handler',
        // an HTTP API gives up after 30 s: the function must have answered by then
        timeout: routes.length > 0 ? Math.min(timeoutSeconds, 29) : timeoutSeconds,
        memorySize: memoryMb,
        package: { artifact: `.aws/${name}.zip` },
        events: [
          ...routes.map(({ method, path }) => ({ httpApi: { method, path } })),
          ...(timer === null ? [] : [{ schedule: { rate: [rateOf(timer)] } }]),
        ],
      },
    ]),
  ),
}

export default configuration
