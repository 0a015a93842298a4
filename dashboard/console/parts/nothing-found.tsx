/** Nothing was found: what can be done all the same. */
import type { List, Message } from '../answers.ts'
import { w } from '../language.ts'
import { handleOf } from '../names.ts'
import { useResource } from '../resource.ts'
import { linkOf } from '../router.ts'
import { me } from '../session.ts'
import { Empty } from './notice.tsx'
import { Said } from './text.tsx'

/** Nothing was found: digits may be the id of a push that nobody registered. */
export function Nothing({ q, filtered }: { readonly q: string; readonly filtered: boolean }) {
  const found = useResource<List<Message>>(/^\d{1,20}$/.test(q.trim()) ? `/v1/messages?limit=200` : null, () => ({
    pace: 'still',
  }))
  const digits = q.trim()
  if (/^\d{1,20}$/.test(digits)) {
    const hit = (found?.data.value?.items ?? []).find(({ targets }) =>
      targets.some(target => handleOf(target)?.value === digits),
    )
    const apps = me.value?.apps ?? []
    if (hit !== undefined)
      return (
        <Empty title={w('foundByVendorId', { id: digits })}>
          <a class="button primary" href={linkOf(['messages', hit.id])}>
            <Said text={hit.title ?? hit.id} />
          </a>
        </Empty>
      )
    return (
      <Empty title={w('noRegistered', { id: digits })}>
        <p>{w('vendorIdHelp')}</p>
        <div class="button-row">
          {apps.length === 0 ? (
            <a class="button primary" href={linkOf(['new'], { pushId: digits })}>
              {w('takeBackById')}
            </a>
          ) : (
            apps
              .filter(({ provider }) => provider !== 'huawei')
              .map(({ id }) => (
                <a
                  key={id}
                  class={`button ${apps.length === 1 ? 'primary' : ''}`}
                  href={linkOf(['new', 'revoke'], { app: id, pushId: digits })}
                >
                  {apps.length === 1 ? w('takeBackById') : w('takeBackIn', { app: id })}
                </a>
              ))
          )}
          {apps
            .filter(({ provider }) => provider === 'huawei')
            .map(({ id }) => (
              <a key={id} class="button" href={linkOf(['new'], { app: id, notifyId: digits })}>
                {w('takeBackIn', { app: id })}
              </a>
            ))}
        </div>
      </Empty>
    )
  }
  if (filtered)
    return (
      <Empty title={w('noHit')}>
        <a class="link" href="#/messages">
          {w('clearFilters')}
        </a>
      </Empty>
    )
  return (
    <Empty title={w('noMessages')}>
      <p>{w('howRegister')}</p>
      <p>{w('howDiscover')}</p>
      <p class="button-row">
        <a class="button" href={linkOf(['new'])}>
          {w('takeBackById')}
        </a>
      </p>
    </Empty>
  )
}
