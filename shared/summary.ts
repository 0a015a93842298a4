/** What a console shows beside the names of its pages: `GET /v1/summary`. One statement, since every open page asks. */
import { callerOf, reaches } from './access/grant.ts'
import { etagOf } from './etag.ts'
import { readCounts } from './ledger/summary.ts'
import type { ApiResponse } from './platform/request.ts'
import { json, type SignedContext } from './serve.ts'

/** `version`: a page that was opened before a deploy learns of it here. */
export async function summary({ principal, apps, ledger, config }: SignedContext): Promise<ApiResponse> {
  const caller = callerOf(principal, 'read')
  const names = (await apps.names()).filter(name => reaches(caller.grant, name))
  const counts = await readCounts(ledger, caller, names, callerOf(principal, 'decide'))
  const { version } = config
  // the same numbers a moment later are no news
  return json(200, { ...counts, version }, { etag: etagOf(JSON.stringify({ ...counts, version, asOf: null })) })
}
