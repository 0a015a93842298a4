/**
 * Tencent SCF's API on this machine, as strict as its documents: signatures, versions, names and types of parameters,
 * states (nothing is changed while a function is on its way to another state), and what must not be there twice.
 */
import { hash, randomUUID } from 'node:crypto'
import { configurable, parameters } from './scf-parameters.ts'
import { type Answered, type Arrived, type Keyring, standIn, type StandIn } from './stand-in.ts'
import { refuseTc3 } from './tc3.ts'

type Members = { readonly [member: string]: unknown }
type Kind = 'string' | 'number' | 'object' | 'list'

export interface ScfFunctionState {
  readonly configuration: Members
  /** SHA-256 of the zip. */
  readonly code: string
  readonly triggers: readonly Members[]
}

export interface ScfStandIn extends StandIn {
  /** Every call that was genuine and well formed, in order. */
  readonly calls: { readonly action: string; readonly name: string }[]
  /** What was refused for its signature, form or state. */
  readonly refused: string[]
  /** What is deployed, without what differs from run to run. */
  state(): { functions: { [name: string]: ScfFunctionState }; domains: { [name: string]: Members } }
  /** Done by somebody else, in the console. */
  tamper(name: string, change: { status?: string; configuration?: Members; triggers?: Members[] }): void
  /** Of the n-th call from now on: `before` it takes effect it is refused, `after` it the connection is cut. */
  failAt(call: number | null, when?: 'before' | 'after'): void
}

interface Deployed {
  configuration: Members
  code: string
  status: string
  /** Looks until it has arrived there. */
  looks: number
  next: string
  triggers: Members[]
}

class Refusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export async function startScf(keyring: Keyring, looksUntilActive = 2): Promise<ScfStandIn> {
  const functions = new Map<string, Deployed>()
  const domains = new Map<string, Members>()
  const calls: ScfStandIn['calls'] = []
  const refused: string[] = []
  let fault: { left: number; when: 'before' | 'after' } | null = null

