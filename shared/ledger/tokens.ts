/** Push tokens that are in hand: as lines, as batches, as a digest. */
import { createHash } from 'node:crypto'
import { batchBounds } from '../bounds.ts'
import { onceEach } from '../once.ts'

export interface SealedBatch {
  readonly seq: number
  /** JSON array text, as it goes on the wire. */
  readonly tokens: string
  readonly count: number
}

/** Each token once, in the order of their first appearance. Plan, measure and admission of one request all ask for it. */
export const uniqueOf = onceEach((tokens: readonly string[]): readonly string[] => [...new Set(tokens)])

/** Batches of tokens that are all in hand, at most `most` each, each token once. */
export function sealInHand(tokens: readonly string[], most: number = batchBounds.tokens): SealedBatch[] {
  const unique = uniqueOf(tokens)
  const batches: SealedBatch[] = []
  const add = (part: readonly string[]) => {
    const text = JSON.stringify(part)
    if (part.length > 1 && Buffer.byteLength(text) > batchBounds.bytes) {
      const half = Math.ceil(part.length / 2)
      add(part.slice(0, half))
      add(part.slice(half))
    } else batches.push({ seq: batches.length, tokens: text, count: part.length })
  }
  for (let start = 0; start < unique.length; start += most) add(unique.slice(start, start + most))
  return batches
}

/** The same for the same set of tokens, whatever their order and repeats. */
export const digestTokens = onceEach((tokens: readonly string[]) =>
  createHash('sha256')
    .update(JSON.stringify([...uniqueOf(tokens)].sort()))
    .digest('hex'),
)

/** One token a line, as JSON.stringify writes it, so that equal tokens are equal text. */
export interface TokenLines {
  readonly text: string
  readonly count: number
}

export function linesOf(tokens: readonly string[]): TokenLines {
  return { text: tokens.map(token => JSON.stringify(token)).join('\n'), count: tokens.length }
}
