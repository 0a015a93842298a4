/** An endpoint as the function that takes callbacks reads it: of all sources, only its own is loaded. */
import * as z from 'zod/mini'
import { once, onceEach } from '../once.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { type Endpoint, endpointsOf } from './endpoint.ts'
import { findEndpoint } from './find-endpoint.ts'
import type { Source } from './source.ts'
import { findSource, sourceNames } from './sources.ts'

const kindSchema = once(() => z.looseObject({ source: z.enum(sourceNames) }))
const schemaOf = onceEach((source: Source) => endpointsOf([source]))

/** Null and rejections as of `findEndpoint`. */
export async function readEndpoint(secrets: Secrets, name: string): Promise<Endpoint | null> {
  const kind = await findEndpoint(secrets, name, kindSchema())
  const source = kind === null ? null : await findSource(kind.source)
  return source === null ? null : findEndpoint(secrets, name, schemaOf(source))
}
