/** Lists in pages: newest first, a cursor that survives new rows. */
import type { Principal } from './access/access.ts'
import { type Caller, callerOf } from './access/grant.ts'
import { instant } from './api-schemas.ts'
import { Problem } from './errors.ts'
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
  /** One more than the caller asked for: it tells whether there is a next page. */
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

/** `of`: what the list is of. Its cursors carry ids of that kind, and no others are taken. */
export function readPage(query: PageQuery, principal: Principal, of: IdKind): PageWanted {
  return {
    limit: (query.limit ?? defaultLimit) + 1,
    after: query.cursor === undefined ? null : readCursor(query.cursor, of),
    q: query.q ?? null,
    app: query.app ?? null,
    from: query.from === undefined ? null : new Date(query.from),
    to: query.to === undefined ? null : new Date(query.to),
    apps: principal.apps === '*' ? null : [...principal.apps],
    caller: callerOf(principal, 'read'),
  }
}

/** Where a row stands in its list. */
interface Place {
  /** As exact as the order of the list is: a millisecond holds many rows. */
  readonly cursorAt: string
  readonly id: string
}

export async function page<Row extends Place>(
  found: readonly Row[],
  limit: number,
  show: (row: Row) => Promise<object>,
): Promise<{ items: object[]; nextCursor: string | null }> {
  const rows = found.slice(0, limit - 1)
  const last = rows.at(-1)
  const items = await Promise.all(rows.map(show))
  return { items, nextCursor: found.length < limit || last === undefined ? null : writeCursor(last) }
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
