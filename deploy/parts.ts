/**
 * An entry split by esbuild into ES modules: what is imported statically, what an `import()` leads to, and what these share.
 * deploy/split.ts makes files of them.
 */
import { join, relative } from 'node:path'
import { build, type BuildOptions, type Message, type Plugin } from 'esbuild'

/** An ES module that splitting made. */
export interface Part {
  readonly text: string
  readonly sources: readonly string[]
  /** The source that an `import()` names, where it was made for one. */
  readonly entry: string | null
  /** Parts that it needs at once, each with the names that it takes of it. */
  readonly takes: ReadonlyMap<string, readonly string[]>
  readonly exports: readonly string[]
}
export type Parts = ReadonlyMap<string, Part>

export const options = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  write: false,
  logLevel: 'silent',
} as const satisfies BuildOptions

export const index = 'index.js'

/**
 * esbuild makes a part for every `import()` that it reads, also where the code around it was left out as unused, and keeps what
 * that part would need. So it runs again without those.
 */
export async function partsOf(root: string, entry: string, plugins: Plugin[]): Promise<Parts> {
  const all = await builtParts(root, entry, plugins)
  const live = reached(all)
  const unused = [...all].flatMap(([name, part]) => (live.has(name) || part.entry === null ? [] : [part.entry]))
  return unused.length === 0 ? all : builtParts(root, entry, [without(root, unused), ...plugins])
}

/** Leaves each `import()` of these sources as it is. */
function without(root: string, sources: readonly string[]): Plugin {
  return {
    name: 'without',
    setup: esbuild => {
      esbuild.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' && sources.includes(relative(root, join(resolveDir, path)))
          ? { path, external: true }
          : undefined,
      )
    },
  }
}

async function builtParts(root: string, entry: string, plugins: Plugin[]): Promise<Parts> {
  const { outputFiles, metafile, warnings } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: { index: entry },
    outdir: root,
    splitting: true,
    format: 'esm',
    metafile: true,
    plugins,
  })
  refuse(entry, warnings)
  const parts = Object.entries(metafile.outputs).map(
    ([name, { imports, exports, inputs, entryPoint }]): [string, Part] => {
      const text = outputFiles.find(({ path }) => path.endsWith(`/${name}`))?.text ?? ''
      const takes = readTakes(text)
      const needs = imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true)
      const unread = needs.find(({ path }) => !takes.has(path))
      if (unread !== undefined) throw new Error(`${entry}: what ${name} takes of ${unread.path} cannot be read`)
      return [name, { text, sources: Object.keys(inputs), entry: entryPoint ?? null, takes, exports }]
    },
  )
  return new Map(parts)
}

/** What `index.js` leads to. */
function reached(parts: Parts): ReadonlySet<string> {
  const names = new Set([index])
  // grows while it is walked
  for (const name of names) {
    const text = parts.get(name)?.text ?? ''
    for (const other of parts.keys()) if (text.includes(`"./${other}"`)) names.add(other)
  }
  return names
}

/** esbuild begins a part with what it takes of others: `import{a as b,c}from"./chunk-ABCDEFGH.js";`. */
function readTakes(text: string): ReadonlyMap<string, readonly string[]> {
  const statement = /import(?:\{([^}]*)\}from)?"\.\/([^"]+)";/y
  const takes = new Map<string, readonly string[]>()
  for (;;) {
    const found = statement.exec(text)
    if (found === null) return takes
    const [, list = '', from = ''] = found
    takes.set(from, list === '' ? [] : list.split(',').map(one => one.split(' as ')[0] ?? one))
  }
}

export function refuse(what: string, warnings: readonly Message[]): void {
  if (warnings.length > 0) throw new Error(`${what} cannot be bundled: ${warnings.map(({ text }) => text).join('; ')}`)
}
