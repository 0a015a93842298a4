/** What the deployed zips weigh, and how long a fresh process takes to load them. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { bundleAll, unpack } from '../deploy/bundle.ts'
import { functions } from '../shared/functions.ts'
import { vendors } from '../shared/providers/registry.ts'
import { median, type Row, spread } from './measures.ts'

const rounds = 25

/** Rows of the benchmark's table. */
export async function* bundleMeasures(): AsyncGenerator<Row, void, undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-bundles-'))
  try {
    const bundles = await bundleAll()
    for (const { name, zip } of bundles) {
      // as test/deploy/bundle.test.ts holds it
      const further = functions[name].class === 'public' ? 0 : vendors.names.length - 2
      const most = (name === 'dashboard' ? 250 : name === 'sweep' ? 165 : 160) + 10 * further
      const kilobytes = zip.length / 1024
      yield {
        what: `zip of ${name}`,
        measured: `${kilobytes.toFixed(1)} KB`,
        goal: `≤ ${most} KB`,
        met: kilobytes <= most,
      }
    }
    const { outputFiles } = await build({
      stdin: {
        contents:
          "import * as z from 'zod/mini'; import * as jose from 'jose'; import postgres from 'postgres'; export const all = [z.string, jose.SignJWT, jose.jwtVerify, postgres]",
        resolveDir: process.cwd(),
      },
      bundle: true,
      minify: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      write: false,
    })
    const base = join(folder, 'base.js')
    await writeFile(base, outputFiles[0]?.contents ?? '')
    for (const bundle of bundles) {
      const { name } = bundle
      const file = join(folder, name, 'index.js')
      await unpack(bundle, dirname(file))
      // taken in turns, so that whatever else the machine does hits both
      const mine: number[] = []
      const theirs: number[] = []
      for (let round = 0; round < rounds; round++) {
        theirs.push(requireMs(base))
        mine.push(requireMs(file))
      }
      const ratio = median(mine) / median(theirs)
      // the two that have most to do beside what is always needed
      const most = name === 'sweep' || name === 'moderation' ? 1.4 : 1.5
      yield {
        what: `require() of ${name} over zod/mini + jose + postgres`,
        measured: `${ratio.toFixed(2)} (${median(mine).toFixed(1)} / ${median(theirs).toFixed(1)} ms${spread(mine, theirs)})`,
        goal: `≤ ${most}`,
        met: ratio <= most,
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function requireMs(file: string): number {
  const script = `const t = process.hrtime.bigint(); require(${JSON.stringify(file)}); process.stdout.write(String(Number(process.hrtime.bigint() - t) / 1e6)); process.exit()`
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}
