import { createHash } from 'node:crypto'

/**
 * One atomic step each. Every key that a script touches is among its KEYS, and all of them are in one slot, as Redis
 * Cluster requires. A script that failed has changed nothing: it checks first and writes afterwards.
 */
export interface RedisScript {
  readonly source: string
  readonly sha1: string
}

/** KEYS: record. Answers value, version, expiresAt; three nils if there is none. */
export const readScript = script(`
return redis.call('HMGET', KEYS[1], 'value', 'version', 'expiresAt')
`)

/**
 * Insert and update. KEYS: record, due index. ARGV: member, now, expected version ('' if there must be no record),
 * value, version, expiresAt ('' never), for how many ms Redis keeps it ('' forever), dueAt ('' never).
 *
 * Answers 1 if the record is written, also if this same call wrote it before: a client or proxy that sends a command again
 * after a lost connection must not turn "won" into "lost".
 */
export const writeScript = script(`
local found = redis.call('HMGET', KEYS[1], 'version', 'expiresAt')
local current = found[1] or ''
if found[1] and found[2] ~= '' and tonumber(found[2]) <= tonumber(ARGV[2]) then current = '' end
if current == ARGV[5] then return 1 end
if current ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[4], 'version', ARGV[5], 'expiresAt', ARGV[6])
if ARGV[7] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[7]) end
if ARGV[8] == '' then redis.call('ZREM', KEYS[2], ARGV[1]) else redis.call('ZADD', KEYS[2], ARGV[8], ARGV[1]) end
return 1
`)

/** KEYS: record, due index. ARGV: member. */
export const removeScript = script(`
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
`)

/** KEYS: due index. ARGV: now, limit. Answers member, dueAt, member, dueAt, and so on, earliest first. */
export const dueScript = script(`
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
`)

/**
 * Claims records that were seen due, unless another process changed their dueAt meanwhile. KEYS: due index, records. ARGV:
 * the clock's time, the end of the lease, then member and dueAt of each record. Answers member, value, version of each
 * claimed record. Drops the index entry of a record that is gone or has expired.
 */
export const claimScript = script(`
local claimed = {}
for i = 2, #KEYS do
  local member = ARGV[2 * i - 1]
  if tonumber(redis.call('ZSCORE', KEYS[1], member)) == tonumber(ARGV[2 * i]) then
    local found = redis.call('HMGET', KEYS[i], 'value', 'version', 'expiresAt')
    if found[2] and (found[3] == '' or tonumber(found[3]) > tonumber(ARGV[1])) then
      redis.call('ZADD', KEYS[1], ARGV[2], member)
      claimed[#claimed + 1] = member
      claimed[#claimed + 1] = found[1]
      claimed[#claimed + 1] = found[2]
    else
      redis.call('ZREM', KEYS[1], member)
    end
  end
end
return claimed
`)

function script(text: string): RedisScript {
  const source = text.trim()
  return { source, sha1: createHash('sha1').update(source).digest('hex') }
}
