/** Bundles with other vendors than there are: the first few alone, or many more, each a copy of one that there is. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** A line of the registry, with the name of its vendor and of its folder. */
const line = /^ {2}'?([\w-]+)'?(: .*import\('\.\/)\1(\/index\.ts'\).*)$/gm
const copied = 'copied-vendor'

/**
 * The registry with so many vendors. Copies have folders of their own (`tpns-2`), so that their code is in the bundle once more;
 * what they take of wire/ is what the others take.
 */
export function withVendors(count: number): Plugin {
  return {
    name: `${count}-vendors`,
    setup: esbuild => {
      esbuild.onLoad({ filter: /[\\/]providers[\\/]registry\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const known = [...text.matchAll(line)]
        const wanted = Array.from({ length: count }, (_, place) => {
          const [, name = '', before = '', after = ''] = known[place % known.length] ?? []
          const folder = place < known.length ? name : `${name}-${Math.floor(place / known.length) + 1}`
          return `  '${folder}'${before}${folder}${after}`
        })
        const [first] = known
        if (first === undefined) throw new Error('no line of the registry can be read')
        return {
          loader: 'ts',
          contents: text.replace(line, '').replace(/^const loads\b.*\{$/m, begin => [begin, ...wanted].join('\n')),
        }
      })
      esbuild.onResolve({ filter: /^\.\/[\w-]+-\d+\/index\.ts$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path),
        namespace: copied,
      }))
      esbuild.onResolve({ filter: /^\.\//, namespace: copied }, ({ path, importer }) => ({
        path: join(dirname(importer), path),
        namespace: copied,
      }))
      esbuild.onLoad({ filter: /./, namespace: copied }, async ({ path }) => {
        const original = path.replace(/([\w-]+)-\d+([\\/][\w-]+\.ts)$/, '$1$2')
        return { loader: 'ts', contents: await readFile(original, 'utf8'), resolveDir: dirname(original) }
      })
    },
  }
}
