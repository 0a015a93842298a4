/** Every sentence for people has a code, and every code its words: what is said anywhere, by whatever vendor, at whatever step. */
import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noticeText } from '../dashboard/words/notices.ts'
import { askedOperations } from '../shared/asked-operation.ts'
import { noticesIn, noticesOf, sentences } from '../shared/notice-codes.ts'
import { allProviders } from '../shared/providers/registry.ts'
import type { Credentials, Provider } from '../shared/providers/provider.ts'
import { type Operation, operations } from '../shared/operation.ts'
import { takesTokens } from '../shared/recall/addressing.ts'
import { plannedWarnings, planTarget, withoutTokens } from '../shared/recall/plan.ts'
import type { VendorView } from '../shared/recall/decision.ts'
import { decide } from '../shared/recall/steps.ts'
import { openCredentials, type Subject } from './providers/subject.ts'
import { sentenceOf } from '../shared/sentences.ts'
import { serviceNoticesIn } from '../shared/service-codes.ts'
import type { WordTable } from '../shared/words.ts'

const isStop = (operation: Operation) => operation === 'stop'
const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const providers = await allProviders()

/** Throws where something that is said is not known. `own`: of the vendor that it is about. */
function known(texts: readonly string[], own: WordTable | null = null): void {
  for (const text of texts) {
    const others = noticesIn(text, own).filter(({ code }) => code === 'other')
    if (others.length > 0) throw new Error(`no code: ${JSON.stringify(others)} in ${JSON.stringify(text)}`)
  }
}

const samples: { readonly [name: string]: readonly string[] } = {
  operation: operations,
  instead: operations,
  code: ['1008007', 'HTTP 503', 'unsupported', '80200001'],
  devices: ['1', '1200000'],
  gone: ['3'],
  count: ['2'],
  seconds: ['95'],
  requests: ['request', 'requests'],
  direction: ['ahead of', 'behind'],
  path: ['', '/title', '/options/huawei/category'],
  provider: ['tpns', 'huawei', 'fake-tasks'],
  app: ['news-ios'],
  id: ['promo-2026', 'msg_1.2:3'],
  audience: ['all', 'account_list', 'an audience it does not tell'],
  type: ['message', 'unknown'],
  status: ['PUSH_REVOKED', ''],
  day: ['2025-03-25'],
  message: ['is required', 'must have at most 20 characters'],
  member: ['android.action'],
  members: ['messageId', 'tag or collapseKey'],
  devicesNamed: ['Phone, Tablet and PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19)'],
}

describe('a sentence', () => {
  const forms = [
    ...Object.entries(sentences).map(([code, sentence]) => ({ code, sentence, own: null })),
    ...providers.flatMap(({ sentences: own }) =>
      Object.entries(own)
        // what a limit is called is no sentence, and stands alone
        .filter(([, [sentence]]) => /[.:}]$/.test(sentence))
        .map(([code, [sentence]]) => ({ code, sentence, own })),
    ),
  ]
  const ownOf = (several: readonly { readonly own: WordTable | null }[]) => several.find(({ own }) => own !== null)?.own
  const said = fc.constantFrom(...forms).chain(({ code, sentence, own }) => {
    const names = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const values = names.map(name => fc.constantFrom(...(samples[name] ?? ['one of this', 'an hour'])))
    return fc.tuple(...values).map(given => {
      let place = 0
      return { code, own, text: sentence.replace(/\{\w+\}/g, () => given[place++] ?? ''), names, given }
    })
  })

  it('is read back with all that it says, alone and among others', () => {
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 4 }), several => {
        // of one vendor at most
        const own = ownOf(several)
        const texts = several
          .filter(one => one.own === null || one.own === own)
          .filter(({ names }, n, all) => n === all.length - 1 || !names.includes('reason'))
        const found = noticesIn(texts.map(({ text }) => text).join(' '), own)
        expect(found.map(({ code }) => code)).toEqual(texts.map(({ code }) => code))
        for (const [n, { names, given }] of texts.entries())
          expect(Object.entries(found[n]?.params ?? {}).map(([name, value]) => [name, String(value)])).toEqual(
            Object.entries(Object.fromEntries(names.map((name, place) => [name, given[place]]))),
          )
      }),
      { numRuns: soak ? 20_000 : 1000 },
    )
  })

  it('is said in both languages with the same parts', () => {
    fc.assert(
      fc.property(said, ({ text, own }) => {
        const [notice] = noticesIn(text, own)
        if (notice === undefined) throw new Error(text)
        expect(noticeText(notice, false).toLowerCase()).toBe(text.toLowerCase())
        const zh = noticeText(notice, true)
        expect(zh).not.toMatch(/[{}]/)
        expect(zh).toMatch(/\p{Script=Han}/u)
      }),
      { numRuns: 1000 },
    )
  })

  it('that is not known keeps its words', () => {
    expect(noticesIn('Something new.')).toEqual([{ code: 'other', params: { text: 'Something new.' } }])
    expect(noticeText({ code: 'other', params: { text: 'Something new.' } }, true)).toBe('Something new.')
    expect(noticesIn('')).toEqual([])
  })

  it('that was kept with its notice says it once, with all that was kept', () => {
    const notice = { code: 'identical_overlay', params: { windowSeconds: 3600, certain: false } } as const
    const own = { own_badges: ['Badges keep their number.', '角标数字不变。'] } as const
    expect(noticesOf(['Badges keep their number.', sentenceOf(notice)], [notice], own)).toEqual([
      { code: 'own_badges', params: {} },
      notice,
    ])
    expect(noticeText({ code: 'own_badges', params: {} }, true, own)).toBe('角标数字不变。')
  })
})

