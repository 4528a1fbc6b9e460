/** What every form of the storage must do: one suite, run in Node for memory and in a page for IndexedDB. */
import type { Key, Storage } from "../../client/storage.ts";

type Case = (storage: Storage, name: string) => Promise<unknown>;

/** Each answers with something that JSON can say; beside it, what that must be. */
export const STORAGE_CASES: Record<string, { run: Case; gives: unknown }> = {
	"what was put is found again, also after the database was closed": {
		async run(storage, name) {
			const first = await storage.open(name);
			await first.write(tx => tx.put("kv", "theme", { dark: true }));
			first.close();
			const second = await storage.open(name);
			return second.read(async tx => [
				await tx.get("kv", "theme"),
				(await tx.get("kv", "size")) ?? "nothing",
			]);
		},
		gives: [{ dark: true }, "nothing"],
	},
	"ranges are in order of the key, with both ends, as many as were asked for, from either end": {
		async run(storage, name) {
			const db = await storage.open(name);
			await db.write(async tx => {
				for (const seq of [10, 2, 33, 1, 9]) await tx.put("messages", ["b", seq], seq);
				await tx.put("messages", ["a", 5], "another chat's");
				await tx.put("messages", ["c", 5], "another chat's");
			});
			const ask = (from: Key, to: Key, limit: number, reverse?: boolean) =>
				db.read(tx => tx.range("messages", from, to, limit, reverse));
			return [
				await ask(["b", 0], ["b", 100], 10),
				await ask(["b", 2], ["b", 10], 10),
				await ask(["b", 0], ["b", 100], 2),
				await ask(["b", 0], ["b", 100], 2, true),
				await ask(["b", 20], ["b", 3], 10),
				await ask(["b", 0], ["b", 100], 0),
			];
		},
		gives: [[1, 2, 9, 10, 33], [2, 9, 10], [1, 2], [33, 10], [], []],
	},
	"a work that fails leaves nothing of itself": {
		async run(storage, name) {
			const db = await storage.open(name);
			await db.write(tx => tx.put("kv", "a", 1));
			const failed = await db
				.write(async tx => {
					await tx.put("kv", "a", 2);
					await tx.put("chats", "c", {});
					await tx.deleteRange("kv", "", "z");
					throw new Error("no");
				})
				.catch((err: Error) => err.message);
			return [
				failed,
				await db.read(async tx => [await tx.get("kv", "a"), (await tx.get("chats", "c")) ?? null]),
			];
		},
		gives: ["no", [1, null]],
	},
	"works that write run one after another, also through two handles": {
		async run(storage, name) {
			const [one, two] = await Promise.all([storage.open(name), storage.open(name)]);
			const add = (db: typeof one) =>
				db.write(async tx => tx.put("kv", "n", ((await tx.get<number>("kv", "n")) ?? 0) + 1));
			await Promise.all(Array.from({ length: 50 }, (_, n) => add(n % 2 ? one : two)));
			return one.read(tx => tx.get("kv", "n"));
		},
		gives: 50,
	},
	"what is deleted is gone, alone and by range": {
		async run(storage, name) {
			const db = await storage.open(name);
			await db.write(async tx => {
				for (let n = 1; n <= 9; n++) await tx.put("outbox", n, n);
				await tx.delete("outbox", 1);
				await tx.delete("outbox", 100);
				await tx.deleteRange("outbox", 3, 5);
				await tx.deleteRange("outbox", 9, 8);
				await tx.put("outbox", 7, "seven");
			});
			return db.read(tx => tx.range("outbox", 0, 100, 100));
		},
		gives: [2, 6, "seven", 8, 9],
	},
	"an erased database is empty, and its other handles are over": {
		async run(storage, name) {
			const [one, two] = await Promise.all([storage.open(name), storage.open(name)]);
			await one.write(tx => tx.put("kv", "a", 1));
			await two.erase();
			const late = await Promise.all(
				[one, two].map(db =>
					db
						.write(tx => tx.put("kv", "b", 1))
						.then(
							() => "written",
							() => "refused",
						),
				),
			);
			const again = await storage.open(name);
			return [late, await again.read(tx => tx.range("kv", "", "z", 10))];
		},
		gives: [["refused", "refused"], []],
	},
	"names are worlds of their own": {
		async run(storage, name) {
			const [one, two] = await Promise.all([storage.open(`${name} 1`), storage.open(`${name} 2`)]);
			await one.write(tx => tx.put("kv", "a", 1));
			return (await two.read(tx => tx.get("kv", "a"))) ?? "nothing";
		},
		gives: "nothing",
	},
};
