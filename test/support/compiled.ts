/** Programs of this project in one file, for tests that start them often: compiling one as it starts is most of what a start takes. */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Compiled {
  readonly path: string
  close(): Promise<void>
}

/** `program` is a path from the root. The file lies where it finds the packages, which are not in it. */
export async function compile(program: string): Promise<Compiled> {
  const outfile = join(root, `node_modules/.cache/unpush/test-${randomBytes(4).toString('hex')}.mjs`)
  await build({
    entryPoints: [join(root, program)],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  return { path: outfile, close: () => rm(outfile, { force: true }) }
}
