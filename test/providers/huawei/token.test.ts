import { describe, expect, it } from 'vitest'
import { jwtOf } from '../../../shared/providers/huawei/token.ts'
import { ask, isJwt, freshCredentials, pem, serviceAccount } from './app.ts'

const at = 1_581_407_064_000

describe('the JWT of Push Kit', () => {
  it('signs exactly what the documents show', async () => {
    // a minute later: the vendor's clock may be behind ours, and what is from its future is refused
    const now = () => at + 60_000
    const { jwt } = await ask('revoke', { credentials: freshCredentials(), call: { now } })
    expect(jwt.slice(0, jwt.lastIndexOf('.'))).toBe(
      'eyJraWQiOiJLRVlJRDAwMDEiLCJ0eXAiOiJKV1QiLCJhbGciOiJQUzI1NiJ9.eyJhdWQiOiJodHRwczovL29hdXRoLWxvZ2luLmNsb3VkLmh1YXdlaS5jb20vb2F1dGgyL3YzL3Rva2VuIiwiaXNzIjoiMTAwMDAwMDAxIiwiZXhwIjoxNTgxNDEwNjY0LCJpYXQiOjE1ODE0MDcwNjR9',
    )
    expect(await isJwt(jwt, at)).toBe(true)
  })

  it.each([
    ['on one line', serviceAccount.private_key],
    ['in lines of 64', pem],
    ['with Windows line ends', pem.replaceAll('\n', '\r\n')],
  ])('is signed with a key %s', async (_, private_key) => {
    const credentials = freshCredentials({ serviceAccount: { ...serviceAccount, private_key } })
    expect(await isJwt((await ask('revoke', { credentials, call: { now: () => at } })).jwt, at)).toBe(true)
  })

  it('is kept until five minutes before it ends', async () => {
    const credentials = freshCredentials()
    const jwtAt = async (atMs: number) => (await ask('revoke', { credentials, call: { now: () => atMs } })).jwt
    const first = await jwtAt(at)
    expect(await jwtAt(at + 3_239_999)).toBe(first)
    const second = await jwtAt(at + 3_240_000)
    expect(second).not.toBe(first)
    expect(await isJwt(second, at + 3_240_000)).toBe(true)
  })

  it('is made anew when the vendor refused it, when the clock was set back, and for another credential', async () => {
    const credentials = freshCredentials()
    const jwtOfCall = async (call: object, own = credentials) => (await ask('revoke', { credentials: own, call })).jwt
    const now = () => at
    const first = await jwtOfCall({ now })
    const renewed = await jwtOfCall({ now, renew: true })
    expect(renewed).not.toBe(first)
    expect(await jwtOfCall({ now })).toBe(renewed)
    expect(await jwtOfCall({ now: () => at - 61_000 })).not.toBe(renewed)
    expect(await jwtOfCall({ now }, freshCredentials())).not.toBe(renewed)
  })

  it('is signed once for all who ask at once', async () => {
    const { serviceAccount: account } = freshCredentials()
    const jwts = await Promise.all(Array.from({ length: 32 }, () => jwtOf(account, at, false)))
    expect(new Set(jwts).size).toBe(1)
  })

  it('is signed again after a failure', async () => {
    const account = { ...serviceAccount, private_key: 'not a key' }
    await expect(jwtOf(account, at, false)).rejects.toThrow('the private key is no key in PEM')
    account.private_key = pem
    expect(await isJwt(await jwtOf(account, at, false), at)).toBe(true)
  })
})
