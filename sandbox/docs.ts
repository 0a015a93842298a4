/** The parts of /_sandbox/docs that the stand-ins fill. */
import { groupName } from './fleet.ts'
import type { StandIn } from './vendors/stand-in.ts'

const root = '/_sandbox'

/** `template` has a place {{name}} for each part. Throws where it names another. */
export function filledDocs(template: string, standIns: readonly StandIn[]): string {
  const parts = partsOf(standIns)
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`docs.html: nothing fills ${name}`)
    return part
  })
}

function partsOf(standIns: readonly StandIn[]): { readonly [name: string]: string } {
  const apps = standIns.flatMap(({ apps: own, phones }) =>
    own.map(({ name }) => ({ name, groups: phones.filter(({ app }) => app === name).map(groupName) })),
  )
  return {
    ids: apps.flatMap(({ groups: [first] }) => (first === undefined ? [] : code(`${first}-1`))).join(', '),
    groups: apps.map(({ name, groups }) => `${code(groups.join(' '))} (${escaped(name)})`).join(', '),
    pushes: escaped(standIns.flatMap(({ docs }) => docs.pushes).join('\n\n')),
    switches: escaped(`{${standIns.map(({ name }) => `"${name}":{…}`).join(',')}}`),
    ownSwitches: standIns.map(switchRow).join('\n'),
    vendors: standIns.map(vendorPart).join('\n'),
  }
}

function switchRow({ name, title, switches }: StandIn): string {
  const own = Object.entries(switches).map(([at, { choices, label }]) => {
    const named = choices.length === 0 ? '' : ` ${code(choices.map(String).join(' '))}`
    return `${code(at)}${named}: ${escaped(label.en)}`
  })
  return `<tr><td>${escaped(title.en)}<br>${code(name)}</td><td>${own.join(' · ')}</td></tr>`
}

function vendorPart({ title, mount, protocol, docs }: StandIn): string {
  const port = protocol === undefined ? '' : ' (and at a port of its own over HTTP/2, which its secret names)'
  const paths = docs.paths.map(path => path.replace(' /', ` ${root}/${mount}/`))
  const words = [docs.checks.en, docs.leftOut.en].map(text => `<p>${escaped(text)}</p>`)
  const chinese = [docs.checks.zh, docs.leftOut.zh].map(text => `<p lang="zh-CN">${escaped(text)}</p>`)
  return `<h3>${escaped(title.en)} · ${escaped(title.zh)}${port}</h3>
<pre><code>${escaped(paths.join('\n'))}</code></pre>
${[...words, ...chinese].join('\n')}`
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
