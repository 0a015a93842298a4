/** Deploying to SCF, against a stand-in of its API that knows nothing of the code that calls it. */
import { randomBytes } from 'node:crypto'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Deployment, type DeploymentFunction, deploy, describe as report, remove } from '../../deploy/scf.ts'
import { openScf, type Scf } from '../../deploy/scf-api.ts'
import { readConfig } from '../../shared/config.ts'
import { type FunctionEntry, functions } from '../../shared/functions.ts'
import { type ScfStandIn, startScf } from '../support/cloud/scf.ts'

const credentials = { id: `AKID${randomBytes(12).toString('hex')}`, key: randomBytes(16).toString('hex'), token: null }
const entries: [string, FunctionEntry][] = Object.entries(functions)
const all = entries.map(
  ([name, { class: functionClass, prefixes, timer, timeoutSeconds, memoryMb }]): DeploymentFunction => ({
    name,
    role: `unpush-${functionClass}`,
    prefixes,
    timeoutSeconds,
    memoryMb,
    timers: timer === null ? [] : [{ cron: timer, message: '' }],
  }),
)
const whole: Deployment = {
  prefix: 'unpush-prod',
  runtime: 'Nodejs20.19',
  environment: {},
  vpc: null,
  fixedAddress: false,
  functions: all,
  domain: null,
}
/** One of each kind: whoever owns `/`, one behind a path, one with a timer. */
const small = { ...whole, functions: all.filter(({ name }) => ['dashboard', 'revoke', 'sweep'].includes(name)) }
const domain = { name: 'recall.example.com', certificateId: 'cert1' }

const zipOf =
  (version = 'one') =>
  async (name: string) =>
    zipSync({ 'index.js': Buffer.from(`${name} ${version}`) }, { mtime: new Date(1980, 0, 1) })

let api: ScfStandIn
let scf: Scf
let lines: string[] = []
beforeEach(async () => {
  lines = []
  api = await startScf({ [credentials.id]: { key: credentials.key } })
  scf = { ...openScf({ region: 'ap-guangzhou', credentials, endpoint: api.origin }), pause: async () => {} }
})
afterEach(() => api.close())

const run = (deployment: Deployment = whole, version = 'one', only: string | null = null) =>
  deploy(scf, deployment, zipOf(version), only, line => lines.push(line))
const changes = () => api.calls.filter(({ action }) => !/^(Get|List)/.test(action)).map(({ action }) => action)
const since = async (work: () => Promise<unknown>) => {
  const before = changes().length
  await work()
  return changes().slice(before)
}

