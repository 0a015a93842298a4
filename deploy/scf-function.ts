/**
 * One function on SCF, brought to what is wanted: created, its code and configuration updated, or left as it is. Whatever
 * an earlier run left half done, the same steps finish it.
 */
import { createHash } from 'node:crypto'
import { listIn, objectIn, type Reply, type Scf, ScfError } from './scf-api.ts'

export interface WantedFunction {
  /** As SCF knows it: `unpush-prod-revoke`. */
  readonly name: string
  readonly zip: Uint8Array
  readonly runtime: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** Of which the function has temporary credentials. Null: it has none, and can read no secrets. */
  readonly role: string | null
  readonly environment: { readonly [name: string]: string }
  readonly vpc: { readonly vpcId: string; readonly subnetId: string } | null
  /** Requests out come from one address that does not change. */
  readonly fixedAddress: boolean
}

const namespace = 'default'
const pollMs = 1000
const longestWaitMs = 180_000
/** https://cloud.tencent.com/document/product/583/115197 */
const moving = new Set(['Creating', 'Updating', 'Publishing', 'Deleting'])

export async function deployFunction(scf: Scf, wanted: WantedFunction): Promise<'created' | 'updated' | 'unchanged'> {
  const place = { FunctionName: wanted.name, Namespace: namespace }
  let known = await settledFunction(scf, wanted.name)
  if (known?.['Status'] === 'CreateFailed') {
    await removeFunction(scf, wanted.name)
    known = null
  }
  const code = Buffer.from(wanted.zip).toString('base64')
  const { VpcConfig: vpc, ...configuration } = configurationOf(wanted)
  if (known === null) {
    await scf.call('CreateFunction', {
      ...place,
      ...configuration,
      ...(wanted.vpc === null ? {} : { VpcConfig: vpc }),
      Code: { ZipFile: code },
      Handler: handler,
      Type: 'Event',
    })
    await activeFunction(scf, 'CreateFunction', wanted.name)
    return 'created'
  }
  // what an update that failed has left behind, nobody knows
  const sound = known['Status'] === 'Active'
  const sameCode = sound && known['Description'] === configuration.Description
  const sameConfiguration = sound && sameCode && isConfigured(known, wanted)
  if (!sameCode) {
    await scf.call('UpdateFunctionCode', { ...place, ZipFile: code, Handler: handler })
    await activeFunction(scf, 'UpdateFunctionCode', wanted.name)
  }
  if (!sameConfiguration) {
    // after the code: its digest stands in the description only when that code is there
    await scf.call('UpdateFunctionConfiguration', { ...place, ...configuration, VpcConfig: vpc })
    await activeFunction(scf, 'UpdateFunctionConfiguration', wanted.name)
  }
  return sameCode && sameConfiguration ? 'unchanged' : 'updated'
}

/** Resolves when it is gone; its triggers go first. */
export async function removeFunction(scf: Scf, name: string): Promise<boolean> {
  if ((await settledFunction(scf, name)) === null) return false
  await scf.find('DeleteFunction', { FunctionName: name, Namespace: namespace })
  if ((await settledFunction(scf, name)) !== null) throw new ScfError('DeleteFunction', name, 'it is still there', '')
  return true
}

/** When it is not on its way to another state any more; null: there is none. */
export async function settledFunction(scf: Scf, name: string): Promise<Reply | null> {
  for (let waitedMs = 0; waitedMs <= longestWaitMs; waitedMs += pollMs) {
    const found = await scf.find('GetFunction', { FunctionName: name, Namespace: namespace, ShowCode: 'FALSE' })
    if (found === null || !moving.has(String(found['Status']))) return found
    await scf.pause(pollMs)
  }
  throw new ScfError('GetFunction', name, `not settled within ${longestWaitMs / 1000} s`, 'run the command again')
}

async function activeFunction(scf: Scf, action: string, name: string): Promise<void> {
  const found = await settledFunction(scf, name)
  const status = found === null ? 'gone' : String(found['Status'])
  if (status === 'Active') return
  const described = [found ?? {}, ...listIn(found ?? {}, 'StatusReasons')]
  const reasons = described.flatMap(({ StatusDesc: text, ErrorMessage: message = text }) =>
    typeof message === 'string' && message !== '' ? [message] : [],
  )
  throw new ScfError(action, name, status, reasons.join('; '))
}

const handler = 'index.main_handler'

function configurationOf(wanted: WantedFunction) {
  return {
    Description: `Unpush, code sha256:${createHash('sha256').update(wanted.zip).digest('hex')}`,
    Runtime: wanted.runtime,
    Timeout: wanted.timeoutSeconds,
    MemorySize: wanted.memoryMb,
    ...(wanted.role === null ? {} : { Role: wanted.role }),
    Environment: { Variables: Object.entries(wanted.environment).map(([Key, Value]) => ({ Key, Value })) },
    VpcConfig: { VpcId: wanted.vpc?.vpcId ?? '', SubnetId: wanted.vpc?.subnetId ?? '' },
    PublicNetConfig: {
      PublicNetStatus: 'ENABLE',
      EipConfig: { EipStatus: wanted.fixedAddress ? 'ENABLE' : 'DISABLE' },
    },
  }
}

function isConfigured(known: Reply, wanted: WantedFunction): boolean {
  const to = configurationOf(wanted)
  const variables = listIn(objectIn(known, 'Environment'), 'Variables')
  const environment = Object.fromEntries(variables.map(({ Key: key, Value: value }) => [String(key), String(value)]))
  const vpc = objectIn(known, 'VpcConfig')
  const eip = objectIn(objectIn(known, 'PublicNetConfig'), 'EipConfig')
  return (
    known['Runtime'] === to.Runtime &&
    known['Timeout'] === to.Timeout &&
    known['MemorySize'] === to.MemorySize &&
    (known['Role'] || null) === wanted.role &&
    sorted(environment) === sorted(wanted.environment) &&
    (vpc['VpcId'] ?? '') === to.VpcConfig.VpcId &&
    (vpc['SubnetId'] ?? '') === to.VpcConfig.SubnetId &&
    (eip['EipStatus'] ?? 'DISABLE') === to.PublicNetConfig.EipConfig.EipStatus
  )
}

function sorted(environment: { readonly [name: string]: string }): string {
  return JSON.stringify(Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1)))
}