const text = fc.constantFrom('t', '更正')
const overlay = fc.option(
  fc.record({
    title: text,
    body: text,
    url: fc.constantFrom(null, 'https://a.example/', 'app://x'),
    forceCollapse: fc.boolean(),
    options: fc.constantFrom(
      {},
      { tpns: { android: { custom_content: '{}', action: {} } } },
      { tpns: { ios: { custom_content: '{}' } } },
      { tpns: { none: 1 } },
      { huawei: { none: 1 } },
    ),
  }),
)
const record = fc.option(
  fc.record({
    status: fc.constantFrom(
      null,
      'PUSH_FINISHED',
      'PUSH_WAIT',
      'PUSH_CANCELED',
      'PUSH_REVOKED',
      'PUSH_COLLAPSED',
      'PUSH_DELETED',
      'PUSH_DELETED_PUSH_MSG',
      'PUSH_FAILED',
    ),
    scheduled: fc.boolean(),
    detail: fc.record({
      pushType: fc.constantFrom(null, 'all', 'tag', 'package_account_push', 'account_list', 'token', 'odd_words'),
      messageType: fc.constantFrom('notify', 'message', null),
      environment: fc.constantFrom('product', null),
      collapseID: fc.constantFrom(0, 7),
      uploadId: fc.constantFrom(null, '5'),
      tagSet: fc.constantFrom(null, {}, { op: 'OR', tagWithType: [{ tagTypeName: 'xg_user_define', tagValue: 'v' }] }),
    }),
  }),
)
const audience = fc.constantFrom(
  null,
  'all',
  'tag',
  'package',
  'account',
  'account_list',
  'token_list',
  '{"alias":["somebody"]}',
  'left:{"alias":1}',
)
/** As the contract suite has them; of the vendors that have two platforms, for both. */
const subjects = new Map<string, Subject>(
  await Promise.all(
    providers.map(async ({ name }) => [name, (await import(`./providers/${name}/subject.ts`)).subject] as const),
  ),
)
const opened = new Map(
  [...subjects].map(([name, { provider, document }]) => [name, openCredentials(provider, document)]),
)
function credentialsOf(platform: string, name: string): Credentials | null {
  const credentials = opened.get(name) ?? null
  return credentials !== null && 'platform' in credentials ? Object.assign({}, credentials, { platform }) : credentials
}
const vendor = fc.constantFrom(...providers)
const wanted = fc.record({
  vendor,
  platform: fc.constantFrom('android', 'ios'),
  operation: fc.constantFrom(...askedOperations),
  overlay,
  record,
  audience,
})
const numRuns = soak ? 50_000 : 1500

