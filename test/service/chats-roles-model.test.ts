import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as chats from "../../contracts/chats.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;

beforeAll(async () => {
	t = await testBroker(chatsService);
});

afterAll(() => t.stop());

const RANK = { member: 0, moderator: 1, admin: 2, owner: 3 } as const;
type Role = keyof typeof RANK;

/** What one user does to another in a channel; both by their number. */
type Step =
	| { does: "role" | "add"; actor: number; target: number; role: Role }
	| { does: "remove" | "join" | "leave"; actor: number; target: number };

/** The contract's words on roles, read once more and independently of the code. */
class Model {
	readonly roles = new Map<number, Role>([[0, "owner"]]);
	readonly removed = new Set<number>();
	rev = 1;

	step(step: Step): string {
		const { actor, target } = step;
		const role = this.roles.get(actor);
		if (step.does === "join") return this.#join(actor);
		if (!role) return "FORBIDDEN";
		if (step.does === "leave" || (step.does === "remove" && actor === target)) return this.#leave(actor);
		if (RANK[role] < RANK.admin) return "FORBIDDEN";
		const below = (other: Role) => role === "owner" || RANK[other] < RANK[role];
		const theirs = this.roles.get(target);
		if (step.does === "add") {
			if (!below(step.role)) return "FORBIDDEN";
			if (!theirs) this.#set(target, step.role);
			return "ok";
		}
		if (!theirs) return "NOT_FOUND";
		if (!below(theirs)) return "FORBIDDEN";
		if (step.does === "remove") {
			this.#set(target, null);
			this.removed.add(target);
			return "ok";
		}
		if (!("role" in step) || !below(step.role)) return "FORBIDDEN";
		if (theirs === step.role) return "ok";
		if (this.#isLastOwner(target)) return "CONFLICT";
		this.#set(target, step.role);
		return "ok";
	}

	#join(actor: number): string {
		if (this.roles.has(actor)) return "ok";
		if (this.removed.has(actor)) return "FORBIDDEN";
		this.#set(actor, "member");
		return "ok";
	}

	#leave(actor: number): string {
		if (this.#isLastOwner(actor)) return "CONFLICT";
		this.#set(actor, null);
		return "ok";
	}

	#isLastOwner(user: number): boolean {
		const owners = [...this.roles].filter(([, role]) => role === "owner");
		return owners.length === 1 && owners[0]?.[0] === user;
	}

	/** Every change is one revision. */
	#set(user: number, role: Role | null): void {
		this.rev++;
		this.removed.delete(user);
		if (role) this.roles.set(user, role);
		else this.roles.delete(user);
	}
}

const USERS = 4;
const user = fc.nat(USERS - 1);
const role = fc.constantFrom<Role>("member", "moderator", "admin", "owner");
const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ does: fc.constantFrom("role" as const, "add" as const), actor: user, target: user, role }),
	fc.record({
		does: fc.constantFrom("remove" as const, "join" as const, "leave" as const),
		actor: user,
		target: user,
	}),
);

async function act(ids: string[], chatId: string, step: Step): Promise<string> {
	const me = t.as(ids[step.actor] as string);
	const userId = ids[step.target] as string;
	switch (step.does) {
		case "role":
			return codeOf(me(chats.updateMember, { chatId, userId, role: step.role }));
		case "add":
			return codeOf(me(chats.addMembers, { chatId, userIds: [userId], role: step.role }));
		case "remove":
			return codeOf(me(chats.removeMember, { chatId, userId }));
		case "join":
			return codeOf(me(chats.join, { chatId }));
		case "leave":
			return codeOf(me(chats.leave, { chatId }));
	}
}

test("T23: whatever roles are given and taken by whom, the chat is as the rules say, and has an owner", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: "max" }), async steps => {
			const ids = await Promise.all(Array.from({ length: USERS }, () => t.user()));
			const owner = t.as(ids[0] as string);
			const { id: chatId } = await owner(chats.create, { type: "channel", participantIds: [], name: "c" });
			const model = new Model();
			for (const [i, step] of steps.entries())
				expect([i, step, await act(ids, chatId, step)]).toEqual([i, step, model.step(step)]);
			const rows = await t.db.query<{ user_id: string; role: Role }>(
				`SELECT user_id, role FROM ${t.db.t.members} WHERE chat_id = $1 AND left_at IS NULL`,
				[chatId],
			);
			expect(new Map(rows.map(row => [ids.indexOf(row.user_id), row.role]))).toEqual(model.roles);
			expect([...model.roles.values()]).toContain("owner");
			const chat = await owner(chats.get, { chatId });
			expect([chat.rev, chat.memberCount]).toEqual([model.rev, model.roles.size]);
		}),
		{ numRuns: 12, endOnFailure: true },
	);
}, 60_000);
