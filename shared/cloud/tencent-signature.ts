/** The one place that knows Tencent's package. Loaded at the first call: on one machine, its HTTP client comes along. */
export { tencentSign } from '@tencent-sdk/capi'
