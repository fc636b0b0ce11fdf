import type { Endpoints } from '../doku/api.ts'
import type { DokuClient } from '../doku/client.ts'
import type { Clock, Sleep } from '../primitives/clock.ts'
import type { RandomBytes } from '../primitives/ids.ts'
import type { RecordKeys } from '../records/records.ts'
import type { Vault } from '../records/vault.ts'
import type { Storage } from '../storage/storage.ts'
import type { Logger } from '../telemetry.ts'

/** What every flow is given: the doors to the outside. */
export interface Ports {
  readonly clientId: string
  /** Scheme, host and port of DOKU, or of the simulator in use. */
  readonly baseUrl: string
  readonly endpoints: Endpoints
  readonly doku: DokuClient
  readonly storage: Storage
  readonly keys: RecordKeys
  readonly vault: Vault
  readonly clock: Clock
  /** Milliseconds that only grow, from some start of this process. */
  readonly monotonic: Clock
  /** Names this process among those that share the storage. */
  readonly processId: string
  readonly sleep: Sleep
  /** What ids are made from. Default: the machine's. */
  readonly randomBytes?: RandomBytes
  readonly logger: Logger
}
