/**
 * Has `sweep` run now: one function invokes another, asynchronously and without data. The ledger holds all the work, so
 * that a kick that is lost costs the time until the next timer, and one too many costs nothing.
 */
import { type DeployedFunction, readAwsCredentials, readTencentCredentials } from '../config.ts'
import type { FunctionName } from '../functions.ts'
import type { Log } from '../log.ts'
import { callAws } from './aws.ts'
import { callTencent } from './tencent.ts'

/** The request that kicks is still to be answered. */
const timeoutMs = 2000
const sweep = 'sweep' satisfies FunctionName
/** Of the table only this: a function that just has a timer is deployed without the rest. */
const names = {
  messages: true,
  stop: true,
  revoke: true,
  overlay: true,
  recalls: true,
  status: true,
  capabilities: true,
  moderation: true,
  deliveries: true,
  audit: true,
  metrics: true,
  expire: true,
  sweep: true,
  discover: true,
  dashboard: true,
} as const satisfies {
  readonly [Name in FunctionName]: true
}

/** Null where there is nobody to kick. What it returns never rejects: a failure is logged, and the timer comes anyway. */
export function openKick(deployed: DeployedFunction | null, log: Log): (() => Promise<void>) | null {
  const name = deployed === null ? null : neighbourOf(deployed.name)
  if (deployed === null || name === null || deployed.region === null) return null
  const { platform, region, namespace, endpoint } = deployed
  const invoke = { scf: invokeScf, lambda: invokeLambda }[platform]
  return async () => {
    const failure = await invoke({ name, region, namespace, endpoint })
    if (failure !== null) log.warn('kick failed', { function: name, code: failure })
  }
}

interface Invocation {
  readonly name: string
  readonly region: string
  readonly namespace: string
  readonly endpoint: string | null
}

const noRole = 'no credentials of a role'

/** https://cloud.tencent.com/document/api/583/17243. The code of the failure, or null. */
async function invokeScf({ name, region, namespace, endpoint }: Invocation): Promise<string | null> {
  const credentials = readTencentCredentials()
  if (credentials === null) return noRole
  const answer = await callTencent({
    service: 'scf',
    version: '2018-04-16',
    action: 'Invoke',
    data: { FunctionName: name, Namespace: namespace, InvocationType: 'Event', ClientContext: '{}' },
    region,
    credentials,
    endpoint,
    timeoutMs,
  })
  return answer.ok ? null : answer.code
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. The code of the failure, or null. */
async function invokeLambda({ name, region, endpoint }: Invocation): Promise<string | null> {
  const credentials = readAwsCredentials()
  if (credentials === null) return noRole
  const answer = await callAws({
    service: 'lambda',
    path: `/2015-03-31/functions/${name}/invocations`,
    headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' },
    body: '{}',
    region,
    credentials,
    endpoint,
    timeoutMs,
  })
  return answer.ok ? null : answer.code
}

/** `unpush-prod-revoke` → `unpush-prod-sweep`: functions of one deployment differ in the last part of their names. */
function neighbourOf(own: string): string | null {
  const table = Object.keys(names).find(name => own === name || own.endsWith(`-${name}`))
  return table === undefined ? null : own.slice(0, own.length - table.length) + sweep
}
