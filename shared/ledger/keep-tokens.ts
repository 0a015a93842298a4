/** Takes tokens in, or refuses all of them. */
import { bounds, overBound } from '../bounds.ts'
import type { Sql } from './sql.ts'
import { addTokens, type Intake, type Waiting } from './token-intake.ts'
import type { TokenLines } from './tokens.ts'

/** Keeps tokens for a target. Throws `too-many-requests` (429) where too many wait already; then nothing is kept. */
export async function keepTokens(sql: Sql, intake: Intake, lines: TokenLines): Promise<Waiting> {
  const kept = await addTokens(sql, intake, lines)
  if (!('over' in kept)) return kept
  const { value, unit, what } = bounds[kept.over]
  throw overBound(kept.over, `At most ${value} ${unit} are kept (${what}), and these would be more.`)
}
