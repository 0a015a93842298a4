/** Which test files `npm run soak` runs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Paths from the root of the repository, of all test files that ask whether they are to take their long form or tell figures. */
export function longForms(): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(path => join('test', path))
    .filter(path => path.endsWith('.test.ts') && asksForIt.test(readFileSync(join(root, path), 'utf8')))
    .sort()
}

const asksForIt = /UNPUSH_TEST_SOAK|support\/figures/
