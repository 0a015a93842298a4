/** The audit trail as the API shows it. */
import type * as z from 'zod/mini'
import type { auditQuery } from '../api-schemas.ts'
import { linkTo } from '../base-path.ts'
import { type AuditRecord, listAudit, readAuditHead, readUnsealed } from '../ledger/audit.ts'
import { readFindings } from '../ledger/findings.ts'
import { page, readPage } from '../pages.ts'
import type { ApiResponse } from '../platform/request.ts'
import { json, type SignedContext } from '../serve.ts'
import { type AuditDigest, digestMessage } from './digest.ts'

type Query = z.output<ReturnType<typeof auditQuery>>

/** What a hash covers after the hash before, in this order. Lines of NDJSON have these members in this order, then the hash. */
export const hashedMembers = [
  'seq',
  'at',
  'entry',
  'actor',
  'person',
  'action',
  'object',
  'detail',
  'request',
  'mac',
] as const satisfies readonly (keyof AuditRecord)[]

/** Newest first; what was committed before the request is in it. As NDJSON where `Accept` asks for that. */
export async function readAudit(context: SignedContext, query: Query): Promise<ApiResponse> {
  const wanted = readPage(query, context.principal, 'record', 'audit')
  const { actor = null, action = null, object = null } = query
  const lines = asksForLines(context.request.headers['accept'])
  await context.sealer.now()
  const answer = await page(
    wanted,
    async ({ limit, after }) => {
      const before = after === null ? null : Number(after.id)
      const records = await listAudit(context.ledger, { ...wanted, actor, action, object, limit, before })
      return records.map(record => ({ record, id: String(record.seq), cursorAt: record.at }))
    },
    async rows => rows.map(({ record }) => (lines ? lineOf(record) : viewRecord(record))),
  )
  if (!lines) return json(200, answer)
  const { items, nextCursor } = answer
  return {
    status: 200,
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      ...(nextCursor === null ? {} : next(context, nextCursor)),
    },
    body: items.map(item => `${JSON.stringify(item)}\n`).join(''),
  }
}

/** How far the chain goes, what waits to be sealed, and the last signed digest (null: there is no `unpush/audit-key`). */
export async function readHead({ ledger, sealer }: SignedContext): Promise<object> {
  await sealer.now()
  const [{ seq, hash }, { count }, [digest]] = await Promise.all([
    readAuditHead(ledger),
    readUnsealed(ledger),
    readFindings<AuditDigest>(ledger, digestMessage),
  ])
  return { seq, hash, unsealed: count, digest: digest?.value ?? null, hashed: hashedMembers }
}

function asksForLines(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some(part => part.split(';')[0]?.trim().toLowerCase() === 'application/x-ndjson')
}

/** A page of lines has no member for it (RFC 8288). */
function next({ request }: SignedContext, cursor: string): ApiResponse['headers'] {
  const query = new URLSearchParams(request.query)
  query.set('cursor', cursor)
  return { link: `<${linkTo('/v1/audit')}?${query.toString()}>; rel="next"` }
}

/** `detail` is the text that was hashed, so that whoever has the lines can compute each hash. */
function lineOf(record: AuditRecord): object {
  return Object.fromEntries([...hashedMembers, 'hash' as const].map(name => [name, record[name]]))
}

function viewRecord({
  seq,
  at,
  entry,
  actor,
  person,
  action,
  object,
  detail,
  request,
  mac,
  hash,
}: AuditRecord): object {
  const signed = entry === null ? {} : { signed: { entry, request, mac } }
  return { seq, at, actor, person, action, object, detail: { ...JSON.parse(detail), ...signed }, hash }
}
