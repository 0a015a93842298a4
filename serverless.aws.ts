/** The same functions on AWS, made from the function table, so that the two clouds cannot drift apart. */
import type { AWS } from '@serverless/typescript'
import { type FunctionEntry, functions } from './shared/functions.ts'

type Event = NonNullable<NonNullable<AWS['functions']>[string]['events']>[number]

const entries: [string, FunctionEntry][] = Object.entries(functions)
/** An HTTP API gives up after 30 s: a function behind it must have answered by then. */
const mostSecondsBehindHttp = 29

/**
 * A path goes to its function with every method: it is the function that answers preflights, and a method that the path
 * does not take. What is nobody's path goes to whoever owns `/`.
 */
function httpEvents({ prefixes, routes }: FunctionEntry): Event[] {
  const paths = [...new Set(routes.map(({ path }) => path))]
  return [
    ...paths.map(path => ({ httpApi: { method: '*', path } })),
    ...(prefixes.includes('/') ? [{ httpApi: '*' }] : []),
  ]
}

/** SCF's seven-field cron as EventBridge says it; only whole minutes are in use. */
function timerEvents({ timer }: FunctionEntry): Event[] {
  if (timer === null) return []
  const minutes = Number(/^0 \*\/(\d+) \* \* \* \* \*$/.exec(timer)?.[1])
  if (!Number.isInteger(minutes)) throw new Error(`EventBridge's words for the timer ${timer} are not known here`)
  return [{ schedule: { rate: [minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`] } }]
}

const configuration: AWS = {
  service: 'unpush',
  configValidationMode: 'error',
  plugins: ['./deploy/artifacts.cjs'],
  provider: { name: 'aws', runtime: 'nodejs24.x', region: 'ap-southeast-1', stage: 'prod' },
  functions: Object.fromEntries(
    entries.map(([name, entry]) => [
      name,
      {
        handler: 'index.main_handler',
        timeout: entry.routes.length > 0 ? Math.min(entry.timeoutSeconds, mostSecondsBehindHttp) : entry.timeoutSeconds,
        memorySize: entry.memoryMb,
        events: [...httpEvents(entry), ...timerEvents(entry)],
      },
    ]),
  ),
}

export default configuration
