import type { Endpoints } from '../doku/api.ts'
import type { DokuClient } from '../doku/client.ts'
import type { Clock, Sleep } from '../primitives/clock.ts'
import type { RandomBytes } from '../primitives/ids.ts'
import type { RecordKeys } from '../records/records.ts'
import type { Vault } from '../records/vault.ts'
import type { Storage } from '../storage/storage.ts'
import type { Logger } from '../telemetry.ts'

/** Everything outside the process that a flow can reach. */
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
  /** The source of random ids. Default: the machine's. */
  readonly randomBytes?: RandomBytes
  readonly logger: Logger
}
