/** The stand-ins: whatever folder stands beside this file is one. */
import { readdirSync } from 'node:fs'
import type { StandIn } from './stand-in.ts'

const here = new URL('./', import.meta.url)

const found = await Promise.all(
  readdirSync(here, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(async ({ name }): Promise<StandIn> => (await import(new URL(`${name}/index.ts`, here).href)).standIn),
)

/** In the order of the page. */
export const standIns: readonly StandIn[] = found.toSorted(
  (one, two) => one.order - two.order || one.vendor.localeCompare(two.vendor),
)
