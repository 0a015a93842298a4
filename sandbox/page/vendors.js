// What the sandbox has: vendors with their apps, groups of phones and switches. Loaded once.
let known = { phones: 0, switches: {}, vendors: [] }

export async function loadVendors() {
  const reply = await fetch('/_sandbox/vendors')
  known = await reply.json()
}

export const vendors = () => known.vendors
export const phoneCount = () => known.phones
export const vendorNamed = name => known.vendors.find(vendor => vendor.name === name)
export const apps = () => known.vendors.flatMap(vendor => vendor.apps)
/** How a switch is drawn: its own vendor's, or one that all have. */
export const switchOf = (vendor, name) => vendorNamed(vendor)?.switches[name] ?? known.switches[name]
