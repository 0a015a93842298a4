/** `npm run cli-docs`: the tables of docs/command-line.md and its Chinese page, from the table of commands. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { exitWords } from '../dashboard/words/cli.ts'
import { commandWords, optionWords } from '../dashboard/words/cli-commands.ts'
import { type Command, commandNames, commandOf } from './commands.ts'
import { flagOf, usageOf } from './help.ts'
import { common, type OptionName } from './options.ts'
import { createSay, type Language, type Say } from './output/language.ts'

export const pages: { readonly [L in Language]: string } = {
  en: fileURLToPath(new URL('../docs/command-line.md', import.meta.url)),
  zh: fileURLToPath(new URL('../docs/command-line.zh-CN.md', import.meta.url)),
}

/** The page with every part between `<!-- name -->` and `<!-- /name -->` made anew. */
export function withTables(page: string, language: Language): string {
  const say = createSay(language)
  const parts: { readonly [name: string]: readonly string[] } = {
    commands: commandsTable(say),
    flags: flagsTable(say),
    exits: exitsTable(say),
  }
  let made = page
  for (const [name, lines] of Object.entries(parts)) {
    const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const [start, end] = [made.indexOf(opening), made.indexOf(closing)]
    if (start < 0 || end < start) continue
    made = [made.slice(0, start + opening.length), '', ...lines, '', made.slice(end)].join('\n')
  }
  return made
}

function commandsTable(say: Say): string[] {
  const [command, does, own] = say.language === 'zh' ? ['命令', '作用', '参数'] : ['command', 'does', 'flags']
  const rows = commandNames().map(name => {
    const { options } = commandOf(name) as Command
    const flags = options.map(option => `\`--${option}\``).join(' ') || '–'
    return `| \`${cell(usageOf(name, commandOf(name) as Command))}\` | ${cell(say.of(commandWords[name]))} | ${flags} |`
  })
  return [`| ${command} | ${does} | ${own} |`, '| --- | --- | --- |', ...rows]
}

function flagsTable(say: Say): string[] {
  const names = new Set<OptionName>([...common, 'version'])
  for (const name of commandNames()) for (const option of commandOf(name)?.options ?? []) names.add(option)
  const [flag, does] = say.language === 'zh' ? ['参数', '作用'] : ['flag', 'does']
  return [
    `| ${flag} | ${does} |`,
    '| --- | --- |',
    ...[...names].map(name => `| \`${cell(flagOf(name))}\` | ${cell(say.of(optionWords[name]))} |`),
  ]
}

function exitsTable(say: Say): string[] {
  const [exit, means] = say.language === 'zh' ? ['退出码', '含义'] : ['exit', 'means']
  return [
    `| ${exit} | ${means} |`,
    '| --- | --- |',
    ...Object.entries(exitWords).map(([code, words]) => `| ${code} | ${cell(say.of(words))} |`),
  ]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const language of ['en', 'zh'] as const)
    await writeFile(pages[language], withTables(await readFile(pages[language], 'utf8'), language))
}
