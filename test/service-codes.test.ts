/** What is said of a deployment has codes, too: wherever an answer holds a sentence, its codes stand beside it, and are known. */
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noticeText } from '../dashboard/words/notices.ts'
import { vendorSentences } from '../dashboard/words/vendors/sentences.ts'
import { document } from './dashboard/document.ts'
import { serviceNoticesIn, serviceSentences } from '../shared/service-codes.ts'
import { type Notice, sentenceOf } from '../shared/sentences.ts'
import { allProviders } from '../shared/providers/registry.ts'
import type { WordTable } from '../shared/words.ts'
import { readSources } from './support/sources.ts'
import { type Service, startService } from './support/service.ts'

const codesIn = (text: string, own?: WordTable) => serviceNoticesIn(text, own).map(({ code }) => code)
const han = /\p{Script=Han}/u

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: demo => ({ ...demo, 'unpush/apps/unreadable': { provider: 'nobody' } }),
  })
})
afterAll(() => service.closeWhole())

describe('every sentence of an answer', () => {
  /** Members that hold sentences of ours, wherever they stand. Of a refusal (`Problem`) the slug is the code. */
  const sentences = new Set(['detail', 'problem', 'note', 'stale', 'warnings', 'refusal', 'unit'])
  interface Schema {
    readonly properties?: { readonly [name: string]: Schema }
    readonly [keyword: string]: unknown
  }
  const objects = (schema: unknown, path: string): [string, Schema][] => {
    if (typeof schema !== 'object' || schema === null) return []
    const own: [string, Schema][] = 'properties' in schema ? [[path, schema as Schema]] : []
    return [...own, ...Object.entries(schema).flatMap(([name, value]) => objects(value, `${path}/${name}`))]
  }

  it('has its codes beside it, by the document of the API', () => {
    const found = Object.entries(document.components.schemas)
      .filter(([name]) => !/^(Problem|AuditRecord|AuditList)$/.test(name))
      .flatMap(([name, schema]) => objects(schema, name))
      .filter(([, { properties = {} }]) => Object.keys(properties).some(member => sentences.has(member)))
    expect(found.length).toBeGreaterThan(12)
    const without = found.filter(([, { properties = {} }]) => !('notices' in properties) && !('code' in properties))
    expect(without.map(([path]) => path)).toEqual([])
  })

  const body = async (path: string, role: 'viewer' | 'operator' | null = 'viewer') =>
    (await service.call('GET', path, undefined, { role })).body
  /** Sentences of an answer, with what stands beside them. */
  const told = (value: unknown): [string, unknown][] => {
    if (typeof value !== 'object' || value === null) return []
    const members = Object.entries(value)
    const notices = (value as { notices?: unknown }).notices
    const own = members.flatMap(([name, text]): [string, unknown][] =>
      sentences.has(name) && typeof text === 'string' ? [[text, notices]] : [],
    )
    return [...own, ...members.flatMap(([, member]) => told(member))]
  }

  it('of capabilities, health and readiness is one that is known', async () => {
    await service.gateway.runtime.ledger.query("delete from pulse where name = 'sweep'")
    const asked = [await body('/v1/capabilities'), await body('/v1/health'), await body('/readyz', null)]
    const said = asked.flatMap(told)
    expect(said.length).toBeGreaterThan(30)
    for (const [text, notices] of said) {
      expect(notices, text).not.toEqual([])
      for (const notice of notices as { code: string; params: object }[]) {
        expect(notice.code, text).not.toBe('other')
        expect(noticeText({ ...notice, params: {} }, true)).toMatch(han)
      }
    }
    const sick = asked[1].apps.find(({ app }: { app: string }) => app === 'unreadable')
    expect(sick.notices).toEqual([{ code: 'credentials_unreadable', params: {} }])
    expect(asked[2].checks.sweep.notices).toEqual([{ code: 'sweep_silent', params: { seconds: 180 } }])
  })
})

