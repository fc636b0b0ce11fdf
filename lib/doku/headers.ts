import { isIPv4 } from 'node:net'
import type { Endpoint, Operation } from './api.ts'
import type { Credentials, Device } from './requests.ts'

/** `X-DEVICE-ID` "can't contain symbols". @see protocol.md §12 */
export function toDeviceId(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '').slice(0, 64)
}

function toIpAddress(text: string): string | undefined {
  const address = text.replace(/^::ffff:/i, '')
  return isIPv4(address) ? address : undefined
}

/** @see protocol.md §12 */
export function deviceHeaders(device: Device | undefined): Record<string, string> {
  const deviceId = device?.deviceId && toDeviceId(device.deviceId)
  const ipAddress = device?.ipAddress && toIpAddress(device.ipAddress)
  return { ...(deviceId && { 'X-DEVICE-ID': deviceId }), ...(ipAddress && { 'X-IP-ADDRESS': ipAddress }) }
}

/** A call as a customer that has no customer token is a mistake of ours, and is not sent. Both with `Bearer `, unless the row says otherwise (C-8). */
export function authorization(
  operation: Operation,
  endpoint: Endpoint,
  credentials: Credentials,
): Record<string, string> {
  const headers = { Authorization: `Bearer ${credentials.accessToken}` }
  if (!endpoint.customerToken) return headers
  if (!credentials.customerToken) throw new TypeError(`${operation} needs a customer token`)
  const scheme = endpoint.customerTokenAs === 'bearer' ? 'Bearer ' : ''
  return { ...headers, 'Authorization-customer': scheme + credentials.customerToken }
}
