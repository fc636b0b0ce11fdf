/** The shop's own data: a few texts by name. A real shop has tables for that. */
export interface Shelf {
  get(name: string): Promise<string | undefined>
  put(name: string, text: string): Promise<void>
}

/** Keeps the texts in memory only. */
export function memoryShelf(): Shelf {
  const texts = new Map<string, string>()
  return {
    get: async (name) => texts.get(name),
    put: async (name, text) => void texts.set(name, text),
  }
}

/** The part of a `pg.Pool` that the shelf uses. */
interface Pool {
  connect(): Promise<{
    query(query: { text: string; values: string[] }): Promise<{ rows: readonly Readonly<Record<string, unknown>>[] }>
    release(): void
  }>
}

/** Keeps the texts in one small table. */
export async function postgresShelf(pool: Pool): Promise<Shelf> {
  const ask = async (text: string, ...values: string[]) => {
    const connection = await pool.connect()
    try {
      return (await connection.query({ text, values })).rows
    } finally {
      connection.release()
    }
  }
  await ask('CREATE TABLE IF NOT EXISTS demo_shelf (name text PRIMARY KEY, text text NOT NULL)')
  return {
    async get(name) {
      const [row] = await ask('SELECT text FROM demo_shelf WHERE name = $1', name)
      return row && String(row.text)
    },
    async put(name, text) {
      await ask(
        'INSERT INTO demo_shelf VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text',
        name,
        text,
      )
    },
  }
}

/** The part of a node-redis client that the shelf uses. */
interface RedisTexts {
  get(key: string): Promise<unknown>
  set(key: string, text: string): Promise<unknown>
}

export function redisShelf(client: RedisTexts): Shelf {
  const keyOf = (name: string) => `demo-shelf:${name}`
  return {
    async get(name) {
      const text = await client.get(keyOf(name))
      return typeof text === 'string' ? text : undefined
    },
    put: async (name, text) => void (await client.set(keyOf(name), text)),
  }
}
