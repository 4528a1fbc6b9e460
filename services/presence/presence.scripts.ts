/** What Redis does with presence by itself, with nobody in between. */
import type { Redis } from "ioredis";

/** Redis's own clock, in ms: that of nodes may differ. */
const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

const READ = `${NOW}
local found = {}
for i, key in ipairs(KEYS) do found[i] = redis.call('GET', key) or '' end
return { now, found }`;

/** Writes each record where nobody has written since, or answers what is there now; the last key is of what is due. */
const WRITE = `${NOW}
local due, kept, answers = KEYS[#KEYS], ARGV[1], {}
for i = 1, #KEYS - 1 do
	local before, after, id, dueAt = unpack(ARGV, i * 4 - 2, i * 4 + 1)
	local found = redis.call('GET', KEYS[i]) or ''
	answers[i] = found ~= before and found
	if found == before then
		redis.call('SET', KEYS[i], after, 'PX', kept)
		if dueAt == '' then redis.call('ZREM', due, id) else redis.call('ZADD', due, dueAt, id) end
	end
end
redis.call('PEXPIRE', due, kept)
return { now, answers }`;

/** Takes what is due. It comes up again a little later, should the node that took it die. A Redis that was emptied has another mark. */
const CLAIM = `${NOW}
redis.call('SET', KEYS[2], ARGV[3], 'NX')
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], id) end
return { redis.call('GET', KEYS[2]), due }`;

export interface Commands {
	presenceRead(count: number, ...keys: string[]): Promise<[now: number, texts: string[]]>;
	/** Null is a record that was written. */
	presenceWrite(
		count: number,
		...keysAndArgs: (string | number)[]
	): Promise<[now: number, found: (string | null)[]]>;
	presenceClaim(
		due: string,
		mark: string,
		max: number,
		claimMs: number,
		newMark: string,
		keptMs: number,
	): Promise<[mark: string, userIds: string[]]>;
}

export function withCommands(redis: Redis): Redis & Commands {
	redis.defineCommand("presenceRead", { lua: READ });
	redis.defineCommand("presenceWrite", { lua: WRITE });
	redis.defineCommand("presenceClaim", { lua: CLAIM, numberOfKeys: 2 });
	return redis as Redis & Commands;
}