  const known = (data: Members): Deployed => {
    const found = functions.get(String(data['FunctionName']))
    if (found === undefined) throw new Refusal('ResourceNotFound.Function', 'The function does not exist.')
    return found
  }
  const settled = (data: Members): Deployed => {
    const found = known(data)
    if (found.status !== 'Active' && !found.status.endsWith('Failed')) {
      throw new Refusal('FailedOperation.FunctionStatusError', `The function is ${found.status}.`)
    }
    return found
  }
  const move = (found: Deployed, status: string, next = 'Active') =>
    Object.assign(found, { status, next, looks: looksUntilActive })
  const configure = (data: Members): Members => {
    const configuration = Object.fromEntries(
      Object.keys(configurable).flatMap(name => (name in data ? [[name, data[name]]] : [])),
    )
    const { MemorySize: memory = 128, Timeout: timeout = 3, Environment: environment } = configuration
    if (!(memory === 64 || (Number(memory) % 128 === 0 && Number(memory) >= 128 && Number(memory) <= 3072))) {
      throw new Refusal('InvalidParameterValue.Memory', String(memory))
    }
    if (!(Number(timeout) >= 1 && Number(timeout) <= 900)) throw new Refusal('InvalidParameterValue', 'Timeout')
    if (JSON.stringify(environment ?? {}).length > 4096) {
      throw new Refusal('InvalidParameterValue.EnvironmentExceededLimit', '')
    }
    return configuration
  }
  const digestOf = (zip: unknown): string => {
    const bytes = Buffer.from(String(zip), 'base64')
    if (!bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) throw new Refusal('InvalidParameterValue.ZipFile', '')
    return hash('sha256', bytes)
  }
  const named = (found: Deployed, data: Members) =>
    found.triggers.findIndex(
      ({ TriggerName: name, Type: type }) => name === data['TriggerName'] && type === data['Type'],
    )
  const stored = (data: Members): Members => {
    const { FunctionName: name, TriggerName, Type: type, TriggerDesc: text, CustomArgument, Qualifier, Enable } = data
    const shown = { TriggerName, Type: type, Qualifier: Qualifier ?? '$LATEST', Enable: Enable === 'OPEN' ? 1 : 0 }
    if (type === 'timer') {
      if (String(text).split(' ').length !== 7) throw new Refusal('InvalidParameterValue.TriggerDesc', String(text))
      return { ...shown, TriggerDesc: JSON.stringify({ cron: text }), CustomArgument }
    }
    if (type !== 'http') throw new Refusal('InvalidParameterValue.Type', String(type))
    const { AuthType, NetConfig, ...more } = JSON.parse(String(text))
    if (!['NONE', 'CAM'].includes(AuthType) || Object.keys(more).length > 0) {
      throw new Refusal('InvalidParameterValue.TriggerDesc', String(text))
    }
    const urls = { ExtranetUrl: `https://1300000000-${String(name)}.ap-guangzhou.tencentscf.com`, IntranetUrl: '' }
    return { ...shown, TriggerDesc: JSON.stringify({ AuthType, NetConfig: { ...NetConfig, ...urls } }) }
  }
  const routed = (data: Members): Members => {
    const { Domain, Protocol, EndpointsConfig: endpoints, CertConfig } = data
    for (const endpoint of endpoints as Members[]) {
      if (!functions.has(String(endpoint['FunctionName']))) throw new Refusal('ResourceNotFound.Function', '')
      if (!/^\/[^*]*(\/?\*)?$/.test(String(endpoint['PathMatch'])))
        throw new Refusal('InvalidParameterValue', 'PathMatch')
    }
    const paths = (endpoints as Members[]).map(({ PathMatch: path }) => path)
    if (new Set(paths).size < paths.length) throw new Refusal('InvalidParameterValue', 'EndpointsConfig')
    if (Protocol !== 'HTTP' && CertConfig === undefined) throw new Refusal('MissingParameter', 'CertConfig')
    return { Domain, Protocol, EndpointsConfig: endpoints, CertConfig }
  }
  const domainOf = (data: Members): string => {
    const name = String(data['Domain'])
    if (!domains.has(name)) throw new Refusal('ResourceNotFound.CustomDomain', 'The domain does not exist.')
    return name
  }

  const actions: { readonly [action: string]: (data: Members) => Members } = {
    CreateFunction: data => {
      const name = String(data['FunctionName'])
      if (!/^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$/.test(name))
        throw new Refusal('InvalidParameterValue.FunctionName', name)
      if (functions.has(name)) throw new Refusal('ResourceInUse.FunctionName', name)
      const code = digestOf((data['Code'] as Members)['ZipFile'])
      const made = {
        configuration: { VpcConfig: { VpcId: '', SubnetId: '' }, ...configure(data) },
        code,
        status: '',
        looks: 0,
        next: '',
        triggers: [],
      }
      functions.set(name, move(made, 'Creating'))
      return {}
    },
    UpdateFunctionCode: data => {
      const found = settled(data)
      found.code = digestOf(data['ZipFile'])
      move(found, 'Updating')
      return {}
    },
    UpdateFunctionConfiguration: data => {
      const found = settled(data)
      found.configuration = { ...found.configuration, ...configure(data) }
      move(found, 'Updating')
      return {}
    },
    GetFunction: data => {
      const found = known(data)
      if (found.looks > 0) found.looks -= 1
      else if (found.next === 'gone') {
        functions.delete(String(data['FunctionName']))
        throw new Refusal('ResourceNotFound.Function', 'The function does not exist.')
      } else if (found.next !== '') Object.assign(found, { status: found.next, next: '' })
      return { ...found.configuration, Status: found.status, AvailableStatus: 'Available', CodeSize: 1 }
    },
    DeleteFunction: data => {
      const found = settled(data)
      if (found.triggers.some(({ Type: type }) => type === 'http'))
        throw new Refusal('FailedOperation.DeleteFunction', 'It has a URL.')
      move(found, 'Deleting', 'gone')
      return {}
    },
    ListTriggers: data => ({ Triggers: known(data).triggers, TotalCount: known(data).triggers.length }),
    CreateTrigger: data => {
      const found = settled(data)
      if (named(found, data) >= 0) throw new Refusal('ResourceInUse.TriggerName', String(data['TriggerName']))
      found.triggers.push(stored(data))
      return {}
    },
    UpdateTrigger: data => {
      const found = settled(data)
      const index = named(found, data)
      if (index < 0) throw new Refusal('ResourceNotFound.Trigger', String(data['TriggerName']))
      found.triggers[index] = stored(data)
      return {}
    },
    DeleteTrigger: data => {
      const found = settled(data)
      const index = named(found, data)
      if (index < 0) throw new Refusal('ResourceNotFound.Trigger', String(data['TriggerName']))
      found.triggers.splice(index, 1)
      return {}
    },
    GetCustomDomain: data => domains.get(domainOf(data)) ?? {},
    CreateCustomDomain: data => {
      const name = String(data['Domain'])
      if (domains.has(name)) throw new Refusal('ResourceInUse', name)
      domains.set(name, routed(data))
      return {}
    },
    UpdateCustomDomain: data => {
      domains.set(domainOf(data), routed(data))
      return {}
    },
    DeleteCustomDomain: data => {
      domains.delete(domainOf(data))
      return {}
    },
  }

