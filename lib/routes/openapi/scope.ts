import type { OwnLimits } from '../table.ts'
import { type RouteName, routeNames } from '../table.ts'

/** Which router the document describes. */
export interface Scope {
  /** `undefined`: wherever a shop has it. */
  readonly publicUrl?: string
  readonly mounted: readonly RouteName[]
  /** Whether the api in use has refunds; `undefined`: it may or may not. */
  readonly hasRefunds?: boolean
  readonly limits: OwnLimits | false | undefined
  /** Whether requests are counted where the counting can fail. */
  readonly hasLimitStore: boolean
  /** Whether DOKU's notifications have to carry a token of ours. */
  readonly requireBearer: boolean
}

/** Everything that a shop can mount: what the document in the package describes. */
export const wholePackage: Scope = {
  mounted: routeNames,
  limits: undefined,
  hasLimitStore: true,
  requireBearer: true,
}
