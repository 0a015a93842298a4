/** Lists in pages: newest first, a cursor that survives new rows. */
import type { Principal } from './access/access.ts'
import { Problem } from './errors.ts'

interface PageQuery {
  readonly limit?: string | undefined
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
}

const defaultLimit = 50

export function readPage(query: PageQuery, principal: Principal): PageWanted {
  return {
    limit: Number(query.limit ?? defaultLimit) + 1,
    after: query.cursor === undefined ? null : readCursor(query.cursor),
    q: query.q ?? null,
    app: query.app ?? null,
    from: query.from === undefined ? null : new Date(query.from),
    to: query.to === undefined ? null : new Date(query.to),
    apps: principal.apps === '*' ? null : [...principal.apps],
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

function readCursor(cursor: string): { at: string; id: string } {
  try {
    const [at, id]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (typeof at === 'string' && typeof id === 'string' && !Number.isNaN(Date.parse(at)) && !id.includes('\0'))
      return { at, id }
  } catch {
    // falls through: it is not one of ours
  }
  throw wrongCursor()
}

export function wrongCursor(): Problem {
  return new Problem('invalid-request', 'The cursor is not one that this list gave.', {
    errors: [{ path: '/cursor', message: 'is not one that this list gave' }],
  })
}
