/** A message that went through FCM is taken back device by device: each asked once, one login for all, what is refused counted. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RsaKey } from '../../sandbox/rsa-key.ts'
import { standIn } from '../../sandbox/vendors/fcm/index.ts'
import type { FcmState } from '../../sandbox/vendors/fcm/state.ts'
import { titlesOf } from '../sandbox/world.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
let state: FcmState
beforeEach(async () => {
  const own = { ...standIn, createState: (makeKey?: () => RsaKey) => (state = standIn.createState(makeKey)) }
  service = await startService({ standIns: [...usualStandIns, own] })
})
afterEach(() => service.closeWhole())

const app = 'news-fcm'
const waiting = { headers: { prefer: 'wait=20' } }
const switches = () => service.sandbox.switches['fcm'] as { [name: string]: unknown }
const phones = () => service.sandbox.fleet.ofApp(app)
const tokens = () => phones().flatMap(({ token }) => token ?? [])
const push = (more: object = {}) => {
  const { answer } = service.sandbox
    .running(standIn)
    .send({ app, title: 'wrong', content: 'c', tag: 'promo', group: 'all', ...more } as never)
  service.sandbox.changed()
  return answer
}
const revoke = async (target: object) =>
  (await service.call('POST', '/v1/revoke', { target: { app, tag: 'promo', ...target }, reason: 'wrong' }, waiting))
    .body

it('revokes on each device once, with one login', async () => {
  push()
  const recall = await revoke({ tokens: [...tokens(), ...tokens()] })
  expect(recall).toMatchObject({ state: 'done', devices: { total: 40, accepted: 40, rejected: 0, unknown: 0 } })
  expect(state).toMatchObject({ logins: 1, sends: 40 })
  const online = phones().filter(phone => phone.online && phone.alive)
  const shown = (model: string) => online.filter(phone => phone.model === model).flatMap(titlesOf)
  expect(shown('fcm-android')).toEqual([])
  expect(shown('fcm-iphone')).toEqual([])
  expect(new Set(shown('fcm-android-old'))).toEqual(new Set(['wrong']))
  expect(new Set(shown('fcm-web'))).toEqual(new Set(['Updated']))
})

it('counts each refused device with its reason, and goes on with the others', async () => {
  push()
  const dead = ['dead-1', 'dead-2', 'other-1', 'apnsauth-1', 'bad-1']
  const recall = await revoke({ tokens: [...dead, ...tokens()] })
  expect(recall).toMatchObject({ state: 'partial', devices: { total: 45, accepted: 40, rejected: 5, unknown: 0 } })
  expect(recall.targets[0].rejected).toEqual(
    expect.arrayContaining([
      { reason: 'UNREGISTERED', count: 2 },
      { reason: 'SENDER_ID_MISMATCH', count: 1 },
      { reason: 'THIRD_PARTY_AUTH_ERROR', count: 1 },
      { reason: 'INVALID_TOKEN', count: 1 },
    ]),
  )
  expect(JSON.stringify(recall)).not.toContain('dead-1')
})

it('logs in anew where an access token ends on the way, and asks nobody twice', async () => {
  push()
  switches()['callsPerAccessToken'] = 25
  const recall = await revoke({ tokens: tokens() })
  expect(recall).toMatchObject({ state: 'done', devices: { total: 40, accepted: 40 } })
  expect(state.sends).toBe(40)
  expect(state.logins).toBe(2)
})

it('overlays a topic with one request', async () => {
  push({ topic: 'beta' })
  const body = { target: { app, tag: 'promo', topic: 'beta' }, reason: 'wrong', overlay: { title: 'right', body: 'b' } }
  const { body: recall } = await service.call('POST', '/v1/overlay', body, waiting)
  expect(recall).toMatchObject({ state: 'done' })
  expect(recall.targets[0]).toMatchObject({ tag: 'promo', topic: 'beta', operation: 'overlay' })
  expect(state).toMatchObject({ logins: 1, sends: 1 })
  for (const phone of phones().filter(one => one.online)) {
    expect(titlesOf(phone)).toEqual(phone.tags.includes('beta') ? ['right'] : [])
  }
})

it('says in the plan what is missing', async () => {
  const plan = async (operation: string, target: object) =>
    (await service.call('POST', `/v1/${operation}`, { target: { app, ...target }, reason: 'r', fallback: false })).body
  expect(await plan('stop', { tag: 'a', tokens: tokens() })).toMatchObject({ status: 422 })
  expect(await plan('revoke', { collapseKey: 'a', tokens: tokens() })).toMatchObject({ status: 422 })
  expect(await plan('revoke', { tag: 'a', topic: 'news' })).toMatchObject({ status: 422 })
})
