/**
 * A deployment on SCF: every function with its triggers, and the domain before them. Each command looks first and changes
 * only what differs, so that running it again finishes what was interrupted, and changes nothing where all is well.
 */
import { readBasePath } from '../shared/config.ts'
import { deployDomain, removeDomain } from './scf-domain.ts'
import { deployFunction, removeFunction, settledFunction, type WantedFunction } from './scf-function.ts'
import { deployTriggers, findUrl, removeTriggers, type WantedTriggers } from './scf-triggers.ts'
import type { Scf } from './scf-api.ts'

export interface Deployment extends Pick<WantedFunction, 'runtime' | 'environment' | 'vpc' | 'fixedAddress'> {
  /** Before the name of each function: `unpush-prod`. */
  readonly prefix: string
  readonly functions: readonly DeploymentFunction[]
  /** `closedUrls`: the functions' own addresses answer nobody outside. */
  readonly domain: { readonly name: string; readonly certificateId: string; readonly closedUrls?: boolean } | null
}

export interface DeploymentFunction
  extends Pick<WantedFunction, 'timeoutSeconds' | 'memoryMb' | 'role'>,
    Pick<WantedTriggers, 'timers'> {
  /** As in the function table. */
  readonly name: string
  readonly prefixes: readonly string[]
}

/** Where a deployment can be reached: what the command line and the console read. */
export interface DeploymentMap {
  /** Null: every function has an address of its own. */
  readonly origin: string | null
  /** Path prefix → origin. */
  readonly prefixes: { readonly [prefix: string]: string }
}

export type Report = (line: string) => void

const originVariable = 'UNPUSH_DASHBOARD_ORIGIN'
const basesVariable = 'UNPUSH_API_BASES'

/** `only`: the one function to deploy. `zipOf` rejects where there is none. */
export async function deploy(
  scf: Scf,
  deployment: Deployment,
  zipOf: (name: string) => Promise<Uint8Array>,
  only: string | null,
  report: Report,
): Promise<void> {
  const nameOf = (name: string) => `${deployment.prefix}-${name}`
  // whoever owns `/` comes first: without a domain the others need the address of its page
  const owner = deployment.functions.find(({ prefixes }) => prefixes.includes('/'))
  const rest = deployment.functions.filter(entry => entry !== owner)
  const wanted = [...(owner === undefined ? [] : [owner]), ...rest].filter(({ name }) => only === null || name === only)
  const told = (variable: string) => Object.hasOwn(deployment.environment, variable)
  const environmentOf = async (entry: DeploymentFunction): Promise<Deployment['environment']> => {
    if (deployment.domain !== null || owner === undefined) return deployment.environment
    const variable = entry === owner ? basesVariable : originVariable
    if (told(variable)) return deployment.environment
    const value = entry === owner ? await basesOf(scf, rest, nameOf) : await findUrl(scf, nameOf(owner.name))
    return value === null ? deployment.environment : { ...deployment.environment, [variable]: value }
  }
  const deployOne = async (entry: DeploymentFunction) => {
    const environment = await environmentOf(entry)
    const { runtime, vpc, fixedAddress } = deployment
    const { timeoutSeconds, memoryMb, role, timers, prefixes } = entry
    const name = nameOf(entry.name)
    const zip = await zipOf(entry.name)
    const size = { timeoutSeconds, memoryMb }
    const done = await deployFunction(scf, { name, zip, runtime, role, environment, vpc, fixedAddress, ...size })
    const changed = await deployTriggers(scf, name, {
      url: prefixes.length > 0,
      closed: deployment.domain?.closedUrls ?? false,
      timers,
    })
    report(`${name}: ${done === 'unchanged' && changed ? 'triggers updated' : done}`)
    return environment
  }
  let page: Deployment['environment'] | null = null
  for (const entry of wanted) {
    const environment = await deployOne(entry)
    if (entry === owner) page = environment
  }
  // its page names the addresses of the others, some of which are new
  if (owner !== undefined && page !== null && page[basesVariable] !== (await environmentOf(owner))[basesVariable]) {
    await deployOne(owner)
  }
  if (deployment.domain !== null && only === null) {
    const prefixes = deployment.functions.flatMap(entry =>
      entry.prefixes.map(prefix => ({ prefix: under(deployment, prefix), function: nameOf(entry.name) })),
    )
    const changed = await deployDomain(scf, { ...deployment.domain, prefixes })
    report(`${deployment.domain.name}: ${changed ? 'routed' : 'unchanged'}`)
  }
}

/** Path prefix → origin, as JSON; null where none of them has an address yet. */
async function basesOf(
  scf: Scf,
  functions: readonly DeploymentFunction[],
  nameOf: (name: string) => string,
): Promise<string | null> {
  const bases: { [prefix: string]: string } = {}
  for (const { name, prefixes } of functions) {
    const url = prefixes.length === 0 ? null : await findUrl(scf, nameOf(name))
    for (const prefix of prefixes) if (url !== null) bases[prefix] = url
  }
  return Object.keys(bases).length === 0 ? null : JSON.stringify(bases)
}

/** Everything that `deploy` made; secrets, roles, the ledger and its content stay. */
export async function remove(scf: Scf, { prefix, functions, domain }: Deployment, report: Report): Promise<void> {
  if (domain !== null) await removeDomain(scf, domain.name)
  for (const { name } of functions) {
    await removeTriggers(scf, `${prefix}-${name}`)
    const removed = await removeFunction(scf, `${prefix}-${name}`)
    report(`${prefix}-${name}: ${removed ? 'removed' : 'was not there'}`)
  }
}

/** Reports each function with its state and address, and resolves with the map of those that are there. */
export async function describe(scf: Scf, deployment: Deployment, report: Report): Promise<DeploymentMap> {
  const { prefix: start, functions, domain } = deployment
  const origin = domain === null ? null : `https://${domain.name}${readBasePath({ ...deployment.environment })}`
  const prefixes: { [prefix: string]: string } = {}
  for (const entry of functions) {
    const name = `${start}-${entry.name}`
    const found = await settledFunction(scf, name)
    const url = found === null || entry.prefixes.length === 0 ? null : (origin ?? (await findUrl(scf, name)))
    for (const prefix of entry.prefixes) if (url !== null) prefixes[prefix] = url
    const addresses =
      url === null ? entry.timers.map(({ cron }) => `timer ${cron}`) : entry.prefixes.map(at => url + at)
    report([name, found === null ? 'not deployed' : String(found['Status']), ...addresses].join('  '))
  }
  return { origin, prefixes }
}

/** A prefix with the base path before it, which the functions are told of in their environment. */
function under({ environment }: Deployment, prefix: string): string {
  const base = readBasePath({ ...environment })
  return base === '' || prefix !== '/' ? `${base}${prefix}` : base
}
