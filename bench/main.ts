/**
 * `npm run bench`: everything behind the README's table, each row as it is measured. `npm run bench -- <name> …`: these
 * measurements only. Exit status 1: something could not be measured, and its row says why.
 */
import { startPostgres } from '../sandbox/postgres.ts'
import { auditMeasures } from './audit.ts'
import { bundleMeasures } from './bundles.ts'
import { deviceMeasures } from './devices.ts'
import { distanceMeasures } from './distance.ts'
import { expiryMeasures } from './expiry.ts'
import { apnsMeasures } from './apns.ts'
import { attempted, printHead, printRow, type Row } from './measures.ts'
import { moderationMeasures } from './moderation.ts'
import { queueMeasures } from './queue.ts'
import { requestMeasures } from './requests.ts'
import { tokenMeasures } from './tokens.ts'

/** `server` is the maintenance database of a PostgreSQL that may be written to; null: there is none. */
type Suite = (server: string | null) => AsyncIterable<Row>

const suites: { readonly [name: string]: Suite } = {
  requests: requestMeasures,
  distance: server => onServer(server, distanceMeasures),
  audit: auditMeasures,
  bundles: bundleMeasures,
  moderation: moderationMeasures,
  expiry: server => onServer(server, expiryMeasures),
  tokens: server => onServer(server, tokenMeasures),
  apns: apnsMeasures,
  queue: server => onServer(server, queueMeasures),
  devices: server => onServer(server, deviceMeasures),
}

const asked = process.argv.slice(2)
const unknown = asked.filter(name => !(name in suites))
if (unknown.length > 0)
  throw new Error(`no measurements are called ${unknown.join(', ')}: there are ${Object.keys(suites).join(', ')}`)

const cluster = await startPostgres()
if (cluster === null) console.error('PostgreSQL was not found: what is measured on it is left out.')
try {
  printHead()
  for (const [name, measure] of Object.entries(suites)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    console.error(`measuring ${name} …`)
    for await (const row of attempted(name, () => measure(cluster?.url ?? null))) {
      printRow(row)
      if (row.met === null) process.exitCode = 1
    }
  }
} finally {
  await cluster?.stop()
}

async function* onServer(
  server: string | null,
  measure: (server: string) => AsyncIterable<Row>,
): AsyncGenerator<Row, void, undefined> {
  if (server !== null) yield* measure(server)
}
