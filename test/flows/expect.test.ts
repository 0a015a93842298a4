/**
 * Acting on exactly what was shown (`expect`, contract §4.2): between a plan and its recall anything may change, and the recall is
 * refused where operation, target or text are others, or the reach is beyond 1.25 times what was shown. Never else.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const plans = soak ? 1000 : 100

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: {
      // nothing runs, so that every plan is as free as the first
      'unpush/policy': {
        approvalAbove: 0,
        limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
      },
    },
  })
})
afterAll(() => service.closeWhole())

const operations = ['revoke', 'overlay'] as const
const text = fc.constantFrom('更正：活动改期', 'Sorry', '今天天气不错哦')
const change = fc.oneof(
  fc.constant({ kind: 'nothing' } as const),
  fc.record({ kind: fc.constant('tokens' as const), more: fc.integer({ min: 1, max: 60 }), twice: fc.boolean() }),
  fc.constant({ kind: 'operation' } as const),
  fc.constant({ kind: 'target' } as const),
  fc.constant({ kind: 'other message' } as const),
  fc.record({ kind: fc.constant('text' as const), title: text }),
  fc.constant({ kind: 'fallback' } as const),
  fc.constant({ kind: 'spelling' } as const),
)
const scenario = fc.record({
  devices: fc.integer({ min: 1, max: 100 }),
  operation: fc.constantFrom(...operations),
  title: text,
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
})

let next = 0
const seed = Math.floor(Math.random() * 2 ** 31)

it(`catches every change, and nothing else (${plans} plans, seed ${seed})`, async () => {
  const seen = { refused: 0, taken: 0 }
  await fc.assert(
    fc.asyncProperty(scenario, async ({ devices, operation, title, changes }) => {
      const number = next++
      const message = `m${number}`
      const handle = { app: 'news-harmony', notifyId: 100_000 + number }
      const tokens = (from: number, count: number) =>
        Array.from({ length: count }, (_, nth) => `token-${number}-${from + nth}`)
      const register = async (id: string, notifyId: number) => {
        const targets = [{ app: 'news-harmony', notifyId, tokens: tokens(0, devices) }]
        const { status } = await service.call('POST', '/v1/messages', { id, targets })
        expect(status).toBe(201)
      }
      await register(message, handle.notifyId)
      const asked = { message, fallback: true, overlay: { title, body: 'b' } }
      const path = (of: string) => `/v1/${of}`
      const shown = await service.call('POST', path(operation), { ...asked, dryRun: true })
      expect(shown.body).toMatchObject({ reach: { devices, basis: 'exact' } })

      let reach = devices
      let repeats = 0
      let differs = false
      let request: { [member: string]: unknown } & typeof asked = { ...asked }
      let by: string = operation
      for (const one of changes) {
        if (one.kind === 'tokens') {
          const fresh = tokens(reach, one.more)
          const sent = one.twice ? [...fresh, ...fresh, ...tokens(0, 1)] : fresh
          const { status } = await service.call('POST', `/v1/messages/${message}/tokens`, { ...handle, tokens: sent })
          expect(status).toBe(200)
          reach += one.more
          repeats += sent.length - one.more
        } else if (one.kind === 'operation') {
          by = by === 'revoke' ? 'overlay' : 'revoke'
        } else if (one.kind === 'target') {
          const added = [{ app: 'news-harmony', notifyId: 500_000 + next++, tokens: [] }]
          expect((await service.call('PATCH', `/v1/messages/${message}`, { targets: added })).status).toBe(200)
          differs = true
        } else if (one.kind === 'other message') {
          const other = `o${next}`
          await register(other, 900_000 + next++)
          request = { ...request, message: other }
          differs = true
        } else if (one.kind === 'text') {
          request = { ...request, overlay: { ...request.overlay, title: one.title } }
        } else if (one.kind === 'fallback') {
          request = { ...request, fallback: !request.fallback }
        } else if (one.kind === 'spelling') {
          // the same plan in other words: what is not given is its default
          request = { ...request, again: false, supersede: false, ticket: 'INC-7' }
        }
      }
      differs ||= by !== operation || request.overlay.title !== title || request.fallback !== asked.fallback
      const beyond = request.message === message && reach > devices * 1.25
      const reply = await service.call('POST', path(by), { ...request, reason: 'r', expect: shown.body.digest })
      if (differs || beyond) {
        expect(reply.status).toBe(409)
        // the new plan comes along, and is what the next request may expect
        const { plan } = reply.body
        expect(plan.digest).not.toBe(shown.body.digest)
        const next = await service.call('POST', path(by), { ...request, reason: 'r', expect: plan.digest })
        expect(next.status).toBe(202)
        seen.refused += 1
      } else {
        expect(reply.status).toBe(202)
        // tokens that came twice are counted so until they are sealed
        const told = reply.body.approval.reach.devices
        expect([told >= reach, told <= reach + repeats], `${told} of ${reach} + ${repeats}`).toEqual([true, true])
        seen.taken += 1
      }
    }),
    { numRuns: plans, seed },
  )
  expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(plans / 12)
})
