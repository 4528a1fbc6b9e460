/** A profile that changed: who shares a chat with a user is known here only for users of this node, so it is asked. */
import type { ServiceBroker } from "moleculer";
import * as chats from "../../../contracts/chats.ts";
import type { User } from "../../../contracts/users.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import type { Logger } from "./parts.ts";
import type { Pushes } from "./pushes.ts";

export async function tellProfile(
	{ broker, logger, pushes }: { broker: ServiceBroker; logger: Logger; pushes: Pushes },
	user: User,
): Promise<void> {
	const chatIds = await chatsOf(broker, user.id).catch(err => {
		logger.warn("A changed profile was told to its owner only.", err);
		return [];
	});
	pushes.profile(user, chatIds);
}

async function chatsOf(broker: ServiceBroker, userId: string): Promise<string[]> {
	const chatIds: string[] = [];
	let cursor: string | undefined;
	for (let page = 0; page < BOUNDS.pagesMax; page++) {
		const read = await call(broker, chats.rooms, { userIds: [userId], ...(cursor && { cursor }) });
		chatIds.push(...read.items.map(({ chatId }) => chatId));
		if (read.nextCursor === null) break;
		cursor = read.nextCursor;
	}
	return chatIds;
}
