/** The PostgreSQL of the whole test run. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../sandbox/postgres.ts'

export { type Cluster, startPostgres } from '../../sandbox/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database; null: PostgreSQL was not found. */
    postgres: string | null
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | void> {
  const cluster = await startPostgres()
  if (cluster === null) {
    if ((process.env['UNPUSH_TEST_REQUIRE'] ?? '').includes('postgres'))
      throw new Error('PostgreSQL is required and was not found')
    console.log('PostgreSQL was not found: the suites marked "PostgreSQL" are skipped.')
    project.provide('postgres', null)
    return
  }
  project.provide('postgres', cluster.url)
  return () => cluster.stop()
}
