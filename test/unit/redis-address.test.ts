import { expect, test } from "@jest/globals";
import { redisAddress, redisName } from "../../lib/redis-address.ts";

test.each([
	["redis://cache", { kind: "single", nodes: [{ host: "cache", port: 6379 }], tls: false, db: 0 }],
	["rediss://cache:6380/2", { nodes: [{ host: "cache", port: 6380 }], tls: true, db: 2 }],
	["redis://:p%40ss@[::1]:1/", { nodes: [{ host: "::1", port: 1 }], username: undefined, password: "p@ss" }],
	["redis://ann:a:b@cache", { username: "ann", password: "a:b" }],
	[
		"rediss+cluster://ann:pw@a,b:7000",
		{
			kind: "cluster",
			tls: true,
			nodes: [
				{ host: "a", port: 6379 },
				{ host: "b", port: 7000 },
			],
			password: "pw",
		},
	],
	[
		"redis+sentinel://:pw@a,b:7000/main/3?sentinelUsername=s&sentinelPassword=a%2Fb",
		{
			kind: "sentinel",
			nodes: [
				{ host: "a", port: 26379 },
				{ host: "b", port: 7000 },
			],
			master: "main",
			db: 3,
			password: "pw",
			sentinelUsername: "s",
			sentinelPassword: "a/b",
		},
	],
])("%s is understood", (url, parts) => {
	expect(redisAddress(url)).toMatchObject(parts);
});

test.each([
	["http://cache", "begins with redis://"],
	["redis+ring://cache", "begins with redis://"],
	["redis://", "begins with redis://"],
	["redis://a,b", "more than one host"],
	["redis+cluster://a,,b", "host or host:port"],
	["redis+cluster://a:99999", "host or host:port"],
	["redis+cluster://a/1", "only the first"],
	["redis+sentinel://a", "name the master"],
	["redis+sentinel://a/main/x", "number of a database"],
	["redis://a?sentinelPassword=x", "not known"],
	["redis+sentinel://a/main?sentinelpassword=x", "not known"],
])("%s is refused", (url, why) => {
	expect(() => redisAddress(url)).toThrow(why);
});

test("its name is without what is secret", () => {
	const names = [
		"redis://ann:hunter2@[::1]:1/3",
		"redis+cluster://:hunter2@a,b:1",
		"redis+sentinel://:hunter2@a,b/main?sentinelPassword=hunter2",
	].map(url => redisName(redisAddress(url)));
	expect(names).toEqual(["[::1]:1", "a:6379, b:1 (cluster)", "a:26379, b:26379 (sentinels of main)"]);
});
