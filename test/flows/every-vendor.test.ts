/** What `npm start` shows a newcomer: one content, pushed through every vendor there is, taken back by one request. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Seeded, seedCampaigns } from '../../sandbox/demo.ts'
import type { Phone } from '../../sandbox/phone.ts'
import { standIns as all } from '../../sandbox/vendors/registry.ts'
import { vendors } from '../../shared/providers/registry.ts'
import { type Service, startService } from '../support/service.ts'

const standIns = all.filter(({ vendor }) => vendors.names.includes(vendor))
const apps = standIns.flatMap(standIn => standIn.apps.map(({ name }) => name))

let service: Service
let seeded: Seeded
beforeAll(async () => {
  service = await startService({ standIns })
  seeded = await seedCampaigns(service.sandbox, service.url, service.keys.sender, '20261129120000000')
})
afterAll(() => service.closeWhole())

const shows = ({ notices }: Phone) => notices.some(({ state, correction }) => state === 'shown' && !correction)

it('has a stand-in for every registered vendor, and one push an app', () => {
  expect(standIns.map(({ vendor }) => vendor).toSorted()).toEqual([...vendors.names].toSorted())
  expect(seeded.messages).toBe(apps.length)
  for (const app of apps) expect(service.sandbox.fleet.ofApp(app).filter(shows).length, app).toBeGreaterThan(0)
})

interface Target {
  readonly app: string
  readonly provider: string
  readonly operation: 'stop' | 'revoke' | 'overlay'
  readonly state: string
  readonly effects: readonly { readonly effect: string }[]
}

describe('one recall by content', () => {
  let targets: readonly Target[] = []

  it('reaches every registered vendor, and each does what it can', async () => {
    const asked = { content: seeded.content, reason: 'wrong link' }
    const { status, body } = await service.call('POST', '/v1/revoke', asked, { headers: { prefer: 'wait=10' } })
    expect(status).toBe(202)
    const ended = async () => (await service.call('GET', body.links.self)).body
    await expect.poll(async () => (await ended()).state).toMatch(/^(done|partial)$/)
    targets = (await ended()).targets
    expect(targets.map(({ app }) => app).toSorted()).toEqual(apps.toSorted())
    expect(new Set(targets.map(({ provider }) => provider))).toEqual(new Set(vendors.names))
    // a stop is less than what was asked, and said to be
    for (const { app, operation, state } of targets) expect(state, app).toBe(operation === 'stop' ? 'partial' : 'done')
  })

  it('leaves the phones that the plan said it would leave, and no others', () => {
    for (const { app, operation, effects } of targets) {
      const promised = effects.some(({ effect }) => effect === 'removed' || effect === 'replaced')
      const phones = service.sandbox.fleet.ofApp(app).filter(({ online }) => online)
      const can = phones.filter(({ group, alive }) => {
        const effect = group.effects[operation]
        return effect === 'removes' || effect === 'replaces' || (effect === 'removes-while-alive' && alive)
      })
      expect(can.length > 0, app).toBe(promised)
      expect(can.filter(shows).map(({ id }) => id)).toEqual([])
      for (const phone of phones.filter(one => !can.includes(one))) expect(shows(phone), phone.id).toBe(true)
    }
  })

  it('ends what still waits for an offline phone, wherever the vendor says so', () => {
    const offline = service.sandbox.phones.filter(({ online }) => !online)
    const ends = offline.filter(({ app, group }) => {
      const operation = targets.find(target => target.app === app)?.operation
      return group.effects.stop === 'ends' || (operation === 'revoke' && group.effects.revoke === 'removes')
    })
    expect(ends.length).toBeGreaterThan(0)
    for (const phone of ends)
      expect([phone.id, phone.pending.filter(({ kind }) => kind === 'show')]).toEqual([phone.id, []])
  })
})