  const reply = (members: Members): Answered => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Response: { ...members, RequestId: randomUUID() } }),
  })
  const refuse = (code: string, message: string): Answered => {
    if (!code.startsWith('ResourceNotFound')) refused.push(`${code} ${message}`)
    return reply({ Error: { Code: code, Message: message } })
  }

  const server = await standIn(async (arrived: Arrived) => {
    const forged = refuseTc3(arrived, 'scf', keyring)
    if (forged !== null) return refuse(forged.code, forged.message)
    const action = String(arrived.headers['x-tc-action'])
    const [allowed, act] = [parameters[action], actions[action]]
    if (allowed === undefined || act === undefined) return refuse('InvalidAction', action)
    if (arrived.headers['x-tc-version'] !== '2018-04-16') return refuse('NoSuchVersion', action)
    const data: Members = JSON.parse(arrived.body.toString())
    for (const [name, value] of Object.entries(data)) {
      const kind: Kind = Array.isArray(value) ? 'list' : (typeof value as Kind)
      if (allowed[name]?.replace('!', '') !== kind) return refuse('UnknownParameter', `${action} ${name} (${kind})`)
    }
    const missing = Object.keys(allowed).find(name => allowed[name]?.endsWith('!') && !(name in data))
    if (missing !== undefined) return refuse('MissingParameter', `${action} ${missing}`)
    calls.push({ action, name: String(data['FunctionName'] ?? data['Domain']) })
    if (fault !== null) fault.left -= 1
    const fails = fault?.left === 0 ? fault.when : null
    if (fails === 'before') return reply({ Error: { Code: 'InternalError', Message: 'as the test asked' } })
    try {
      const answered = reply(act(data))
      return fails === 'after' ? null : answered
    } catch (error) {
      if (fails === 'after') return null
      if (error instanceof Refusal) return refuse(error.code, `${action} ${error.message}`)
      throw error
    }
  })

  return {
    ...server,
    calls,
    refused,
    state: () => ({
      functions: Object.fromEntries(
        [...functions]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { configuration, code, triggers }]) => [
            name,
            {
              configuration,
              code,
              triggers: triggers.toSorted((a, b) => (String(a['TriggerName']) < String(b['TriggerName']) ? -1 : 1)),
            },
          ]),
      ),
      domains: Object.fromEntries(domains),
    }),
    tamper: (name, { status, configuration, triggers }) => {
      const found = known({ FunctionName: name })
      if (status !== undefined) Object.assign(found, { status, next: '', looks: 0 })
      if (configuration !== undefined) found.configuration = { ...found.configuration, ...configuration }
      if (triggers !== undefined) found.triggers = [...triggers]
    },
    failAt: (call, when = 'before') => {
      fault = call === null ? null : { left: call, when }
    },
  }
}
