/** What is genuine is accepted, whichever secret signed it; everything else is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import type { SignedDelivery } from '../../sandbox/signers.ts'
import { allSources } from '../../shared/moderation/sources.ts'
import { negativesOf, oddButGenuine } from './negatives.ts'
import { actingSources, endpointOf, open, signerOf, subjects } from './subjects.ts'

const sources = await allSources()

const said = { content: 'article:42', verdict: 'block' as const }

it('is tested for every source that may act', () => {
  expect(subjects.map(({ name }) => name)).toEqual(actingSources)
})

describe.each(subjects)('$name', subject => {
  const { name } = subject
  const signer = signerOf(name)
  const secret = makeSignerSecret(subject.name)
  const other = makeSignerSecret(subject.name)
  const mine = publishedSecret(secret)
  const theirs = publishedSecret(other)

  it('accepts 200 generated deliveries, and says what they say', () => {
    const endpoint = endpointOf(name, mine)
    const seed = Date.now()
    console.log(`${name}: seed ${seed}`)
    const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(text => !text.includes('\0'))
    const verdict = fc.constantFrom('block' as const, 'review' as const, 'pass' as const)
    fc.assert(
      fc.property(id, verdict, fc.string(), (content, decision, label) => {
        const sent = signer.sign(signer.write({ content, verdict: decision, label: `l${label}` }), secret)
        const [first, ...rest] = open(endpoint, sent)?.verdicts ?? []
        expect(first).toMatchObject({ content })
        const operation = endpoint.operationFor(first ?? { decision: null, action: null })
        expect(operation).toBe(decision === 'block' ? 'revoke' : null)
        expect(rest).toEqual([])
      }),
      { seed, numRuns: 200 },
    )
  })

  it.each([
    ['one secret as a list', (older: object) => [older]],
    ['a list of two, the older one last', (older: object) => [theirs, older]],
    ['members that are lists of two', (older: { [name: string]: string }) => listed(theirs, older)],
  ])('accepts with %s', (_what, document) => {
    const endpoint = endpointOf(name, document(mine))
    for (let i = 0; i < 200; i++) {
      expect(open(endpoint, signer.sign(signer.write({ ...said, content: `a${i}` }), secret))).not.toBeNull()
    }
  })

  it('puts the prefix before the content, and gives repeats one key', () => {
    const sent = signer.sign(signer.write({ content: '42', verdict: 'block' }), secret)
    const endpoint = endpointOf(name, [theirs, mine], { contentPrefix: 'article:' })
    const opened = open(endpoint, sent)
    expect(opened?.verdicts[0]?.content).toBe('article:42')
    expect(open(endpointOf(name, mine), sent)?.key).toBe(opened?.key)
    expect(open(endpoint, signer.sign(signer.write({ content: '43', verdict: 'block' }), secret))?.key).not.toBe(
      opened?.key,
    )
  })

  it('refuses at least 20 kinds of what is not genuine', () => {
    const json = signer.write(said)
    const genuine = signer.sign(json, secret)
    const negatives = negativesOf(subject, json, genuine, secret, other)
    const endpoint = endpointOf(name, mine)
    expect(open(endpoint, genuine)).not.toBeNull()
    expect(new Set(negatives.map(([kind]) => kind)).size).toBe(negatives.length)
    expect(negatives.length).toBeGreaterThanOrEqual(30)
    expect(negatives.filter(([, sent]) => open(endpoint, sent) !== null).map(([kind]) => kind)).toEqual([])
  })

  it('takes what is odd in members that nobody reads', () => {
    const endpoint = endpointOf(name, mine)
    const json = signer.write(said)
    // one moment for all of them: they are dated by it
    const nowMs = Date.now()
    const read = (text: string) => open(endpoint, signer.sign(text, secret, String(Math.floor(nowMs / 1000))), nowMs)
    const plain = read(json)
    for (const [kind, text] of Object.entries(oddButGenuine(json))) {
      const opened = read(text)
      expect(opened?.verdicts, kind).toEqual(plain?.verdicts)
      expect(opened?.unreadable, kind).toEqual([])
    }
  })

  it('refuses what another source signed', () => {
    const endpoint = endpointOf(name, mine)
    for (const foreign of subjects.filter(candidate => candidate !== subject)) {
      const stranger = signerOf(foreign.name)
      expect(
        open(endpoint, stranger.sign(stranger.write(said), { ...secret, ...makeSignerSecret(foreign.name) })),
      ).toBeNull()
    }
  })
})

describe.each(subjects.filter(({ name }) => tierOf(name) === 'A'))('the time that $name signs', subject => {
  const signer = signerOf(subject.name)
  const secret = makeSignerSecret(subject.name)
  const endpoint = endpointOf(subject.name, publishedSecret(secret))
  const now = 1_800_000_000
  const opens = (timestamp: string) =>
    open(endpoint, signer.sign(signer.write(said), secret, timestamp), now * 1000) !== null

  it('may be at most 300 seconds off', () => {
    for (let t = -301; t <= 301; t++) expect(opens(String(now + t)), `${t} s`).toBe(Math.abs(t) <= 300)
  })
  it.each(
    ['', '0', 'NaN', '123abc', `${now}abc`, `-${now}`, `+${now}`, `${now}.0`, `${now}000`, `0${now}`, '1.8e9'].concat([
      ` ${now}`,
      `${now} `,
      '0x6b49d200',
      '１８００００００００',
      `${now}, ${now}`,
      '2027-01-15T08:00:00Z',
    ]),
  )('must be ten digits, and is not in "%s"', timestamp => {
    expect(opens(timestamp)).toBe(false)
  })
})

it('refuses 20,000 deliveries with one bit flipped: every bit, again and again', () => {
  let flips = 0
  while (flips < 20_000) {
    for (const subject of subjects) {
      const secret = makeSignerSecret(subject.name)
      const endpoint = endpointOf(subject.name, publishedSecret(secret))
      const sent = signerOf(subject.name).sign(signerOf(subject.name).write(said), secret)
      for (const flipped of oneBitAway(sent)) {
        flips++
        if (open(endpoint, flipped) !== null) expect(flipped, `${subject.name}: accepted`).toBeNull()
      }
    }
  }
  expect(flips).toBeGreaterThanOrEqual(20_000)
})

function listed(one: { [name: string]: string }, two: { [name: string]: string }): object {
  return Object.fromEntries(Object.keys(one).map(name => [name, [one[name], two[name]]]))
}

/** Of the body and of every header that is signed. */
function* oneBitAway({ headers, body }: SignedDelivery): Generator<SignedDelivery> {
  for (const flipped of flips(body)) yield { headers, body: flipped }
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'content-type') continue
    for (const flipped of flips(Buffer.from(value, 'latin1'))) {
      yield { headers: { ...headers, [name]: flipped.toString('latin1') }, body }
    }
  }
}

function* flips(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield flipped
  }
}

function tierOf(name: string) {
  return sources.find(source => source.name === name)?.tier
}
