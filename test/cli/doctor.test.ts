/** `doctor` and `audit` against the whole service, and against files that somebody changed. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createChainReader, recordIn } from '../../cli/chain-file.ts'
import { hashRecord, noHash } from '../../shared/audit/chain.ts'
import type { AuditRecord } from '../../shared/ledger/audit.ts'
import { type Service, startService } from '../support/service.ts'
import { commandLine, type Typing } from '../support/command-line.ts'

let service: Service
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-cli-'))
  service = await startService()
  for (const timer of ['sweep', 'expire'])
    await service.call('POST', `/_local/timers/${timer}`, undefined, { role: null })
})
afterAll(() => Promise.all([service.close(), rm(folder, { recursive: true, force: true })]))

const as = (role: 'operator' | 'viewer' | 'admin' | 'sender', argv: readonly string[], typing: Typing = {}) =>
  commandLine(argv, { ...typing, variables: { UNPUSH_URL: service.url, UNPUSH_KEY: service.keys[role] } })

describe('doctor', () => {
  it('finds nothing where nothing is wrong', async () => {
    const ended = await as('operator', ['doctor', '--check'])
    expect(ended.exit, ended.out).toBe(0)
    for (const words of ['✓ version', '✓ ledger', 'news-ios (tpns)', 'timer sweep: last', 'All is well.'])
      expect(ended.out).toContain(words)
    expect((await as('viewer', ['doctor', '--lang', 'zh'])).out).toContain('一切正常')
  })

  it('knows a timer that stopped', async () => {
    const later = Date.now() + 3_600_000
    const ended = await as('viewer', ['doctor'], { now: () => later })
    expect([ended.exit, ended.out]).toEqual([10, expect.stringMatching(/✕ timer sweep: last/)])
  })
})

describe('audit', () => {
  const trail = () => join(folder, 'trail.ndjson')
  it('saves all of the trail, whose chain then holds on this machine', async () => {
    for (let i = 0; i < 205; i++) await service.call('POST', '/v1/messages', { id: `m-${i}` })
    const saved = await as('admin', ['audit', '--export', trail()])
    expect(saved.exit, saved.err).toBe(0)
    const lines = (await readFile(trail(), 'utf8')).trim().split('\n')
    expect(lines.length).toBeGreaterThan(204)
    expect(saved.out).toContain(`${lines.length} records`)
    // no service is asked
    const checked = await commandLine(['audit', '--verify', trail()])
    expect([checked.exit, checked.out]).toEqual([0, expect.stringContaining(`records 1 to ${lines.length} follow`)])
    const piped = await as('admin', ['audit', '--export', '-'])
    expect((await commandLine(['audit', '--verify', '-', '--json'], { input: piped.out })).json.bad).toBeNull()
    const refused = await as('viewer', ['audit', '--export', join(folder, 'none.ndjson')])
    expect([refused.exit, refused.err]).toEqual([4, expect.stringContaining('viewer')])
    await expect(readFile(join(folder, 'none.ndjson'))).rejects.toThrow('ENOENT')
  })

  it('names the first record that is not as it was sealed, from whichever end', async () => {
    const lines = (await readFile(trail(), 'utf8')).trim().split('\n')
    const changed = lines.map(line => (recordIn(line)?.seq === 7 ? line.replace('"actor":"', '"actor":"x') : line))
    for (const order of [changed, changed.toReversed()]) {
      const ended = await commandLine(['audit', '--verify', '-'], { input: order.join('\n') })
      expect([ended.exit, ended.out]).toEqual([10, expect.stringContaining('record 7 does not follow')])
    }
    const document = JSON.stringify(
      { recall: 'rcl_x', chain: lines.slice(0, 20).map(line => JSON.parse(line)) },
      null,
      2,
    )
    const evidence = await commandLine(['audit', '--verify', '-'], { input: document })
    expect([evidence.exit, evidence.out]).toEqual([0, expect.stringContaining('The file begins at record')])
  })

  it('meets the evidence of a recall with the trail, from a file or from the service', async () => {
    const tokens = service.sandbox.harmonyTokens().slice(0, 2)
    const target = { app: 'news-harmony', notifyId: 4711, tokens }
    const { body: recall } = await service.call(
      'POST',
      '/v1/revoke',
      { target, reason: 'r' },
      { headers: { prefer: 'wait=10' } },
    )
    const { body: events } = await service.call('GET', `/v1/recalls/${recall.id}/events`)
    const later = join(folder, 'later.ndjson')
    expect((await as('admin', ['audit', '--export', later])).exit).toBe(0)
    // as the console saves it
    const evidence = { of: 'unpush recall', recall, events: events.items }
    const marked = events.items.filter((event: { audit?: object }) => event.audit)
    expect(marked.length).toBeGreaterThan(1)
    const verify = async (saved: object, ...more: string[]) => {
      const argv = ['audit', '--verify', '-', ...more]
      return as('admin', argv, { input: JSON.stringify(saved, null, 2) })
    }
    for (const more of [[], [later]]) {
      const whole = await verify(evidence, ...more)
      expect([whole.exit, whole.out]).toEqual([0, expect.stringContaining(`${marked.length} records`)])
      const forged = JSON.parse(JSON.stringify(evidence).replace(marked[1].audit.hash, '0'.repeat(64)))
      expect((await verify(forged, ...more)).exit).toBe(10)
      const members = ['actor', 'person', 'reason', 'operation', 'at', 'state', 'devices']
      const slips = [
        ...marked.flatMap((event: object) =>
          members
            .filter(member => member in event)
            .map(member => ({
              ...evidence,
              events: events.items.map((e: object) => (e === event ? { ...e, [member]: 'x' } : e)),
            })),
        ),
        ...['person', 'requestedBy', 'reason', 'operation'].map(member => ({
          ...evidence,
          recall: { ...recall, [member]: 'x' },
        })),
      ]
      expect(slips.length).toBeGreaterThan(10)
      for (const slip of more.length === 0 ? slips.slice(-1) : slips)
        expect((await verify(slip, ...more)).exit).toBe(10)
      const another = { ...evidence, recall: { ...recall, id: 'rcl_06ckw2m3v4qw2e8r9t0y1s2d3f' } }
      expect((await verify(another, ...more)).exit).toBe(10)
      const without = { ...evidence, events: events.items.filter((event: object) => event !== marked[0]) }
      const left = await verify(without, ...more)
      expect([left.exit, left.out]).toEqual([10, expect.stringContaining('is not told in the evidence')])
    }
    expect((await verify(evidence, trail())).out).toContain('is missing')
    expect((await verify(evidence, join(folder, 'none'))).exit).toBe(2)
  })

  it('does not take what is no trail for one', async () => {
    for (const input of [
      '',
      '\n\n',
      '{}',
      'hello',
      '{"seq":1}',
      `${(await readFile(trail(), 'utf8')).split('\n')[0]}\nhello`,
    ]) {
      const ended = await commandLine(['audit', '--verify', '-'], { input })
      expect([ended.exit, ended.out], input).toEqual([2, ''])
    }
    expect((await commandLine(['audit', '--verify', join(folder, 'missing')])).exit).toBe(2)
    expect((await commandLine(['audit', '--verify', '-', '--export', 'x'])).exit).toBe(2)
  })
})

describe('a chain in a file', () => {
  const sealed = (count: number): AuditRecord[] => {
    const records: AuditRecord[] = []
    for (let seq = 1; seq <= count; seq++) {
      const record = {
        seq,
        at: `2026-11-23T03:00:0${seq % 10}.000000Z`,
        entry: seq % 2 === 0 ? `aud_${seq}` : null,
        actor: 'key:ops',
        person: seq % 3 === 0 ? null : 'li.wei',
        action: 'recall.admitted',
        object: `rcl_${seq}`,
        detail: `{"n":${seq}}`,
        request: null,
        mac: null,
      }
      records.push({ ...record, hash: hashRecord(records.at(-1)?.hash ?? noHash, record) })
    }
    return records
  }
  const found = (records: readonly AuditRecord[]) => {
    const reader = createChainReader()
    for (const record of records) reader.add(record)
    return reader.end()
  }

  it('holds as it was sealed, from either end and from any record on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(29), (count, skipped) => {
        const records = sealed(count).slice(Math.min(skipped, count - 1))
        for (const order of [records, records.toReversed()]) expect(found(order).bad).toBeNull()
      }),
    )
  })

  it('names whatever was changed, taken out, doubled or put in', () => {
    const members = ['at', 'actor', 'person', 'action', 'object', 'detail', 'entry', 'request', 'mac'] as const
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 20 }),
        fc.nat(17),
        fc.constantFrom('change', 'hash', 'drop', 'double'),
        fc.constantFrom(...members),
        fc.boolean(),
        (count, place, how, member, backwards) => {
          const records = sealed(count)
          // in the middle: what is cut at an end only a digest tells
          const at = 1 + (place % (count - 2))
          const victim = records[at] as AuditRecord
          const forged = {
            ...victim,
            ...(how === 'hash' ? { hash: noHash } : { [member]: `${victim[member] ?? ''}x` }),
          }
          const tampered =
            how === 'drop'
              ? records.toSpliced(at, 1)
              : how === 'double'
                ? records.toSpliced(at, 0, victim)
                : records.with(at, forged)
          expect(found(backwards ? tampered.toReversed() : tampered).bad?.seq).toBe(at + 1)
        },
      ),
    )
  })
})

/** Last: of several services in one process the newest gives the secrets. */
describe('doctor of a service with a dead credential', () => {
  beforeAll(async () => {
    await service.close()
    service = await startService({
      secrets: demo => ({
        ...demo,
        'unpush/apps/news-ios': { ...(demo['unpush/apps/news-ios'] as object), secretKey: 'not-the-key-of-this-app' },
      }),
    })
    for (const timer of ['sweep', 'expire'])
      await service.call('POST', `/_local/timers/${timer}`, undefined, { role: null })
  })

  it('names the app and the vendor’s code, and ends with 10', async () => {
    const ended = await as('operator', ['doctor', '--check'])
    expect(ended.exit, ended.out).toBe(10)
    expect(ended.out).toMatch(/✕ news-ios \(tpns\) {2}credential refused since .*\(\d+\)/)
    expect(ended.out).toContain('1 not well.')
    expect(ended.err).toContain('(exit 10)')
    const coloured = await as('viewer', ['doctor'], { color: true })
    expect(coloured.out).toContain('\u001b[31m✕\u001b[39m news-ios')
    // the same words without it
    const bare = await as('viewer', ['doctor'])
    expect(stripVTControlCharacters(coloured.out)).toBe(bare.out)
    expect((await as('viewer', ['doctor', '--json'], { color: true })).out).not.toContain('\u001b')
    const one = await as('viewer', ['doctor', '--app', 'news-ios', '--json'])
    expect([one.exit, one.json.apps.map(({ app }: { app: string }) => app)]).toEqual([10, ['news-ios']])
    expect(one.err).toContain('news-ios')
    expect((await as('viewer', ['doctor', '--app', 'news-harmony'])).exit).toBe(0)
    expect((await as('viewer', ['doctor', '--app', 'none'])).exit).toBe(8)
  })
})
