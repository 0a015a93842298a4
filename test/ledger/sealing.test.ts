/** Sealing, statement by statement: repeats, parts, sizes, several sealers, and what fails. */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { batchBounds, bounds } from '../../shared/bounds.ts'
import { sealSlice, setAside, sliceTokens, waitingTargets } from '../../shared/ledger/sealing.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { addTokens, type Intake, intakeOf, intoParts } from '../../shared/ledger/token-intake.ts'
import { linesOf, sealInHand } from '../../shared/ledger/tokens.ts'
import { soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

export async function newTarget(ledger: Ledger, app = 'a'): Promise<Intake> {
  const [row] = await ledger.query<{ id: number }>(
    "insert into target (position, app, provider, handle) values (0, $1::text, 'p', 'h') returning id",
    [app],
  )
  return intakeOf(ledger, row?.id ?? 0)
}

const sealAll = async (ledger: Ledger, targetId: number) => {
  let slices = 0
  while ((await sealSlice(ledger, targetId, 1)).state === 'sealed') slices++
  return slices
}

async function batchesOf(ledger: Ledger, targetId: number) {
  const rows = await ledger.query<{ seq: number; tokens: string; count: number }>(
    'select seq, tokens, count from token_batch where target_id = $1::text::bigint order by seq',
    [targetId],
  )
  return rows.map(({ tokens, ...row }) => ({
    ...row,
    bytes: Buffer.byteLength(tokens),
    tokens: JSON.parse(tokens) as string[],
  }))
}

describeOnLedgers('sealing', (ledger, engine) => {
  it('keeps each token once, over chunks, parts and slices, and beside batches that came whole', async () => {
    const number = fc.integer({ min: 0, max: 60 })
    await fc.assert(
      fc.asyncProperty(
        fc.option(fc.integer({ min: 1, max: 12 })),
        fc.array(number, { maxLength: 20 }),
        fc.array(
          fc.record({
            numbers: fc.array(number, { maxLength: 40 }),
            large: fc.boolean(),
            // as they come
            brought: fc.boolean(),
            sealed: fc.boolean(),
          }),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        async (most, whole, chunks) => {
          const intake = await newTarget(ledger())
          const text = (value: number) => `t"\\é${value}`
          if (most !== null)
            await ledger().query('update target set batch = $2::text::int where id = $1::text::bigint', [
              intake.targetId,
              most,
            ])
          for (const { seq, tokens, count } of sealInHand(whole.map(text)))
            await ledger().query(
              'insert into token_batch (target_id, seq, tokens, count) values ($1::text::bigint, $2::text::int, $3::text, $4::text::int)',
              [intake.targetId, seq, tokens, count],
            )
          for (const { numbers, large, brought, sealed } of chunks) {
            if (numbers.length > 0 && brought) {
              const before = await batchesOf(ledger(), intake.targetId)
              const pieces = intoParts(linesOf(numbers.map(text)), intake.partSeed, 0)
              expect((await sealSlice(ledger(), intake.targetId, 1, pieces)).state).toBe('sealed')
              // what does not fill one waits for the next
              for (const { count } of (await batchesOf(ledger(), intake.targetId)).slice(before.length))
                expect(count).toBe(most ?? batchBounds.tokens)
            } else if (numbers.length > 0)
              // as for a target that is large: in parts
              await addTokens(ledger(), { ...intake, devices: large ? 1e6 : 0 }, linesOf(numbers.map(text)))
            if (sealed) await sealAll(ledger(), intake.targetId)
          }
          await sealAll(ledger(), intake.targetId)
          const batches = await batchesOf(ledger(), intake.targetId)
          expect(batches.map(({ seq }) => seq)).toEqual(batches.map((_, index) => index))
          for (const { tokens, count } of batches) expect(tokens.length).toBe(count)
          const all = batches.flatMap(({ tokens }) => tokens)
          const unique = new Set([...whole, ...chunks.flatMap(({ numbers }) => numbers)].map(text))
          expect(all.length).toBe(unique.size)
          expect(new Set(all)).toEqual(unique)
          const [sealing] = await ledger().query<{ prints: number; kept: number }>(
            `select s.prints, (select coalesce(sum(cardinality(prints)), 0) from token_print where target_id = $1::text::bigint) as kept
             from sealing s where target_id = $1::text::bigint`,
            [intake.targetId],
          )
          const printed = chunks.some(({ numbers }) => numbers.length > 0) ? unique.size : 0
          expect(sealing).toEqual({ prints: printed, kept: printed })
        },
      ),
      { numRuns: soak ? 2000 : 60 },
    )
  })

  it('makes batches of a thousand, and none of more bytes than a vendor request may have', async () => {
    const intake = await newTarget(ledger())
    const short = Array.from({ length: 2500 }, (_, index) => `t${index}`)
    const long = Array.from({ length: 300 }, (_, index) => `${index}`.padEnd(bounds.tokenBytes.value, '\u0001'))
    const middle = Array.from({ length: 1200 }, (_, index) => `${index}`.padEnd(500, 'x'))
    for (const tokens of [short, long, middle]) await addTokens(ledger(), intake, linesOf(tokens))
    await sealAll(ledger(), intake.targetId)
    const batches = await batchesOf(ledger(), intake.targetId)
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(4000)
    expect(Math.max(...batches.map(({ count }) => count))).toBe(batchBounds.tokens)
    expect(Math.max(...batches.map(({ bytes }) => bytes))).toBeLessThanOrEqual(batchBounds.bytes)
    // short ones are not made to travel in small company
    expect(batches.filter(({ count }) => count === batchBounds.tokens).length).toBeGreaterThanOrEqual(3)
    for (const { tokens, count } of sealInHand([...short, ...long])) {
      expect(count).toBeLessThanOrEqual(batchBounds.tokens)
      expect(Buffer.byteLength(tokens)).toBeLessThanOrEqual(batchBounds.bytes)
    }
  })

  it.each([1, 100, 200, 1000])('makes batches of %i where the vendor takes no more in a request', async most => {
    const intake = await newTarget(ledger())
    await ledger().query('update target set batch = $2::text::int where id = $1::text::bigint', [intake.targetId, most])
    const tokens = Array.from({ length: 2 * most + 1 }, (_, index) => `t${index}`)
    await addTokens(ledger(), intake, linesOf(tokens))
    await sealAll(ledger(), intake.targetId)
    const batches = await batchesOf(ledger(), intake.targetId)
    expect(batches.map(({ count }) => count).sort((a, b) => b - a)).toEqual([most, most, 1])
    expect(new Set(batches.flatMap(batch => batch.tokens))).toEqual(new Set(tokens))
    // those that come with a request are cut alike
    expect(sealInHand(tokens, most).map(({ count }) => count)).toEqual([most, most, 1])
  })

  it('takes about a slice at a time, and of a large target few parts, in turns', async () => {
    const intake = await newTarget(ledger())
    const tokens = Array.from({ length: 40_000 }, (_, index) => `token-${index}`)
    await addTokens(ledger(), intake, linesOf(tokens))
    const pieces = await ledger().query<{ most: number; pieces: number }>(
      'select max(count) as most, count(*) as pieces from token_chunk where target_id = $1::text::bigint',
      [intake.targetId],
    )
    // by the hash: about as many of each part
    expect(pieces[0]?.pieces).toBe(64)
    expect(pieces[0]?.most).toBeLessThan((40_000 / 64) * 1.5)
    const first = await sealSlice(ledger(), intake.targetId, 1)
    expect(first.state).toBe('sealed')
    expect(first.taken % batchBounds.tokens).toBe(0)
    expect(first.taken).toBeGreaterThanOrEqual(sliceTokens - batchBounds.tokens)
    expect(first.taken).toBeLessThan(sliceTokens * 1.05)
    // as if 20 million were sealed: three parts at a time
    await ledger().query('update sealing set prints = 20000000 where target_id = $1::text::bigint', [intake.targetId])
    await addTokens(ledger(), { ...intake, devices: 20e6 }, linesOf(tokens))
    const taken: number[] = []
    for (;;) {
      const { state, taken: count } = await sealSlice(ledger(), intake.targetId, 1)
      if (state !== 'sealed') break
      taken.push(count)
    }
    expect(Math.abs(taken.length - 64 / 3)).toBeLessThan(2)
    expect((await batchesOf(ledger(), intake.targetId)).flatMap(batch => batch.tokens).sort()).toEqual(
      [...tokens].sort(),
    )
  })

  it('leaves a target that failed alone for a while, twice as long each time, and everybody else not', async () => {
    const [bad, good] = [await newTarget(ledger()), await newTarget(ledger())]
    for (const intake of [bad, good]) await addTokens(ledger(), intake, linesOf(['x', 'y']))
    await ledger().query("update token_chunk set arrived_at = now() - interval '2 minutes'")
    const waits: number[] = []
    for (let failures = 1; failures <= 9; failures++) {
      expect(await setAside(ledger(), bad.targetId)).toBe(failures)
      const [row] = await ledger().query<{ minutes: number }>(
        'select round(extract(epoch from not_before - now()) / 60)::int as minutes from sealing where target_id = $1::text::bigint',
        [bad.targetId],
      )
      waits.push(row?.minutes ?? 0)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
    expect((await sealSlice(ledger(), bad.targetId, 1)).state).toBe('aside')
    const waiting = await waitingTargets(ledger(), 1000)
    expect(waiting).toContain(good.targetId)
    expect(waiting).not.toContain(bad.targetId)
    await ledger().query('update sealing set not_before = now() where target_id = $1::text::bigint', [bad.targetId])
    expect((await sealSlice(ledger(), bad.targetId, 1)).state).toBe('sealed')
    const [row] = await ledger().query('select failures from sealing where target_id = $1::text::bigint', [
      bad.targetId,
    ])
    expect(row).toEqual({ failures: 0 })
    await sealAll(ledger(), good.targetId)
  })

  it.runIf(engine === 'postgres')('is done by one of many at a time, and nobody waits', async () => {
    const intake = await newTarget(ledger())
    const tokens = Array.from({ length: 60_000 }, (_, index) => `many-${index}`)
    for (let round = 0; round < 2; round++) await addTokens(ledger(), intake, linesOf(tokens))
    const states: string[] = []
    const sealer = async () => {
      for (;;) {
        const { state } = await sealSlice(ledger(), intake.targetId, 1)
        states.push(state)
        if (state === 'idle') return
      }
    }
    await Promise.all([sealer(), sealer(), sealer(), sealer()])
    expect(new Set(states)).toEqual(new Set(['sealed', 'busy', 'idle']))
    const all = (await batchesOf(ledger(), intake.targetId)).flatMap(batch => batch.tokens)
    expect(all.length).toBe(tokens.length)
    expect(new Set(all).size).toBe(tokens.length)
  })

  it('makes full batches of what many requests bring, and the rest is one', async () => {
    const intake = await newTarget(ledger())
    const texts = Array.from({ length: 6 }, (_, nth) =>
      Array.from({ length: 1300 + nth }, (_, index) => `brought-${nth * 1000 + index}`),
    )
    for (const tokens of texts) {
      const { state, joined } = await sealSlice(
        ledger(),
        intake.targetId,
        1,
        intoParts(linesOf(tokens), intake.partSeed, 0),
      )
      expect([state, joined]).toEqual(['sealed', null])
    }
    const counts = async () => (await batchesOf(ledger(), intake.targetId)).map(({ count }) => count)
    expect(await counts()).toEqual([1000, 1000, 1000, 1000, 1000, 1000])
    await sealAll(ledger(), intake.targetId)
    expect(await counts()).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 305])
    const all = (await batchesOf(ledger(), intake.targetId)).flatMap(batch => batch.tokens)
    expect(new Set(all)).toEqual(new Set(texts.flat()))
  })

  it.runIf(engine === 'postgres')('of what is brought waits for a slice, but not for one that hangs', async () => {
    const intake = await newTarget(ledger())
    const seal = (...tokens: string[]) =>
      sealSlice(ledger(), intake.targetId, 1, intoParts(linesOf(tokens), intake.partSeed, 0))
    const beside = async (heldMs: number, ...tokens: string[]) => {
      let locked = () => {}
      const isLocked = new Promise<void>(resolve => (locked = resolve))
      const holding = ledger().transaction(async sql => {
        await sql.query('select from sealing where target_id = $1::text::bigint for update', [intake.targetId])
        locked()
        await pause(heldMs)
      })
      await isLocked
      const { state } = await seal(...tokens)
      await holding
      return state
    }
    const own = await ledger().query("select current_setting('lock_timeout') as lasts")
    await ledger().transaction(async sql => {
      await sql.query("select seal_slice($1::text::bigint, 1000, 1000, 500000, '[[0,1]]', '\"a\"')", [intake.targetId])
      expect(await sql.query("select current_setting('lock_timeout') as lasts")).toEqual(own)
    })
    expect(await beside(30, 'b')).toBe('sealed')
    expect(await beside(2000, 'c')).toBe('busy')
    expect((await seal('d')).state).toBe('sealed')
    await sealAll(ledger(), intake.targetId)
    expect((await batchesOf(ledger(), intake.targetId)).flatMap(batch => batch.tokens).sort()).toEqual(['a', 'b', 'd'])
  })

  it('keeps no more waiting than the bounds allow, and says which is in the way', async () => {
    const app = `bounded-${engine}`
    const [one, other] = [await newTarget(ledger(), app), await newTarget(ledger(), app)]
    const fill = (intake: Intake, rows: number, lines: number, bytes: number) =>
      ledger().query(
        `insert into token_chunk (target_id, app, tokens, count)
         select $1::text::bigint, $2::text, rpad('', $4::text::int, 'x'), $3::text::int
         from generate_series(1, $5::text::int)`,
        [intake.targetId, app, lines, bytes, rows],
      )
    const empty = () => ledger().query('delete from token_chunk where app = $1::text', [app])
    const add = (intake: Intake) => addTokens(ledger(), intake, linesOf(['a', 'b']))
    const mebibyte = 1024 * 1024
    const { unsealedTokensPerTarget, unsealedPiecesPerTarget, unsealedTokensPerApp, unsealedPiecesPerApp } = bounds
    const cases = [
      ['unsealedTokensPerTarget', one, 2, unsealedTokensPerTarget.value / 2, unsealedTokensPerTarget.value],
      ['unsealedPiecesPerTarget', one, unsealedPiecesPerTarget.value, 1, 1],
      ['unsealedTokensPerApp', other, 5, unsealedTokensPerApp.value / 5, unsealedTokensPerApp.value / 5],
      ['unsealedPiecesPerApp', other, unsealedPiecesPerApp.value, 1, 1],
      // 256 MiB of them are too much for a database in memory
      ...(engine === 'postgres' ? ([['unsealedBytesPerTarget', one, 64, 1, 4 * mebibyte]] as const) : []),
    ] as const
    for (const [over, intake, rows, lines, bytes] of cases) {
      await fill(one, rows, lines, bytes)
      const [before] = await ledger().query('select count(*) from token_chunk where app = $1::text', [app])
      expect(await add(intake)).toEqual({ over })
      expect(await ledger().query('select count(*) from token_chunk where app = $1::text', [app])).toEqual([before])
      await ledger().query(
        'delete from token_chunk where id in (select id from token_chunk where app = $1::text limit 1)',
        [app],
      )
      if (rows < 100) expect(await add(intake)).not.toHaveProperty('over')
      await empty()
    }
  })

  it('cuts a large body into parts by a hash that its sender cannot foresee', () => {
    const tokens = Array.from({ length: 6400 }, (_, index) => `${index} é😀`)
    const piecesOf = (lines: ReturnType<typeof linesOf>, seed: number) => {
      const { parts, text } = intoParts(lines, seed, 1)
      const pieces = text.split('\n\n').map(piece => piece.split('\n'))
      expect(pieces.map(piece => piece.length)).toEqual(parts.map(([, count]) => count))
      expect(intoParts(lines, seed, 0)).toEqual({ parts, text: text.replaceAll('\n\n', '\n') })
      return pieces
    }
    const { text, count } = linesOf(tokens)
    for (const seed of [1, 2, 2 ** 31 - 2]) {
      for (const lines of [text, `${text}\n`]) {
        const pieces = piecesOf({ text: lines, count }, seed)
        expect(pieces.length).toBe(64)
        expect(pieces.flat().sort()).toEqual(text.split('\n').sort())
        for (const piece of pieces) expect(Math.abs(piece.length - 100)).toBeLessThan(50)
      }
    }
    // what one seed brings together another takes apart
    const [together = []] = piecesOf({ text, count }, 7)
    expect(piecesOf({ text: together.join('\n'), count: together.length }, 8).length).toBeGreaterThan(40)
  })
})