describe('deploying', () => {
  it('makes every function of the table, with its URL or its timers', async () => {
    await run()
    const { functions: made } = api.state()
    expect(Object.keys(made)).toEqual(all.map(({ name }) => `unpush-prod-${name}`).sort())
    for (const { name, role, prefixes, timers, timeoutSeconds, memoryMb } of all) {
      const { configuration, triggers } = made[`unpush-prod-${name}`] ?? { configuration: {}, triggers: [] }
      expect(configuration).toMatchObject({
        Runtime: 'Nodejs20.19',
        Timeout: timeoutSeconds,
        MemorySize: memoryMb,
        Role: role,
      })
      expect(triggers.map(({ Type: type, Qualifier, Enable }) => [type, Qualifier, Enable])).toEqual([
        ...timers.map(() => ['timer', '$DEFAULT', 1]),
        ...(prefixes.length > 0 ? [['http', '$DEFAULT', 1]] : []),
      ])
    }
    expect(api.refused).toEqual([])
  })

  it('allows the page’s own address at every other function, and tells the page where those are', async () => {
    await run()
    const { functions: made } = api.state()
    const url = (name: string) => `https://1300000000-unpush-prod-${name}.ap-guangzhou.tencentscf.com`
    const bases = all
      .filter(({ name }) => name !== 'dashboard')
      .flatMap(({ name, prefixes }) => prefixes.map(prefix => [prefix, url(name)]))
    for (const [name, { configuration }] of Object.entries(made)) {
      const { Variables: variables } = configuration['Environment'] as { Variables: { Key: string; Value: string }[] }
      const [variable, more] = variables
      expect([more, variable?.Key]).toEqual([
        undefined,
        name.endsWith('-dashboard') ? 'UNPUSH_API_BASES' : 'UNPUSH_DASHBOARD_ORIGIN',
      ])
      if (name.endsWith('-dashboard')) {
        expect(JSON.parse(variable?.Value ?? '')).toEqual(Object.fromEntries(bases))
        expect(readConfig({ UNPUSH_API_BASES: variable?.Value }).apiBases).toEqual(Object.fromEntries(bases))
      } else expect(variable?.Value).toBe(url('dashboard'))
    }
    // with one domain there is one origin
    await run({ ...whole, domain })
    expect(api.state().functions['unpush-prod-dashboard']?.configuration['Environment']).toEqual({ Variables: [] })
  })

  it('routes a domain under the base path that the functions are told of', async () => {
    const under = { ...small, environment: { UNPUSH_BASE_PATH: '/push/' }, domain }
    await run(under)
    expect(await since(() => run(under))).toEqual([])
    const [made] = Object.values(api.state().domains)
    const endpoints = made?.['EndpointsConfig'] as { PathMatch: string; FunctionName: string }[] | undefined
    const routes = (endpoints ?? []).map(({ PathMatch, FunctionName }) => `${PathMatch} ${FunctionName}`)
    expect(routes.sort()).toEqual([
      '/push unpush-prod-dashboard',
      '/push/* unpush-prod-dashboard',
      '/push/v1/revoke unpush-prod-revoke',
      '/push/v1/revoke/* unpush-prod-revoke',
    ])
    const map = await report(scf, under, line => lines.push(line))
    expect(map.prefixes['/v1/revoke']).toBe('https://recall.example.com/push')
    expect(lines.join('\n')).toContain('https://recall.example.com/push/v1/revoke')
  })

  it('changes nothing the second time', async () => {
    for (const deployment of [whole, { ...whole, domain }]) {
      await run(deployment)
      expect(await since(() => run(deployment))).toEqual([])
    }
    expect(lines.slice(-1)).toEqual(['recall.example.com: unchanged'])
    expect(api.refused).toEqual([])
  })

  it('changes what differs, and only that', async () => {
    await run(small)
    expect(await since(() => run(small, 'two'))).toEqual(
      Array.from({ length: 3 }, () => ['UpdateFunctionCode', 'UpdateFunctionConfiguration']).flat(),
    )
    expect(await since(() => run({ ...small, environment: { A: 'b' } }, 'two'))).toEqual(
      Array(3).fill('UpdateFunctionConfiguration'),
    )
    const slower = small.functions.map(entry => ({
      ...entry,
      timers: entry.timers.map(timer => ({ ...timer, message: 'm' })),
    }))
    expect(await since(() => run({ ...small, environment: { A: 'b' }, functions: slower }, 'two'))).toEqual([
      'UpdateTrigger',
    ])
    const vpc = { vpcId: 'vpc-1', subnetId: 'subnet-1' }
    const inside = { ...small, environment: { A: 'b' }, functions: slower, vpc, fixedAddress: true }
    expect(await since(() => run(inside, 'two', 'revoke'))).toEqual(['UpdateFunctionConfiguration'])
    expect(api.state().functions['unpush-prod-revoke']?.configuration).toMatchObject({
      VpcConfig: { VpcId: 'vpc-1', SubnetId: 'subnet-1' },
      PublicNetConfig: { EipConfig: { EipStatus: 'ENABLE' } },
    })
    expect(await since(() => run(inside, 'two', 'revoke'))).toEqual([])
    expect(api.refused).toEqual([])
  })

  it('puts right what somebody did in the console, and leaves triggers of other kinds', async () => {
    await run(small)
    const before = api.state()
    const foreign = { TriggerName: 'queue', Type: 'ckafka', Qualifier: '$DEFAULT', Enable: 1, TriggerDesc: '{}' }
    const [timer] = before.functions['unpush-prod-sweep']?.triggers ?? []
    api.tamper('unpush-prod-sweep', {
      triggers: [
        { ...timer, Enable: 0 },
        { ...timer, TriggerName: 'mine' },
        { ...timer, TriggerName: 'timer-2', Qualifier: '$LATEST' },
        foreign,
      ],
    })
    api.tamper('unpush-prod-revoke', { status: 'CreateFailed', triggers: [] })
    api.tamper('unpush-prod-dashboard', { status: 'UpdateFailed', configuration: { MemorySize: 64 } })
    await run(small)
    const { functions: made } = api.state()
    expect(made['unpush-prod-sweep']?.triggers).toEqual([foreign, timer])
    expect(made['unpush-prod-dashboard']).toEqual(before.functions['unpush-prod-dashboard'])
    expect(made['unpush-prod-revoke']).toEqual(before.functions['unpush-prod-revoke'])
    expect(api.refused).toEqual([])
  })

  it('routes one domain by the prefixes of the table', async () => {
    await run({ ...whole, domain })
    const { domains, functions: made } = api.state()
    const routes = (
      (domains[domain.name]?.['EndpointsConfig'] ?? []) as { PathMatch: string; FunctionName: string }[]
    ).map(({ PathMatch, FunctionName }) => [PathMatch, FunctionName])
    const expected = all.flatMap(({ name, prefixes }) =>
      prefixes.flatMap(prefix =>
        [prefix, prefix === '/' ? '/*' : `${prefix}/*`].map(path => [path, `unpush-prod-${name}`]),
      ),
    )
    expect(routes).toEqual(expected)
    // one origin: nothing to allow
    for (const { configuration } of Object.values(made)) expect(configuration['Environment']).toEqual({ Variables: [] })
    const fewer = { ...whole, domain, functions: all.filter(({ name }) => name !== 'status') }
    expect(await since(() => run(fewer))).toEqual(['UpdateCustomDomain'])
  })

  it('closes the addresses of the functions behind a domain, and leaves them closed', async () => {
    const behind = { ...small, domain: { ...domain, closedUrls: true } }
    const openUrls = () =>
      Object.values(api.state().functions).flatMap(({ triggers }) =>
        triggers.filter(
          ({ Type: type, TriggerDesc: text }) => type === 'http' && String(text).includes('"EnableExtranet":true'),
        ),
      ).length
    await run({ ...small, domain })
    expect(openUrls()).toBe(2)
    await run(behind)
    expect(openUrls()).toBe(0)
    expect(await since(() => run(behind))).toEqual([])
    await run({ ...small, domain })
    expect(openUrls()).toBe(2)
  })

  it('deploys one function alone', async () => {
    expect(await since(() => run({ ...whole, domain }, 'one', 'revoke'))).toEqual(['CreateFunction', 'CreateTrigger'])
    expect(Object.keys(api.state().functions)).toEqual(['unpush-prod-revoke'])
  })

  it('says in one line what the API refused', async () => {
    await expect(run({ ...small, environment: { A: 'x'.repeat(5000) } })).rejects.toThrow(
      /^CreateFunction unpush-prod-dashboard: InvalidParameterValue\.EnvironmentExceededLimit: [^\n]+$/,
    )
    const wrong = openScf({ region: 'ap-guangzhou', credentials: { ...credentials, key: 'x' }, endpoint: api.origin })
    await expect(deploy(wrong, small, zipOf(), null, () => {})).rejects.toThrow(/AuthFailure\.SignatureFailure/)
    const nobody = openScf({ region: 'ap-guangzhou', credentials, endpoint: 'http://127.0.0.1:1' })
    await expect(deploy(nobody, small, zipOf(), null, () => {})).rejects.toThrow(/unreached: ECONNREFUSED$/)
  })
})

