/** Counts of devices as the vendor tells them: four numbers that add up, then the bar. */
import { basisWords, deviceWords } from '../../words/terms.ts'
import type { Devices } from '../answers.ts'
import { language, named, say, w } from '../language.ts'
import { type Basis, exact } from '../numbers.ts'

export const basisWord = (basis: Basis): string => named(basisWords, basis)

const parts = ['accepted', 'rejected', 'unknown', 'pending'] as const

export function DeviceFigures({ devices }: { readonly devices: Devices }) {
  return (
    <dl class="figures">
      {parts.map(part => (
        <div key={part}>
          <dd>{exact(devices[part])}</dd>
          <dt>
            <i class={`swatch ${part}`} /> {say(deviceWords[part])}
          </dt>
        </div>
      ))}
    </dl>
  )
}

export function DeviceBar({ devices, label }: { readonly devices: Devices; readonly label: string }) {
  const { total } = devices
  const settled = devices.accepted + devices.rejected + devices.unknown
  const told = parts
    .filter(part => devices[part] > 0)
    .map(part => `${say(deviceWords[part])} ${exact(devices[part])}`)
    .join(language.value === 'zh' ? '，' : ', ')
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={settled}
      aria-valuetext={told === '' ? w('noDevices') : told}
    >
      {parts.map(part =>
        devices[part] > 0 ? <Part key={part} part={part} share={devices[part] / Math.max(1, total)} /> : null,
      )}
    </div>
  )
}

/** By the style object: an attribute would break the policy of the page. */
function Part({ part, share }: { readonly part: string; readonly share: number }) {
  return (
    <i
      class={part}
      ref={element => {
        if (element !== null) element.style.flexGrow = String(Math.max(share, 0.004))
      }}
    />
  )
}

/** `61,004 / 84,210 accepted by the vendor` */
export function acceptedOf(devices: Devices): string {
  return `${exact(devices.accepted)} / ${exact(devices.total)} ${say(deviceWords.accepted)}`
}
