import { expect, it } from 'vitest'
import { stepsOf } from './support/steps.ts'

it('a test that fails says how long each step took, and which was still going on', async () => {
  const said: string[] = []
  const hooks: (() => unknown)[] = []
  const context = { onTestFailed: (hook: (context: never) => unknown) => void hooks.push(() => hook({} as never)) }
  const step = stepsOf(context, (text: string) => said.push(text))
  await step('quick', async () => {})
  await step('quick', async () => {})
  const broken = step('broken', async () => {
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  void step('slow', () => new Promise(() => {}))
  expect(said).toEqual([])
  for (const hook of hooks) await hook()
  expect(said.join('')).toMatch(/^Steps of the test that failed:\n {2}slow: still at it after [\d.]+ s\n/)
  expect(said.join('')).toMatch(/quick: 2 × in [\d.]+ s, the longest [\d.]+ s/)
  expect(said.join('')).toContain('broken: 1 ×')
})
