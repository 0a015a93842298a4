/** On one machine with its sandbox: the phones, in a window beside this one. */
import { config } from '../api.ts'
import { w } from '../language.ts'
import { isSandbox } from './shell.tsx'

const address = '/_sandbox#phones'

export function PhonesLink() {
  if (!isSandbox() || config.value?.local !== true) return null
  return (
    <a
      class="link phones-link"
      href={address}
      target="_blank"
      rel="noreferrer"
      onClick={event => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        const width = Math.max(420, Math.round(screen.availWidth / 2))
        const place = `popup,width=${width},height=${screen.availHeight},left=${screen.availWidth - width},top=0`
        // where a browser allows no window of its own, it is a tab
        if (window.open(address, 'unpush-phones', place) !== null) event.preventDefault()
      }}
    >
      {w('openPhones')}
    </a>
  )
}
