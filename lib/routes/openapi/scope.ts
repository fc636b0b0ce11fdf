import { type OwnLimits, type RouteName, routeNames } from '../table.ts'

/** The router that the document describes. */
export interface Scope {
  /** Default: the document leaves the address open. */
  readonly publicUrl?: string
  readonly mounted: readonly RouteName[]
  /** Whether the api in use has refunds. Default: that is not known. */
  readonly hasRefunds?: boolean
  readonly limits: OwnLimits | false | undefined
  /** Whether the host counts requests in a store of its own, which can fail. */
  readonly hasLimitStore: boolean
  /** Whether DOKU's notifications must carry a token that this router issued. */
  readonly requireBearer: boolean
}

/** Everything that a shop can mount, for the document in the package. */
export const wholePackage: Scope = {
  mounted: routeNames,
  limits: undefined,
  hasLimitStore: true,
  requireBearer: true,
}

/** The version of the package. It stands here because a bundled host has no package.json; a test compares the two. */
export const version = '0.1.0'
