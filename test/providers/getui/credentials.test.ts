import { describe, expect, it } from 'vitest'
import { inputErrors, sentence } from '../../../shared/issues.ts'
import { getui } from '../../../shared/providers/getui/index.ts'
import { openCredentials } from '../subject.ts'
import { document, masterSecret, taskId } from './app.ts'

function faultsOf(schema: typeof getui.credentials | typeof getui.target, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

describe('credentials', () => {
  it('take null for what may be left out', () => {
    expect(openCredentials(getui, { ...document, endpoint: null, ratePerSecond: null })).toEqual(document)
  })

  const members = ['appId', 'appKey', 'masterSecret'].flatMap(member =>
    [undefined, '', 7, true, ['x'], { x: 1 }, 'a b', 'x/../y', 'Key abc', 'x\r\nY: z', 'é', 'k'.repeat(65)].map(
      value => [`${member} as ${JSON.stringify(value)}`, { [member]: value }, `/${member}`] as const,
    ),
  )
  it.each<readonly [string, object, string]>([
    ...members,
    ['another provider', { provider: 'jpush' }, '/provider'],
    ['no provider', { provider: undefined }, '/provider'],
    ["the client's secret", { appSecret: 'x' }, '/appSecret'],
    ["another vendor's key", { apiKey: 'x' }, '/apiKey'],
    ["another vendor's app", { accessId: 1 }, '/accessId'],
    ["another vendor's removal", { removal: 'data' }, '/removal'],
    ['a force, which is offered nowhere', { force: true }, '/force'],
    ['plain http', { endpoint: 'http://restapi.getui.com' }, '/endpoint'],
    ['an empty endpoint', { endpoint: '' }, '/endpoint'],
    ['a number for an endpoint', { endpoint: 1 }, '/endpoint'],
    ['a rate of nothing', { ratePerSecond: 0 }, '/ratePerSecond'],
    ['text for a rate', { ratePerSecond: '10' }, '/ratePerSecond'],
  ])('refuse %s, and say where without saying what', (_, change, path) => {
    const faults = faultsOf(getui.credentials, { ...document, ...change })
    expect(faults.map(fault => fault.path)).toEqual([path])
    expect(JSON.stringify(faults)).not.toContain(masterSecret)
  })
})

describe('a target', () => {
  const nothing = { audience: null, audienceSize: null }
  const tag = { tag: [{ key: 'custom_tag', values: ['news'], opt_type: 'and' }] }
  it('has a task, or a key of its sender, or both, and whom it went to', () => {
    expect(getui.target.parse({ taskId })).toEqual({ ...nothing, names: { taskId }, tokens: null })
    expect(getui.target.parse({ notifyId: 0 })).toEqual({ ...nothing, names: { notifyId: 0 }, tokens: [] })
    expect(getui.target.parse({ taskId, notifyId: 7, apnsCollapseId: 'x', tokens: ['a'] })).toEqual({
      ...nothing,
      names: { taskId, notifyId: 7, apnsCollapseId: 'x' },
      tokens: ['a'],
    })
    for (const audience of ['all', tag, { fast_custom_tag: 'vip' }, { alias: ['anna'] }]) {
      expect(getui.target.parse({ notifyId: 7, audience, audienceSize: 12 })).toEqual({
        names: { notifyId: 7 },
        tokens: null,
        audience,
        audienceSize: 12,
      })
    }
  })

  it.each<[object, string, RegExp]>([
    [{}, '/taskId', /required, or a notifyId/],
    [{ apnsCollapseId: 'x' }, '/taskId', /required/],
    [{ taskId: '' }, '/taskId', /taskid that Getui answered with/],
    [{ taskId: 7 }, '/taskId', /a string/],
    [{ taskId: 'RASL' }, '/taskId', /taskid that Getui/],
    [{ taskId: 'a'.repeat(65) }, '/taskId', /taskid that Getui/],
    [{ taskId: 'schedule/RASL_0109' }, '/taskId', /taskid that Getui/],
    [{ taskId: '../../auth/x' }, '/taskId', /taskid that Getui/],
    [{ notifyId: '7' }, '/notifyId', /a whole number/],
    [{ notifyId: -1 }, '/notifyId', /at least 0/],
    [{ notifyId: 2_147_483_648 }, '/notifyId', /at most 2147483647/],
    [{ notifyId: 1.5 }, '/notifyId', /a whole number/],
    [{ taskId, apnsCollapseId: '' }, '/apnsCollapseId', /not be empty/],
    [{ taskId, apnsCollapseId: 7 }, '/apnsCollapseId', /a string/],
    [{ taskId, apnsCollapseId: 'x'.repeat(65) }, '/apnsCollapseId', /at most 64 bytes/],
    [{ taskId, tokens: 'a' }, '/tokens', /a list/],
    [{ taskId, tokens: ['a', 7] }, '/tokens/1', /a string/],
    [{ taskId, tokens: [''] }, '/tokens/0', /not be empty/],
    [{ taskId, tokens: ['a'], audience: 'all' }, '/audience', /left out where tokens/],
    [{ taskId, tokens: ['a'], audienceSize: 1 }, '/audienceSize', /left out where tokens/],
    [{ taskId, audience: 'everybody' }, '/audience', /must be "all"/],
    [{ taskId, audience: '' }, '/audience', /must be "all"/],
    [{ taskId, audience: 7 }, '/audience', /must be "all"/],
    [{ taskId, audience: ['all'] }, '/audience', /must be "all"/],
    [{ taskId, audience: { tag: [] } }, '/audience/tag', /not be empty/],
    [{ taskId, audience: { ...tag, fast_custom_tag: 'x' } }, '/audience', /must be "all"/],
    [{ taskId, audience: { alias: ['a', 'b'] } }, '/audience', /one alias/],
    [{ taskId, audience: { cid: ['a'] } }, '/audience', /must be "all"/],
    [{ taskId, audienceSize: -1 }, '/audienceSize', /at least 0/],
    [{ taskId, audienceSize: '5' }, '/audienceSize', /a whole number/],
    [{ taskId, pushId: '1' }, '/pushId', /not a member/],
    [{ taskId, messageId: 'x' }, '/messageId', /not a member/],
    [{ taskId, tag: 'a' }, '/tag', /not a member/],
    [{ taskId, force: true }, '/force', /not a member/],
  ])('refuses %j', (target, path, message) => {
    expect(faultsOf(getui.target, target)).toEqual([{ path, message: expect.stringMatching(message) }])
  })
})