describe('a sentence of the service', () => {
  it('of any vendor’s channels and limits is known', async () => {
    let found = 0
    for (const { capabilities, sentences } of await allProviders()) {
      const rows = Object.values(capabilities.operations).flatMap(operation => operation?.channels ?? [])
      const texts = [
        ...rows.flatMap(({ note }) => note ?? []),
        ...capabilities.limits.flatMap(({ name, unit }) => [name, unit]),
      ]
      for (const text of texts) expect(codesIn(text, sentences), text).not.toContain('other')
      // one for the name, one for the unit
      for (const { name, unit } of capabilities.limits)
        expect([...codesIn(name, sentences), ...codesIn(unit)]).toHaveLength(2)
      found += texts.length
    }
    expect(found).toBeGreaterThan(30)
  })

  it('in the sources is known, wherever it is made', async () => {
    const paths =
      /^shared\/(health|ledger\/looks|secrets\/warnings|app-health\/(check|health)|recall\/(status|capabilities)|limits|recall\/paused|moderation\/verdict-row|webhooks\/(formats|guarded-post|try-delivery))\.ts$/
    let found = 0
    for (const { path } of (await readSources()).filter(source => paths.test(source.path))) {
      const source = await readFile(new URL(`../${path}`, import.meta.url), 'utf8')
      const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
      // thrown to nobody but a log, or told when a subscriber is disabled
      const elsewhere =
        /There is no app|tells no status|has no record of|receiver is gone|A delivery failed|Nothing (is known|was read)/
      for (const [, , literal = ''] of code.matchAll(/(['"`])([A-Z$][^'"`\n]{9,}?\.)\1/g)) {
        if (elsewhere.test(literal)) continue
        const text = literal.replace(/\$\{([^{}]|\{[^{}]*\})*\}/g, given =>
          /operation/.test(given) ? 'stop' : /second|ms|Ms|minute|floor|most|devices/i.test(given) ? '7' : 'x1',
        )
        expect(codesIn(text), `${path}: ${literal}`).not.toContain('other')
        found += 1
      }
    }
    expect(found).toBeGreaterThan(20)
  })

  const samples: { readonly [name: string]: readonly string[] } = {
    seconds: ['180'],
    minutes: ['7'],
    milliseconds: ['8000'],
    devices: ['1200000'],
    limit: ['600'],
    operation: ['revoke'],
    id: ['rcl_06ck', 'pse_1'],
    paused: ['key', 'person', 'app', 'endpoint'],
    secret: ['unpush/access'],
    outcome: ['unknown', 'throttled'],
    code: ['ECONNRESET', 'errcode 45009', 'no code'],
    span: ['1 second', '17 seconds'],
    bound: ['limits.recallsPerHour', 'the limit of deliveries in a second'],
    payer: ['endpoint:e_1', 'li.wei'],
    because: ['item.id is not an id', 'must not point to 10.0.0.1 (private)'],
    itemType: ['user', 'Some Type'],
    host: ['hooks.example.com', '10.0.0.1'],
  }
  it('is read back with all that it says, and said in both languages', () => {
    const said = fc.constantFrom(...Object.entries(serviceSentences)).chain(([code, sentence]) => {
      const names = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      return fc.tuple(...names.map(name => fc.constantFrom(...(samples[name] ?? ['news', 'a b'])))).map(given => {
        let place = 0
        return { code, names, given, text: sentence.replace(/\{\w+\}/g, () => given[place++] ?? '') }
      })
    })
    fc.assert(
      fc.property(said, ({ code, names, given, text }) => {
        const [notice, second] = serviceNoticesIn(text)
        if (notice === undefined) throw new Error(text)
        expect([notice.code, second], text).toEqual([code, undefined])
        expect(names.map(name => String(notice.params[name]))).toEqual(given)
        expect(noticeText(notice, false)).toBe(text)
        const zh = noticeText(notice, true)
        expect(zh).toMatch(han)
        expect(zh).not.toMatch(/[{}]/)
      }),
      { numRuns: 1000 },
    )
  })

  it('begins no other one with a name or a unit', () => {
    expect(codesIn('Devices of this app were counted.')).toEqual(['other'])
    expect(codesIn('tokens')).toEqual(['unit_tokens'])
    expect(serviceNoticesIn(null)).toEqual([])
  })

  it('has parts that are words in Chinese, too', () => {
    const dead =
      '3 requests ended with no device known to be reached (1 refused, 1 given up, 1 with an unknown outcome); a retry of recall rcl_1 tries exactly those again.'
    const said = [
      dead,
      dead.replace('of recall rcl_1', 'of this recall'),
      'The vendor refuses a second identical push to everybody within an hour.',
      "TPNS's own record says that this push was revoked already.",
      'The key ops is paused (pse_1): 泄露',
    ].map(text => noticeText(serviceNoticesIn(text, vendorSentences)[0] ?? { code: 'other', params: {} }, true))
    for (const text of said) expect(text.replace(/TPNS|rcl_1|pse_1|ops|push token/g, '')).not.toMatch(/[A-Za-z]{3}/)
  })

  it('that was kept as a notice is whole in both languages', () => {
    const kept: readonly Notice[] = [
      ...(['budget', 'unreadable', 'record'] as const).map(
        because =>
          ({ code: 'unconfirmed', params: { operation: 'revoke', because, status: 'PUSH_FINISHED' } }) as const,
      ),
      { code: 'unrecorded', params: { operation: 'stop' } },
      { code: 'sent_meanwhile', params: { operation: 'revoke', sent: 'stop' } },
      { code: 'identical_overlay', params: { windowSeconds: 3600, certain: true } },
      { code: 'identical_overlay', params: { windowSeconds: 60, certain: false } },
      { code: 'superseded', params: {} },
    ]
    const zh = kept.map(notice => noticeText(notice, true))
    for (const notice of kept) expect(noticeText(notice, false)).toBe(sentenceOf(notice))
    expect(new Set(zh).size).toBe(kept.length)
    // no blank where a part was, and no English word but names
    for (const text of zh) expect(text.replace(/PUSH_\w+/g, '')).not.toMatch(/[A-Za-z]{3}|：。|  /)
  })
})
