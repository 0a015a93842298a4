/**
 * Sources whose verdict nobody signs (tier C). Acting on them takes asking their own API for the job, which this version
 * does not do: an endpoint that wants it is refused, rather than believed to work.
 */
import * as z from 'zod/mini'
import { once } from '../once.ts'

export const noPull = once(() =>
  z.optional(
    z.never('is not in this version: leave it out, and what comes is acknowledged and recorded, and never acts'),
  ),
)
