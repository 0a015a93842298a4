/** A list of the API as a table: its first page, and the pages after it as they are asked for. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { List } from '../answers.ts'
import { call } from '../api.ts'
import { w } from '../language.ts'

/** `number`: aligned right; `hidden`: of buttons, for who hears the page. */
type Head = string | { readonly number: string } | { readonly hidden: string }

export function ListTable<T>({
  name,
  heads,
  first,
  next,
  path,
  idOf,
  row,
}: {
  readonly name: string
  readonly heads: readonly Head[]
  readonly first: readonly T[]
  /** The cursor of the page after the first one; null: there is none. */
  readonly next: string | null
  readonly path: string
  readonly idOf: (item: T) => string | number
  readonly row: (item: T, index: number) => ComponentChildren
}) {
  const older = useOlder<T>(path, next)
  const ids = new Set(first.map(idOf))
  return (
    <>
      <div class="card table-box">
        <table class={`rows ${name}`}>
          <thead>
            <tr>{heads.map(headCell)}</tr>
          </thead>
          <tbody>{[...first, ...older.items.filter(item => !ids.has(idOf(item)))].map(row)}</tbody>
        </table>
      </div>
      <More older={older} />
    </>
  )
}

function headCell(head: Head) {
  if (typeof head === 'string') return <th key={head}>{head}</th>
  if ('number' in head)
    return (
      <th key={head.number} class="number">
        {head.number}
      </th>
    )
  return (
    <th key={head.hidden} class="acts">
      <span class="only-read">{head.hidden}</span>
    </th>
  )
}

interface Older<T> {
  readonly items: readonly T[]
  readonly more: (() => void) | null
  readonly loading: boolean
}

/** Pages after the first one. */
function useOlder<T>(path: string, next: string | null): Older<T> {
  const [found, setFound] = useState<{ readonly items: readonly T[]; readonly next: string | null } | null>(null)
  const [loading, setLoading] = useState(false)
  const cursor = found === null ? next : found.next
  const load = async (): Promise<void> => {
    setLoading(true)
    const answer = await call<List<T>>(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor ?? '')}`,
    )
    setLoading(false)
    if (answer.kind === 'ok')
      setFound({ items: [...(found?.items ?? []), ...answer.body.items], next: answer.body.nextCursor })
  }
  return { items: found?.items ?? [], more: cursor === null ? null : () => void load(), loading }
}

function More({ older }: { readonly older: Older<unknown> }) {
  return (
    <div class="below">
      {older.more === null ? (
        <span class="soft">{w('allShown')}</span>
      ) : (
        <button type="button" class="link" onClick={older.more}>
          {older.loading ? w('loading') : w('loadMore')}
        </button>
      )}
    </div>
  )
}
