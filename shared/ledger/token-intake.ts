/** Push tokens as they arrive: kept as text until they are sealed, large requests in parts, never more than the bounds allow. */
import { isAscii } from 'node:buffer'
import { bounds, type BoundName } from '../bounds.ts'
import { withoutTrailing } from '../text.ts'
import { only, type Sql } from './sql.ts'
import type { TokenLines } from './tokens.ts'

/** Where tokens go. */
export interface Intake {
  readonly targetId: number
  readonly app: string
  /** `target.part_seed` */
  readonly partSeed: number
  /** Tokens of the target that are sealed. */
  readonly devices: number
}

/** What waits to be sealed, once a request is added. */
export interface Waiting {
  readonly tokens: number
  readonly pieces: number
  /** Tokens that are sealed. */
  readonly sealed: number
}

const parts = 64
const lineBreak = 0x0a
/** A target or a request with fewer is not worth 64 pieces. */
const smallTarget = 20_000
const smallRequest = 5000

const add = `
with mine as (
  select coalesce(sum(count), 0) as tokens, coalesce(sum(bytes), 0) as bytes, count(*) as pieces
  from token_chunk where target_id = $1::text::bigint
), apps as (
  select coalesce(sum(count), 0) as tokens, coalesce(sum(bytes), 0) as bytes, count(*) as pieces
  from token_chunk where app = $2::text
), over as (
  select b.value ->> 'name' as name, row_number() over () as place
  from mine, apps, json_array_elements($5::text::json) b(value)
  where (b.value ->> 'most')::bigint < case b.value ->> 'of'
    when 'target tokens' then mine.tokens + $6::text::bigint
    when 'target bytes' then mine.bytes + octet_length($4::text)
    when 'target pieces' then mine.pieces + $7::text::bigint
    when 'app tokens' then apps.tokens + $6::text::bigint
    when 'app bytes' then apps.bytes + octet_length($4::text)
    when 'app pieces' then apps.pieces + $7::text::bigint end
), added as (
  insert into token_chunk (target_id, app, part, tokens, count)
  -- no line is empty, so that an empty one parts the pieces
  select $1::text::bigint, $2::text, (p.part ->> 0)::smallint, p.tokens, (p.part ->> 1)::int
  from rows from (json_array_elements($3::text::json), string_to_table($4::text, E'\\n\\n')) as p(part, tokens)
  where not exists (select from over)
)
select (select name from over order by place limit 1) as over, mine.tokens, mine.pieces,
  coalesce((select prints from sealing where target_id = $1::text::bigint), 0) as sealed
from mine`

const limits = JSON.stringify(
  (
    [
      ['unsealedTokensPerTarget', 'target tokens'],
      ['unsealedBytesPerTarget', 'target bytes'],
      ['unsealedPiecesPerTarget', 'target pieces'],
      ['unsealedTokensPerApp', 'app tokens'],
      ['unsealedBytesPerApp', 'app bytes'],
      ['unsealedPiecesPerApp', 'app pieces'],
    ] as const satisfies readonly (readonly [BoundName, string])[]
  ).map(([name, of]) => ({ name, of, most: bounds[name].value })),
)

/**
 * Keeps tokens until they are sealed, in one statement. Resolves with the bound that is in the way, and then nothing was
 * kept; requests of the same moment do not see each other, so that together they may pass a bound by what they bring.
 */
export async function addTokens(
  sql: Sql,
  { targetId, app, partSeed, devices }: Intake,
  lines: TokenLines,
): Promise<Waiting | { readonly over: BoundName }> {
  const whole = devices < smallTarget && lines.count < smallRequest
  const pieces: Pieces = whole
    ? { parts: [[null, lines.count]], text: withoutTrailing(lines.text, '\n') }
    : intoParts(lines, partSeed, 1)
  const row = only(
    await sql.query<{ over: BoundName | null; tokens: number; pieces: number; sealed: number }>(add, [
      targetId,
      app,
      JSON.stringify(pieces.parts),
      pieces.text,
      limits,
      lines.count,
      pieces.parts.length,
    ]),
  )
  if (row.over !== null) return { over: row.over }
  return { tokens: row.tokens + lines.count, pieces: row.pieces + pieces.parts.length, sealed: row.sealed }
}

export interface Pieces {
  /** Of each piece the part, null where its tokens are of any, and how many they are. */
  readonly parts: readonly (readonly [part: number | null, count: number])[]
  /** All their lines. */
  readonly text: string
}

/**
 * A piece for each part that has any lines, and as many blank lines between two as asked for; the same token is of the same part in every request for a target. Bytes are
 * copied into their places: a string for each of a hundred thousand lines would be most of a function's memory. Four at a
 * time, in a plain loop: Buffer.copy makes an object of each line, and collecting those takes longer than copying.
 *
 * The hash takes four bytes a step from a secret start: multiplied, then shifted, so that each bit reaches all others; its
 * end is MurmurHash3's.
 */
export function intoParts({ text, count }: TokenLines, seed: number, blanks: 0 | 1): Pieces {
  const bytes = Buffer.from(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ends = new Uint32Array(count)
  const partOf = new Uint8Array(count)
  const sizes = new Uint32Array(parts)
  const counts = new Uint32Array(parts)
  let lines = 0
  for (let start = 0, end = 0; start < bytes.length; start = end + 1) {
    const found = bytes.indexOf(lineBreak, start)
    end = found < 0 ? bytes.length : found
    // the last line may be empty: the body ended with a line break
    if (end === start) continue
    let hash = seed
    let at = start
    for (; at + 4 <= end; at += 4) hash = stir(hash ^ view.getInt32(at, true))
    for (; at < end; at++) hash = stir(hash ^ (bytes[at] ?? 0))
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    const part = (hash ^ (hash >>> 16)) & (parts - 1)
    ends[lines] = end
    partOf[lines++] = part
    sizes[part] = (sizes[part] ?? 0) + end - start + 1
    counts[part] = (counts[part] ?? 0) + 1
  }
  const found = [...sizes.keys()].filter(part => sizes[part] !== 0)
  const places = new Uint32Array(parts)
  let size = 0
  for (const part of found) {
    places[part] = size
    size += (sizes[part] ?? 0) + blanks
  }
  const pieces = Buffer.alloc(size, lineBreak)
  const target = new DataView(pieces.buffer, pieces.byteOffset, pieces.byteLength)
  for (let line = 0, at = 0; line < lines; line++) {
    while (bytes[at] === lineBreak) at++
    const end = ends[line] ?? 0
    const part = partOf[line] ?? 0
    let place = places[part] ?? 0
    for (; at + 4 <= end; at += 4, place += 4) target.setInt32(place, view.getInt32(at))
    while (at < end) pieces[place++] = bytes[at++] ?? 0
    places[part] = place + 1
  }
  return {
    parts: found.map(part => [part, counts[part] ?? 0]),
    text: pieces.toString(isAscii(pieces) ? 'latin1' : 'utf8', 0, size - 1 - blanks),
  }
}

function stir(hash: number): number {
  const product = Math.imul(hash, 0x85ebca6b)
  return product ^ (product >>> 15)
}

/** Where tokens for a target go that was found another way than by its message. */
export async function intakeOf(sql: Sql, targetId: number): Promise<Intake> {
  return only(
    await sql.query<Intake>(
      `select t.id as "targetId", t.app, t.part_seed as "partSeed", coalesce(s.prints, 0) as devices
       from target t left join sealing s on s.target_id = t.id where t.id = $1::text::bigint`,
      [targetId],
    ),
  )
}
