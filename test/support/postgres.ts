/** The PostgreSQL of a whole run that covers services. Without one of the services there is no such run. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../sandbox/postgres.ts'
import { missingPackages } from './services.ts'

export { type Cluster, startPostgres } from '../../sandbox/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database. */
    postgres: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startPostgres()
  const missing = missingPackages(cluster !== null)
  if (cluster === null || missing.length > 0) {
    await cluster?.stop()
    throw new Error(`Not found: ${missing.join(', ')}. On Debian: apt-get install ${missing.join(' ')}`)
  }
  project.provide('postgres', cluster.url)
  return () => cluster.stop()
}
