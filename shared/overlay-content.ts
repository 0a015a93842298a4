/** The notification that replaces another: in requests, and in the documents of moderation endpoints. */
import * as z from 'zod/mini'
import { optional, optionsOf } from './members.ts'
import { once } from './once.ts'

export const maxText = (characters: number) => z.string().check(z.minLength(1), z.maxLength(characters))

export const link = once(() =>
  z
    .string()
    .check(
      z.maxLength(2048),
      z.regex(/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/, 'must be a URL with its scheme, like https://…'),
    ),
)

export const overlayContent = once(() =>
  z.strictObject({
    title: maxText(1000),
    body: maxText(10_000),
    url: optional(link()),
    forceCollapse: optional(z.boolean()),
    options: optional(optionsOf()),
  }),
)
