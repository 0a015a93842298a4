import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { page, pageBytes } from '../shared/pages.ts'

interface Row {
  readonly id: string
  readonly cursorAt: string
  readonly bytes: number
}

const cursorAt = (n: number) => new Date(Date.UTC(2026, 0, 1) - n).toISOString().replace('Z', '000Z')
const place = (cursor: string) => Number(JSON.parse(Buffer.from(cursor, 'base64url').toString())[1].slice(1))

/** Walks a list of rows of these sizes to its end, and tells what each statement and each page had. */
async function walk(sizes: readonly number[], limit: number) {
  const rows = sizes.map((bytes, n): Row => ({ id: `m${n}`, cursorAt: cursorAt(n), bytes }))
  const pages: object[][] = []
  const reads: number[] = []
  let after: { at: string; id: string } | null = null
  for (;;) {
    const { items, nextCursor } = await page(
      { limit, after },
      async part => {
        const start = part.after === null ? 0 : Number(part.after.id.slice(1)) + 1
        const found = rows.slice(start, start + part.limit)
        reads.push(found.length)
        return found
      },
      async found => found.map(({ id, bytes }) => ({ id, text: 'x'.repeat(bytes) })),
    )
    pages.push(items)
    if (nextCursor === null) return { pages, reads, rows }
    const at = place(nextCursor)
    after = { at: cursorAt(at), id: `m${at}` }
  }
}

describe('a page', () => {
  it('ends at its limit or its bytes, and the next goes on after its last item', async () => {
    const size = fc.oneof(fc.nat(1000), fc.nat(350_000), fc.constantFrom(pageBytes - 30, pageBytes, pageBytes * 2))
    await fc.assert(
      fc.asyncProperty(fc.array(size, { maxLength: 60 }), fc.integer({ min: 1, max: 200 }), async (sizes, limit) => {
        const { pages, reads, rows } = await walk(sizes, limit)
        expect(pages.flat().map(item => ('id' in item ? item.id : null))).toEqual(rows.map(({ id }) => id))
        for (const [index, items] of pages.entries()) {
          const bytes = items.reduce((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)), 0)
          expect(items.length === 1 || bytes <= pageBytes).toBe(true)
          expect(items.length).toBeLessThanOrEqual(limit)
          if (index < pages.length - 1) {
            // no page ends before it must
            const [next] = pages[index + 1] ?? []
            const fuller = bytes + Buffer.byteLength(JSON.stringify(next))
            expect(items.length === limit || fuller > pageBytes).toBe(true)
          }
        }
        expect(Math.max(0, ...reads)).toBeLessThanOrEqual(26)
      }),
      { numRuns: 60 },
    )
  })
})
