/** What a recall leaves alone is found in batches exactly, whatever tokens are made of. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countExceptions } from '../../shared/ledger/exceptions.ts'
import { sealInHand } from '../../shared/ledger/tokens.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const seed = Math.floor(Math.random() * 2 ** 31)

describeOnLedgers('tokens that are left alone', ledger => {
  it(`are counted as often as they are there, and nothing else is (seed ${seed})`, async () => {
    // what stands between tokens stands in them, too
    const token = fc.oneof(
      fc.string({
        unit: fc.constantFrom('"', ',', '[', ']', '\\', 'a', 'b', ' ', '推', '\u0000', '\ud83d'),
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom(',', '","', '"', '[', 'a,b', 'a","b'),
    )
    const few = fc.array(token, { minLength: 1, maxLength: 8 })
    const many = fc.array(token, { minLength: 9, maxLength: 40 })
    let target = 1_000_000
    await fc.assert(
      fc.asyncProperty(
        fc.array(token, { minLength: 1, maxLength: 40 }),
        fc.oneof(few, many),
        async (sealed, excepted) => {
          target += 1
          for (const { seq, tokens, count } of sealInHand(sealed))
            await ledger().query(
              `insert into token_batch (target_id, seq, tokens, count) values ($1::text::bigint, $2::text::int, $3::text, $4::text::int)`,
              [target, seq, tokens, count],
            )
          const expected = new Set(sealed.filter(one => excepted.includes(one))).size
          const found = await countExceptions(ledger(), [target, target + 1_000_000], {
            tokens: [...new Set(excepted)],
            spellings: { 'another vendor': sealed },
            devices: [],
          })
          expect([...found]).toEqual(expected === 0 ? [] : [[target, expected]])
        },
      ),
      { numRuns: soak ? 5000 : 300, seed },
    )
  })
})
