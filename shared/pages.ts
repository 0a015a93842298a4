/** Lists in pages: newest first, a cursor that survives new rows. */
import type { Principal } from './access/access.ts'
import { type Caller, callerOf } from './access/grant.ts'
import { instant } from './api-schemas.ts'
import { Problem } from './errors.ts'
import type { Right } from './functions.ts'
import { type IdKind, idForms } from './ids.ts'

interface PageQuery {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
  readonly q?: string | undefined
  readonly app?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface PageWanted {
  readonly limit: number
  readonly after: { readonly at: string; readonly id: string } | null
  readonly q: string | null
  readonly app: string | null
  readonly from: Date | null
  readonly to: Date | null
  readonly apps: readonly string[] | null
  readonly caller: Caller
}

const defaultLimit = 50

/** `of`: what the list is of. Its cursors carry ids of that kind, and no others are taken. `right`: that of the list's route. */
export function readPage(query: PageQuery, principal: Principal, of: IdKind, right: Right = 'read'): PageWanted {
  return {
    limit: query.limit ?? defaultLimit,
    after: query.cursor === undefined ? null : readCursor(query.cursor, of),
    q: query.q ?? null,
    app: query.app ?? null,
    from: query.from === undefined ? null : new Date(query.from),
    to: query.to === undefined ? null : new Date(query.to),
    apps: principal.grantFor(right),
    caller: callerOf(principal, right),
  }
}

/** Where a row stands in its list. */
interface Place {
  /** As exact as the order of the list is: a millisecond holds many rows. */
  readonly cursorAt: string
  readonly id: string
}

/** What one answer of a list may have: a platform takes 6 MB, and nobody reads more than this at once. */
export const pageBytes = 1024 * 1024
/** Rows of one statement. Each may have as much as `bounds` let somebody store, and all are in memory at once. */
const rowsAtOnce = 25

/**
 * A page of at most `limit` items and `pageBytes` bytes, of which the first always fits: with `nextCursor`, a page that ended
 * early goes on. `read` gives rows in the order of the list, `show` an item for each.
 */
export async function page<Row extends Place>(
  { limit, after }: Pick<PageWanted, 'limit' | 'after'>,
  read: (part: Pick<PageWanted, 'limit' | 'after'>) => Promise<readonly Row[]>,
  show: (rows: readonly Row[]) => Promise<readonly object[]>,
): Promise<{ items: object[]; nextCursor: string | null }> {
  const items: object[] = []
  let bytes = 0
  let last: Row | undefined
  for (;;) {
    const most = Math.min(limit - items.length, rowsAtOnce)
    // one more tells whether the list goes on
    const found = await read({
      limit: most + 1,
      after: last === undefined ? after : { at: last.cursorAt, id: last.id },
    })
    const rows = found.slice(0, most)
    const shown = await show(rows)
    for (const [index, row] of rows.entries()) {
      const item = shown[index] ?? {}
      bytes += Buffer.byteLength(JSON.stringify(item))
      if (last !== undefined && bytes > pageBytes) return { items, nextCursor: writeCursor(last) }
      items.push(item)
      last = row
    }
    if (found.length <= most) return { items, nextCursor: null }
    if (last !== undefined && items.length === limit) return { items, nextCursor: writeCursor(last) }
  }
}

function writeCursor({ cursorAt, id }: Place): string {
  return Buffer.from(JSON.stringify([cursorAt, id])).toString('base64url')
}

/** As `toTheMicrosecond` in the ledger writes it. */
const cursorTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/**
 * A cursor goes into a statement, so that it is taken only as `writeCursor` could have written it: what a parser forgives
 * (`1` is a time to Date.parse, base64 may hold blanks) the database may not.
 */
function readCursor(cursor: string, of: IdKind): { at: string; id: string } {
  const [cursorAt, id] = pairIn(Buffer.from(cursor, 'base64url').toString('utf8'))
  const isOurs =
    typeof cursorAt === 'string' &&
    typeof id === 'string' &&
    cursorTime.test(cursorAt) &&
    instant().safeParse(cursorAt).success &&
    idForms[of].test(id) &&
    writeCursor({ cursorAt, id }) === cursor
  if (!isOurs) throw wrongCursor()
  return { at: cursorAt, id }
}

function pairIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function wrongCursor(): Problem {
  return new Problem('invalid-request', 'The cursor is not one that this list gave.', {
    errors: [{ path: '/cursor', message: 'is not one that this list gave' }],
  })
}