describe('whatever is said', () => {
  it('by a plan has a code', () => {
    const flags = fc.record({
      fallback: fc.boolean(),
      superseded: fc.boolean(),
      overlaidAlike: fc.boolean(),
      unread: fc.boolean(),
      excepts: fc.boolean(),
    })
    const seen = new Set<string>()
    fc.assert(
      fc.property(wanted, flags, ({ vendor: provider, platform, ...input }, { unread, ...flagged }) => {
        const credentials = unread ? null : credentialsOf(platform, provider.name)
        const plan = planTarget({
          ...input,
          ...flagged,
          today: '2026-11-29',
          app: 'news-android',
          handle: '7',
          names: null,
          audienceSize: null,
          provider,
          credentials,
        })
        for (const shown of [
          plan,
          withoutTokens(plan, { devices: 5, gone: 2, unsealed: false }, isStop),
          withoutTokens(plan, { devices: 5, gone: 5, unsealed: false }, isStop),
          withoutTokens(plan, { devices: 5, gone: 5, unsealed: false }, () => false),
        ]) {
          const texts = operations.flatMap(operation => plannedWarnings(shown, operation))
          known(texts, provider.sentences)
          for (const { code } of noticesOf(texts, shown.notices, provider.sentences)) seen.add(code)
        }
      }),
      { numRuns },
    )
    // the rarest want many runs
    expect(seen.size).toBeGreaterThan(soak ? 35 : 28)
  })

  it('at any step of a unit of work has a code', () => {
    const outcome = fc
      .tuple(
        fc.constantFrom(
          'accepted',
          'already_done',
          'too_late',
          'not_found',
          'auth',
          'unsupported',
          'refused',
          'unknown',
          'throttled',
          'partial',
        ),
        fc.constantFrom(null, '1008007', '80300007'),
        fc.constantFrom(null, 200, 503),
        fc.constantFrom(
          'timed out after 10000 ms',
          'reset: connection closed',
          'HTTP 502: an answer. Of two sentences',
        ),
        fc.constantFrom(0, 95_000, -95_000),
        fc.boolean(),
      )
      .map(([kind, code, httpStatus, reason, clockAheadMs, quota]) => ({
        kind,
        vendor: { code, httpStatus, message: null, requestId: null },
        reason,
        clockAheadMs,
        quota,
        retryAfterMs: null,
        rejected: [],
        unknown: 1,
      }))
    const result = fc.oneof(
      fc.record({ kind: fc.constant('acted'), outcome, record }),
      fc.record({ kind: fc.constant('read'), reading: fc.record({ outcome, record }), record }),
      fc.record({
        kind: fc.constant('used_up'),
        lane: fc.constantFrom('query', 'tokens'),
        waitMs: fc.constantFrom(10, 90_000),
        quota: fc.boolean(),
        record,
      }),
      fc.record({
        kind: fc.constant('open'),
        cause: fc.constantFrom('vendor', 'credential'),
        waitMs: fc.constant(10),
        clockAheadMs: fc.constantFrom(0, 95_000, -95_000),
        record,
      }),
      fc.record({ kind: fc.constant('gone'), what: fc.constantFrom('tokens', 'audience', 'text'), record }),
      fc.record({ kind: fc.constant('superseded'), record: fc.constant(null) }),
      fc.record({
        kind: fc.constant('locked'),
        detail: fc.constantFrom(
          'The app news-ios is gone from unpush/apps.',
          'The credentials of news-ios cannot be used now. The log says why.',
        ),
        record,
      }),
    )
    const state = fc.record({
      operation: fc.constantFrom(...operations),
      ladder: fc.subarray([...operations], { minLength: 1 }),
      step: fc.constantFrom('read', 'act', 'sent', 'confirm', 'meanwhile', 'prove'),
      confirmations: fc.nat(3),
      failures: fc.nat(3),
      unsettled: fc.nat(3),
      devices: fc.constantFrom(null, 3),
      record,
      remainingMs: fc.constantFrom(0, 3_600_000),
    })
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        vendor,
        fc.constantFrom('android', 'ios'),
        state,
        result,
        audience,
        (provider: Provider, platform, work, came, to) => {
          const credentials = credentialsOf(platform, provider.name)
          if (credentials === null) throw new Error(provider.name)
          const view: VendorView = {
            capability: operation => provider.capabilities.operations[operation],
            canReadStatus: provider.status !== undefined,
            isWhole: () => !takesTokens(provider),
            assess: (operation, known, acted = false) =>
              provider.assess(operation, {
                credentials,
                names: subjects.get(provider.name)?.requests.any.names ?? {},
                audience: to,
                record: known,
                acted,
                overlay: null,
              }),
          }
          const decision = decide(work, came, view, 0.5)
          const detail = decision.change.kind === 'later' ? (decision.change.blocked?.detail ?? '') : ''
          // what the vendor or a socket said stands in it as it was said
          const texts = [...decision.warnings, detail]
          known(texts, provider.sentences)
          for (const { code } of noticesOf(texts, decision.notices, provider.sentences)) seen.add(code)
        },
      ),
      { numRuns },
    )
    expect(seen.size).toBeGreaterThan(20)
  })

  it('in the sources has a code, wherever it is made', async () => {
    const files = [
      'recall/view.ts',
      'recall/show-plan.ts',
      'recall/plan.ts',
      'recall/decision.ts',
      'recall/steps.ts',
      'recall/proof.ts',
      'recall/postpone.ts',
      'recall/ladder.ts',
      'recall/vendor-view.ts',
      'recall/superseded.ts',
      'recall/without-reply.ts',
      'recall/next-request.ts',
    ].map(file => ({ file, own: null as WordTable | null }))
    for (const { name, sentences: own } of providers) {
      const folder = await readdir(new URL(`../shared/providers/${name}/`, import.meta.url))
      files.push(
        ...folder
          .filter(file => file.endsWith('.ts') && !['texts.ts', 'documents.ts'].includes(file))
          .map(file => ({ file: `providers/${name}/${file}`, own })),
      )
    }
    let found = 0
    for (const { file, own } of files) {
      const source = await readFile(new URL(`../shared/${file}`, import.meta.url), 'utf8')
      const code = source
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/^\s*\/\/.*$/gm, '')
        .replace(/note: .*$/gm, '')
      // whole sentences without a gap; those with one are said by the runs above
      for (const [, , literal = ''] of code.matchAll(/(['"])([A-Z][^'"\n]{14,}?\.)\1/g)) {
        const others = serviceNoticesIn(literal, own).filter(({ code }) => code === 'other')
        expect(others, file).toEqual([])
        found += 1
      }
    }
    expect(found).toBeGreaterThan(30)
    const schema = await readFile(new URL('../shared/ledger/schema.sql', import.meta.url), 'utf8')
    known([/'(Set aside after [^']+)'/.exec(schema)?.[1] ?? 'nothing'])
  })
})
