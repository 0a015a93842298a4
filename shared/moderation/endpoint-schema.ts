/** Endpoints of all sources: what the function that takes callbacks reads. */
import { once } from '../once.ts'
import { endpointsOf } from './endpoint.ts'
import { sources } from './sources.ts'

export const endpointSchema = once(() => endpointsOf(sources))
