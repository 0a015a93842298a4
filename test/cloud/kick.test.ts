import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openKick } from '../../shared/cloud/kick.ts'
import { readConfig } from '../../shared/config.ts'
import { functions } from '../../shared/functions.ts'
import { createLog } from '../../shared/log.ts'
import { refuseSigV4 } from '../support/cloud/sigv4.ts'
import { type Answered, type Arrived, standIn, type StandIn } from '../support/cloud/stand-in.ts'
import { refuseTc3 } from '../support/cloud/tc3.ts'

const id = `AK${randomBytes(8).toString('hex')}`
const key = randomBytes(16).toString('hex')
const token = randomBytes(16).toString('hex')
const lines: string[] = []
const log = createLog({ stream: { write: line => lines.push(line) } })
let arrived: Arrived[] = []
let answer: Answered | 'hang' = { status: 202, body: '' }
let api: StandIn

beforeEach(async () => {
  lines.length = 0
  arrived = []
  for (const name of ['TENCENTCLOUD_SECRETID', 'AWS_ACCESS_KEY_ID']) vi.stubEnv(name, id)
  for (const name of ['TENCENTCLOUD_SECRETKEY', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, key)
  for (const name of ['TENCENTCLOUD_SESSIONTOKEN', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, token)
  api = await standIn(async request => {
    arrived.push(request)
    return answer === 'hang' ? new Promise(() => {}) : answer
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await api.close()
})

const scf = (name = 'unpush-prod-revoke') =>
  readConfig({
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-guangzhou',
    SCF_FUNCTIONNAME: name,
    SCF_NAMESPACE: 'recalls',
    TENCENT_SCF_ENDPOINT: api.origin,
  }).deployed
const lambda = (name = 'unpush-prod-revoke') =>
  readConfig({
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_REGION: 'ap-southeast-1',
    AWS_ENDPOINT_URL_LAMBDA: api.origin,
  }).deployed

async function kicked(): Promise<Arrived> {
  const [request, ...more] = arrived
  if (request === undefined || more.length > 0) throw new Error(`${arrived.length} requests arrived`)
  return request
}

describe('a kick', () => {
  it('invokes sweep of the same deployment on SCF, asynchronously and without data', async () => {
    answer = { status: 200, body: '{"Response":{"Result":{"InvokeResult":0},"RequestId":"r"}}' }
    await openKick(scf(), log)?.()
    const request = await kicked()
    expect(refuseTc3(request, 'scf', { [id]: { key, token } })).toBeNull()
    expect(request.headers).toMatchObject({ 'x-tc-action': 'Invoke', 'x-tc-version': '2018-04-16' })
    expect(JSON.parse(request.body.toString())).toEqual({
      FunctionName: 'unpush-prod-sweep',
      Namespace: 'recalls',
      InvocationType: 'Event',
      ClientContext: '{}',
    })
    expect(lines).toEqual([])
  })

  it('invokes sweep of the same deployment on Lambda, asynchronously and without data', async () => {
    answer = { status: 202, body: '' }
    await openKick(lambda(), log)?.()
    const request = await kicked()
    expect(refuseSigV4(request, 'lambda', 'ap-southeast-1', { [id]: { key, token } })).toBeNull()
    expect(request).toMatchObject({ method: 'POST', url: '/2015-03-31/functions/unpush-prod-sweep/invocations' })
    expect(request.headers['x-amz-invocation-type']).toBe('Event')
    expect(request.body.toString()).toBe('{}')
    expect(lines).toEqual([])
  })

  it.each(Object.keys(functions))('finds its neighbour from %s', async name => {
    answer = { status: 202, body: '' }
    await openKick(lambda(`recalls-of-sweep-${name}`), log)?.()
    expect((await kicked()).url).toContain('/recalls-of-sweep-sweep/')
  })

  it.each<[string, Answered | 'hang', string, string]>([
    ['a refusal', { status: 403, body: '{"__type":"AccessDeniedException"}' }, 'AccessDeniedException', 'unreached'],
    [
      'an API error',
      { status: 200, body: '{"Response":{"Error":{"Code":"UnauthorizedOperation"},"RequestId":"r"}}' },
      '',
      'UnauthorizedOperation',
    ],
    ['silence', 'hang', 'unreached', 'unreached'],
  ])('that ends with %s is one line of the log and nobody’s failure', async (_what, answered, onLambda, onScf) => {
    answer = answered
    for (const [deployed, code] of [
      [lambda(), onLambda],
      [scf(), onScf],
    ] as const) {
      if (code === '') continue
      lines.length = 0
      await expect(openKick(deployed, log)?.()).resolves.toBeUndefined()
      expect(lines.map(line => JSON.parse(line))).toMatchObject([
        { level: 'warn', msg: 'kick failed', function: 'unpush-prod-sweep', code },
      ])
      for (const secret of [key, token]) expect(lines.join()).not.toContain(secret)
    }
  })

  it('without a role’s credentials says so', async () => {
    vi.unstubAllEnvs()
    for (const name of ['TENCENTCLOUD_SECRETID', 'AWS_ACCESS_KEY_ID']) vi.stubEnv(name, '')
    for (const deployed of [scf(), lambda()]) await openKick(deployed, log)?.()
    expect(arrived).toEqual([])
    expect(lines.map(line => JSON.parse(line).code)).toEqual(Array(2).fill('no credentials of a role'))
  })

  it('is not there where nobody is to be kicked', () => {
    expect(openKick(readConfig({}).deployed, log)).toBeNull()
    expect(openKick(lambda('somebody-elses'), log)).toBeNull()
  })
})
