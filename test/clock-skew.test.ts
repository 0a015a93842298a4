/** A credential that is refused while clocks differ: whose clock is how far off is said where people look. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WorkState } from '../shared/recall/decision.ts'
import { decide } from '../shared/recall/steps.ts'
import { aheadOf, skewSentence } from '../shared/clock-skew.ts'
import { type Service, startService } from './support/service.ts'

describe("an answer's Date", () => {
  const second = 1000
  it('tells how far ahead or behind our clock is, however long the answer took', () => {
    const start = Date.UTC(2026, 10, 29)
    fc.assert(
      fc.property(
        fc.integer({ min: -86_400, max: 86_400 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seconds, tookMs, way) => {
          const ours = start + Math.floor(tookMs * way)
          const date = new Date(ours - seconds * second).toUTCString()
          const ahead = aheadOf(date, start, start + tookMs)
          // never more than it is, and never less by more than the answer took and the second that a Date leaves out
          if (ahead === 0) expect(Math.abs(seconds) * second).toBeLessThan(5000 + tookMs + second)
          else {
            expect(Math.sign(ahead)).toBe(Math.sign(seconds))
            expect(Math.abs(Math.abs(ahead) - Math.abs(seconds) * second)).toBeLessThanOrEqual(tookMs + second)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
  it.each([undefined, '', 'yesterday', '2026-11-29T00:00:00Z', '1795916094'])('says nothing where it is %j', date => {
    expect(aheadOf(date, 0, 0)).toBe(0)
  })
  it('is told in seconds', () => {
    expect(skewSentence(95_400, "the vendor's")).toBe("our clock is 95 s ahead of the vendor's")
    expect(skewSentence(-95_400, "the vendor's")).toBe("our clock is 95 s behind the vendor's")
    expect(skewSentence(0, "the vendor's")).toBeNull()
  })
})

it('is said while calls pause, too', () => {
  const work: WorkState = {
    operation: 'revoke',
    ladder: ['revoke'],
    step: 'act',
    confirmations: 0,
    failures: 0,
    unsettled: 0,
    devices: 1,
    record: null,
    remainingMs: 3_600_000,
  }
  const view = {
    capability: () => undefined,
    canReadStatus: false,
    isWhole: () => false,
    assess: () => {
      throw new Error('not asked')
    },
  }
  const detailOf = (cause: 'vendor' | 'credential', clockAheadMs: number) => {
    const { change } = decide(work, { kind: 'open', cause, waitMs: 1000, clockAheadMs, record: null }, view, 0)
    return change.kind === 'later' ? change.blocked?.detail : null
  }
  const pause = 'The vendor does not take the credential: calls pause until it takes one.'
  expect(detailOf('credential', 95_000)).toBe(`${pause} Our clock is 95 s ahead of the vendor's.`)
  expect(detailOf('credential', 0)).toBe(pause)
  expect(detailOf('vendor', 95_000)).not.toContain('clock')
})

describe('a recall whose credential is refused', () => {
  /** So far the vendor's clock is behind ours, in seconds; null: its answers carry no Date. */
  let behind: number | null = 0
  let service: Service
  let number = 0
  const vendor = createServer((request, response) => {
    request.resume().on('end', () => {
      if (behind === null) response.sendDate = false
      else response.setHeader('date', new Date(Date.now() - behind * 1000).toUTCString())
      const auth = { code: '80200001', msg: 'no', requestId: '1', retCode: 1008003, errMsg: 'auth failure' }
      response.end(JSON.stringify(auth))
    })
  })
  beforeAll(async () => {
    await new Promise<void>(resolve => vendor.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`
    service = await startService({
      secrets: demo =>
        Object.fromEntries(
          ['news-android', 'news-harmony'].map(app => {
            const name = `unpush/apps/${app}`
            return [name, { ...(demo[name] as object), endpoint }]
          }),
        ),
    })
  })
  afterAll(async () => {
    await service.close()
    vendor.closeAllConnections()
    vendor.close()
  })

  const recall = async (app: string) => {
    number += 1
    const target = app === 'news-harmony' ? { app, notifyId: number, tokens: ['t'] } : { app, pushId: String(number) }
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target, reason: 'r' },
      { headers: { prefer: 'wait=2' } },
    )
    // a busy machine may not have asked the vendor when the request ends, nor anybody have begun to
    const blocked = async () => (await service.call('GET', `/v1/recalls/${body.id}`)).body.blocked
    if (body.blocked === null) await expect.poll(blocked).not.toBeNull()
    return body.blocked ?? blocked()
  }
  const forget = () => service.gateway.runtime.ledger.query('delete from breaker')

  it.each([
    [
      'news-harmony',
      95,
      /^The vendor does not take the credential \(80200001\), and our clock is ([6-8]\d|9[0-6]) s ahead of the vendor's\.$/,
    ],
    ['news-harmony', -95, /, and our clock is ([6-8]\d|9[0-6]) s behind the vendor's\.$/],
    ['news-android', 3700, /, and our clock is (36[6-9]\d|370[01]) s ahead of the vendor's\.$/],
    ['news-harmony', 0, /^The vendor does not take the credential \(80200001\)\.$/],
    ['news-harmony', null, /^The vendor does not take the credential \(80200001\)\.$/],
  ])('says so: %s, %s s', async (app, seconds, detail) => {
    await forget()
    behind = seconds
    expect(await recall(app)).toMatchObject({ by: 'credential', detail: expect.stringMatching(detail) })
  })

  it('says so in the log', async () => {
    await forget()
    behind = 95
    await recall('news-harmony')
    const lines = service.logged.filter(line => line.includes('credential refused, and clocks differ'))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('')).toContain('"app":"news-harmony"')
  })
})