describe('the end of a deployment', () => {
  it('is nothing left, and being removed again is no error', async () => {
    await run({ ...whole, domain })
    await remove(scf, { ...whole, domain }, line => lines.push(line))
    expect(api.state()).toEqual({ functions: {}, domains: {} })
    await remove(scf, { ...whole, domain }, line => lines.push(line))
    expect(lines.at(-1)).toContain('was not there')
    expect(api.refused).toEqual([])
  })
})

describe('what is shown of it', () => {
  it('is each function with its address, and the map of prefixes', async () => {
    await run({ ...small, functions: small.functions.filter(({ name }) => name !== 'revoke') })
    const map = await report(scf, small, line => lines.push(line))
    const at = (name: string) => `https://1300000000-unpush-prod-${name}.ap-guangzhou.tencentscf.com`
    expect(map).toEqual({ origin: null, prefixes: { '/': at('dashboard') } })
    expect(lines.slice(-3)).toEqual([
      'unpush-prod-revoke  not deployed',
      'unpush-prod-sweep  Active  timer 0 */1 * * * * *',
      `unpush-prod-dashboard  Active  ${at('dashboard')}/`,
    ])
  })
  it('is the domain where there is one', async () => {
    await run({ ...small, domain })
    expect(await report(scf, { ...small, domain }, () => {})).toEqual({
      origin: 'https://recall.example.com',
      prefixes: { '/': 'https://recall.example.com', '/v1/revoke': 'https://recall.example.com' },
    })
  })
})

describe('a deployment that breaks off at any call', () => {
  const scenarios: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['of the first time', async () => {}, () => run({ ...small, domain })],
    [
      'of a new version',
      () => run({ ...small, domain }),
      () => run({ ...small, domain, environment: { A: 'b' } }, 'two'),
    ],
    ['of everything', () => run({ ...small, domain }), () => remove(scf, { ...small, domain }, () => {})],
  ]
  it.each(scenarios)('%s ends the same when it is run again', async (_what, before, work) => {
    const count = async (): Promise<number> => {
      await before()
      const start = api.calls.length
      await work()
      return api.calls.length - start
    }
    const calls = await count()
    const expected = api.state()
    expect(calls).toBeGreaterThan(10)
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= calls; call++) {
        await remove(scf, { ...small, domain }, () => {})
        await before()
        api.failAt(call, when)
        await expect(work(), `${when} call ${call}`).rejects.toThrow(/InternalError|unreached/)
        api.failAt(null)
        await work()
        expect(api.state(), `${when} call ${call}`).toEqual(expected)
      }
    }
    expect(api.refused).toEqual([])
  })
})
