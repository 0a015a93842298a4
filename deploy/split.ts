/**
 * One entry and all that it imports, as CommonJS: what is imported statically in one `index.js`, what only an `import()` leads
 * to in files beside it. A module is in one file only, so that its state is there once.
 *
 * esbuild splits ES modules only, and puts what two files share into a third, so that a cold start would open half a dozen.
 * So it runs twice: it splits, and then what `index.js` needs at once is put back into it. The other files take what they share
 * with it from its exports.
 */
import { build, type Plugin } from 'esbuild'
import { index, options, type Part, type Parts, partsOf, refuse } from './parts.ts'

export interface Split {
  readonly files: { readonly [name: string]: Uint8Array }
  /** Of each file the sources it was made from, as paths from the root. */
  readonly inputs: { readonly [name: string]: readonly string[] }
}

/** Bytes of a file of its own. */
const smallest = 1024

/**
 * `entry` is a path from `root`. `apart`: sources that are put into `index.js` by no smallness. Rejects where esbuild has an error or a
 * warning.
 */
export async function split(root: string, entry: string, plugins: Plugin[], apart: RegExp): Promise<Split> {
  const parts = await partsOf(root, entry, plugins)
  const eager = inIndex(parts, apart)
  const later = [...parts.keys()].filter(name => !eager.includes(name))
  const names = fileNames(parts, later)
  const made = await Promise.all([
    commonJs(wholeIndex(parts, eager, later), within(parts, eager, eager, names)),
    ...later.map(name => commonJs([wholePart(parts, name)], within(parts, eager, [name], names))),
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

/** What is needed at once, and what is so small that opening a file for it would cost more than having it. */
function inIndex(parts: Parts, apart: RegExp): readonly string[] {
  const names = new Set([index])
  // both grow while they are walked
  for (const name of names) for (const from of parts.get(name)?.takes.keys() ?? []) names.add(from)
  const isSmall = ({ text, takes, sources }: Part) =>
    text.length < smallest &&
    [...takes.keys()].every(from => names.has(from)) &&
    !sources.some(source => apart.test(source))
  for (const _ of names) for (const [name, part] of parts) if (isSmall(part)) names.add(name)
  return [...names]
}

/** `postgres-HGBJYJRB.js` → `postgres.js`, a folder's `index-….js` → its name: files that people see have names that stay. */
function fileNames(parts: Parts, later: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const name of later) {
    const entry = parts.get(name)?.entry ?? null
    const folder = /([^/]+)\/index\.ts$/.exec(entry ?? '')?.[1]
    const plain = folder === undefined ? name.replace(/-[A-Z0-9]{8}\.js$/, '.js') : `${folder}.js`
    const free = entry !== null && plain !== index && ![...names.values()].includes(plain)
    names.set(name, free ? plain : name)
  }
  return names
}

/** What a file exports of a part: its names there, and as what. */
interface Exports {
  readonly from: string
  readonly names: readonly (readonly [name: string, as: string])[]
}

/** As they are called there. */
function wholePart(parts: Parts, from: string): Exports {
  return { from, names: (parts.get(from)?.exports ?? []).map(name => [name, name]) }
}

function wholeIndex(parts: Parts, eager: readonly string[], later: readonly string[]): Exports[] {
  const shared = eager.map((from): Exports => {
    const names = new Set(later.flatMap(name => parts.get(name)?.takes.get(from) ?? []))
    return { from, names: [...names].map(name => [name, alias(eager, from, name)]) }
  })
  return [wholePart(parts, index), ...shared]
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
      esbuild.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
        contents: withoutLoading(parts.get(path)?.text ?? '', own),
      }))
      esbuild.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path: from }) => {
        const taken = new Set(own.flatMap(name => parts.get(name)?.takes.get(from) ?? []))
        const names = [...taken].map(name => `${alias(eager, from, name)} as ${name}`)
        return { contents: names.length === 0 ? '' : `export { ${names.join(', ')} } from './${index}'` }
      })
    },
  }
}

/** An `import()` of what is in the same file: esbuild would make it run at first use, and all that it imports. */
function withoutLoading(text: string, own: readonly string[]): string {
  // as esbuild writes it
  const load = (name: string) => `import(${JSON.stringify(`./${name}`)})`
  const here = own.filter(name => text.includes(load(name)))
  const imports = here.map((name, place) => `import * as _here${place} from './${name}'`)
  const rest = here.reduce((rest, name, place) => rest.replaceAll(load(name), `Promise.resolve(_here${place})`), text)
  return [...imports, rest].join('\n')
}

/** What is exported is assigned, once all has run: esbuild's own way is half a kilobyte in each file. */
async function commonJs(exported: readonly Exports[], parts: Plugin): Promise<Uint8Array> {
  const imports = exported.map(({ from }, place) => `import * as _part${place} from './${from}'`)
  const members = exported.flatMap(({ names }, place) => names.map(([name, as]) => `${as}: _part${place}.${name}`))
  const { outputFiles, warnings } = await build({
    ...options,
    stdin: { contents: [...imports, `module.exports = { ${members.join(', ')} }`].join('\n') },
    outfile: index,
    format: 'cjs',
    // becomes require(): Node's own import() starts its loader of modules, which takes longer than all that it would load
    supported: { 'dynamic-import': false },
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
    plugins: [parts],
  })
  refuse(exported.map(({ from }) => from).join(', '), warnings)
  const [file] = outputFiles ?? []
  if (file === undefined) throw new Error('esbuild gave nothing')
  return file.contents
}
