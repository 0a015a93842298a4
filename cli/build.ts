/**
 * Makes the command line one file of JavaScript, `.cli/unpush.js`, which starts three times as fast as its sources would.
 * The folder is a package of its own, without dependencies: `npm install --global ./.cli` makes it `unpush` everywhere.
 */
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, stop } from 'esbuild'
import packageJson from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../', import.meta.url))

/** Resolves with the file. */
export async function buildCli(folder = `${root}.cli`): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/unpush.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // a reader of a Chinese terminal sees the same bytes as the file has
    charset: 'utf8',
    banner: { js: '#!/usr/bin/env node' },
    legalComments: 'none',
    logLevel: 'error',
    write: false,
    outfile: 'unpush.js',
  })
  // its process would stay as long as this one
  await stop()
  const file = `${folder}/unpush.js`
  const { version, license, description, engines } = packageJson
  const own = { name: 'unpush', version, description, license, type: 'module', engines, bin: { unpush: 'unpush.js' } }
  await mkdir(folder, { recursive: true })
  await whole(`${folder}/package.json`, `${JSON.stringify(own, null, 2)}\n`)
  await whole(file, outputFiles[0]?.text ?? '', 0o755)
  return file
}

/** Renamed into place: a command that starts meanwhile finds a whole file. */
async function whole(path: string, text: string, mode = 0o644): Promise<void> {
  await writeFile(`${path}.${process.pid}`, text, { mode })
  await rename(`${path}.${process.pid}`, path)
}

/** `npx unpush` then needs neither a network nor a cache: it finds its command among those of the packages. */
async function link(): Promise<void> {
  const bin = `${root}node_modules/.bin`
  await mkdir(bin, { recursive: true })
  await symlink('../../.cli/unpush.js', `${bin}/unpush`).catch((error: NodeJS.ErrnoException) => {
    // there already, or a system without links: npx finds it by `bin` of package.json
    if (error.code !== 'EEXIST' && error.code !== 'EPERM') throw error
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildCli()
  await link()
}
