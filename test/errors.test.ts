import { describe, expect, it } from 'vitest'
import { Problem, type ProblemSlug, problemBody } from '../shared/errors.ts'

const statuses: [ProblemSlug, number][] = [
  ['invalid-request', 400],
  ['unauthorized', 401],
  ['forbidden', 403],
  ['not-found', 404],
  ['method-not-allowed', 405],
  ['conflict', 409],
  ['request-in-progress', 409],
  ['payload-too-large', 413],
  ['unsupported-media-type', 415],
  ['unsupported', 422],
  ['idempotency-key-reused', 422],
  ['too-many-requests', 429],
  ['internal', 500],
  ['unavailable', 503],
]

describe('a problem', () => {
  it.each(statuses)('%s has status %i', (slug, status) => {
    const problem = new Problem(slug, 'Because.')
    expect(problemBody(problem, 'r-1')).toEqual({
      type: `https://unpush.dev/problems/${slug}`,
      title: expect.stringMatching(/^[A-Z].+[^.]$/),
      status,
      detail: 'Because.',
      requestId: 'r-1',
    })
    expect(problem.status).toBe(status)
  })

  it('carries errors of input and members of its own, which never replace the standard ones', () => {
    const errors = [{ path: '/target/notifyId', message: 'must be a whole number' }]
    const problem = new Problem('conflict', 'A revoke is running.', {
      errors,
      members: { recall: 'rcl_1', status: 200 },
    })
    expect(problemBody(problem, 'r-1')).toMatchObject({ errors, recall: 'rcl_1', status: 409 })
  })

  it('is an Error with its cause', () => {
    const cause = new Error('why')
    const problem = new Problem('internal', 'x', { cause })
    expect(problem).toBeInstanceOf(Error)
    expect(problem).toMatchObject({ name: 'Problem', message: 'x', cause, headers: {} })
  })
})
