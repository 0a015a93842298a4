/** What every list of the ledger is asked with: a page, newest first. */

export interface PageFilter {
  readonly limit: number
  /** The last row of the page before: its time, to the microsecond, and id; null: the first page. */
  readonly after: { readonly at: string; readonly id: string } | null
  /** A text that rows are to hold; null: any row. */
  readonly q: string | null
}

/** The first four parameters of its statement: how many, after which time and id, and the text as a pattern of `ilike`. */
export function pageParameters({ limit, after, q }: PageFilter): (string | number | null)[] {
  const pattern = q === null ? null : `%${q.replace(/[\\%_]/g, '\\$&')}%`
  return [limit, after?.at ?? null, after?.id ?? null, pattern]
}
