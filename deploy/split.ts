/**
 * One entry and all that it imports, as CommonJS: what is imported statically in one `index.js`, what only an `import()` leads
 * to in files beside it. A module is in one file only, so that its state is there once.
 *
 * esbuild splits ES modules only, and puts what two files share into a third, so that a cold start would open half a dozen.
 * So it runs twice: it splits, and then what `index.js` needs at once is put back into it. The other files take what they share
 * with it from its exports.
 */
import { join, relative } from 'node:path'
import { build, type BuildOptions, type Message, type Plugin } from 'esbuild'

export interface Split {
  readonly files: { readonly [name: string]: Uint8Array }
  /** Of each file the sources it was made from, as paths from the root. */
  readonly inputs: { readonly [name: string]: readonly string[] }
}

/** An ES module that splitting made. */
interface Part {
  readonly text: string
  readonly sources: readonly string[]
  /** The source that an `import()` names, where it was made for one. */
  readonly entry: string | null
  /** Parts that it needs at once, each with the names that it takes of it. */
  readonly takes: ReadonlyMap<string, readonly string[]>
}
type Parts = ReadonlyMap<string, Part>

const options = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  write: false,
  logLevel: 'silent',
} as const satisfies BuildOptions

const index = 'index.js'

/** `entry` is a path from `root`. Rejects where esbuild has an error or a warning. */
export async function split(root: string, entry: string, plugins: Plugin[]): Promise<Split> {
  const parts = await partsOf(root, entry, plugins)
  const eager = neededAtOnce(parts)
  const later = [...parts.keys()].filter(name => !eager.includes(name))
  const names = fileNames(parts, later)
  const made = await Promise.all([
    commonJs({ stdin: { contents: wholeIndex(parts, eager, later) } }, within(parts, eager, eager, names)),
    ...later.map(name => commonJs({ entryPoints: [`./${name}`] }, within(parts, eager, [name], names))),
  ])
  const sources = [eager, ...later.map(name => [name])].map(some =>
    some.flatMap(name => parts.get(name)?.sources ?? []),
  )
  const files = [index, ...later.map(name => names.get(name) ?? name)]
  return {
    files: Object.fromEntries(files.map((name, place) => [name, made[place] ?? new Uint8Array()])),
    inputs: Object.fromEntries(files.map((name, place) => [name, sources[place] ?? []])),
  }
}

/**
 * esbuild makes a part for every `import()` that it reads, also where the code around it was left out as unused, and keeps what
 * that part would need. So it runs again without those.
 */
async function partsOf(root: string, entry: string, plugins: Plugin[]): Promise<Parts> {
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
  const parts = Object.entries(metafile.outputs).map(([name, { imports, inputs, entryPoint }]): [string, Part] => {
    const text = outputFiles.find(({ path }) => path.endsWith(`/${name}`))?.text ?? ''
    const takes = readTakes(text)
    const needs = imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true)
    const unread = needs.find(({ path }) => !takes.has(path))
    if (unread !== undefined) throw new Error(`${entry}: what ${name} takes of ${unread.path} cannot be read`)
    return [name, { text, sources: Object.keys(inputs), entry: entryPoint ?? null, takes }]
  })
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

function neededAtOnce(parts: Parts): readonly string[] {
  const needed = new Set([index])
  // grows while it is walked
  for (const name of needed) for (const from of parts.get(name)?.takes.keys() ?? []) needed.add(from)
  return [...needed]
}

/** `postgres-HGBJYJRB.js` → `postgres.js`: files that people see have names that stay. */
function fileNames(parts: Parts, later: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const name of later) {
    const plain = name.replace(/-[A-Z0-9]{8}\.js$/, '.js')
    const free = parts.get(name)?.entry !== null && plain !== index && ![...names.values()].includes(plain)
    names.set(name, free ? plain : name)
  }
  return names
}

function wholeIndex(parts: Parts, eager: readonly string[], later: readonly string[]): string {
  const shared = eager.flatMap(from => {
    const taken = new Set(later.flatMap(name => parts.get(name)?.takes.get(from) ?? []))
    return [...taken].map(name => `export { ${name} as ${alias(eager, from, name)} } from './${from}'`)
  })
  return [`export * from './${index}'`, ...shared].join('\n')
}

/** What `index.js` exports a name of one of its parts as. */
function alias(eager: readonly string[], from: string, name: string): string {
  return `_${eager.indexOf(from)}${name}`
}

/** Puts `own` parts into one file; what else there is stays outside. */
function within(
  parts: Parts,
  eager: readonly string[],
  own: readonly string[],
  names: ReadonlyMap<string, string>,
): Plugin {
  return {
    name: 'within',
    setup: esbuild => {
      esbuild.onResolve({ filter: /^\.\// }, ({ path, namespace }) => {
        const name = path.slice(2)
        if (own.includes(name)) return { path: name, namespace: 'part' }
        if (eager.includes(name) && namespace !== 'shared')
          return { path: name, namespace: 'shared', sideEffects: false }
        return { path: `./${names.get(name) ?? name}`, external: true }
      })
      esbuild.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({ contents: parts.get(path)?.text ?? '' }))
      esbuild.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path: from }) => {
        const taken = own.flatMap(name => parts.get(name)?.takes.get(from) ?? [])
        return {
          contents: taken.map(name => `export { ${alias(eager, from, name)} as ${name} } from './${index}'`).join('\n'),
        }
      })
    },
  }
}

async function commonJs(entry: BuildOptions, parts: Plugin): Promise<Uint8Array> {
  const { outputFiles, warnings } = await build({
    ...options,
    ...entry,
    outfile: index,
    format: 'cjs',
    plugins: [parts],
  })
  refuse(JSON.stringify(entry), warnings)
  const [file] = outputFiles ?? []
  if (file === undefined) throw new Error('esbuild gave nothing')
  return file.contents
}

function refuse(what: string, warnings: readonly Message[]): void {
  if (warnings.length > 0) throw new Error(`${what} cannot be bundled: ${warnings.map(({ text }) => text).join('; ')}`)
}
