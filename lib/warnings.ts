import { type Logger, silentLogger } from './telemetry.ts'

/** Mistakes of the host that make nothing fail at once: by stable code, the mistake and how to fix it. */
export const warningTable = {
  TRUST_PROXY_PERMISSIVE:
    "Express' trust proxy is true, so any caller can claim any address and avoid the rate limits; set it to the number of proxies in front of the app",
  STORAGE_PROCESS_SCOPE:
    'the storage keeps payments safe within one process only; in production give redisStorage(client) or postgresStorage(pool), and requireCluster: true',
  PUBLIC_URL_INSECURE: 'publicUrl is http in production; DOKU and browsers must reach the router over https',
  PUBLIC_URL_PATH:
    'the path of publicUrl is not the path at which the router is mounted; unless a proxy in front changes the path, make them the same, or DOKU’s notifications will not arrive',
  CLOCK_OFF:
    'this machine’s clock is more than 60 s away from DOKU’s, whose signatures carry the time; synchronise it (NTP)',
  BODY_CONSUMED:
    'the body was read before this router: mount it before express.json(), or use express.json({ verify: keepRawBody })',
  ROUTER_PER_REQUEST:
    'dokuOvo() was called many times for one merchant within seconds; call it once, when the app starts, and mount what it returns',
} as const satisfies Record<string, string>

export type WarningCode = keyof typeof warningTable

/** Tells the host of each mistake once. */
export class Warnings {
  readonly #logger: Logger
  readonly #raised = new Set<WarningCode>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Logs the warning once. A host without a logger gets a Node.js warning, because a warning must not be lost. */
  raise(code: WarningCode, details: object = {}): void {
    if (this.#raised.has(code)) return
    this.#raised.add(code)
    const message = warningTable[code]
    if (this.#logger !== silentLogger) this.#logger.warn({ ...details, code }, message)
    else process.emitWarning(message, { type: 'ExpressDokuOvoWarning', code })
  }
}
