import type { ActionContract, Params, Result } from "../../contracts/contract.ts";
import { codeOf } from "../../lib/errors.ts";
import { StartFailure } from "../node/failure.ts";
import type { Newcomer } from "./people.ts";

/** How the seed speaks to Parley. What it does is the same by either of the two: each call is what a user could do. */
export interface Doors {
	/** The id of a user, who signs up where there is none of that name; and whether that was now. */
	enter(newcomer: Newcomer): Promise<{ id: string; isNew: boolean }>;
	/** @throws an error of the catalogue */
	ask<C extends ActionContract>(userId: string, contract: C, params: Params<C>): Promise<Result<C>>;
	close(): Promise<void>;
}

/** A registration, or in words why there can be none. */
export async function signUp<T>(username: string, registration: Promise<T>): Promise<T> {
	try {
		return await registration;
	} catch (err) {
		if (codeOf(err) !== "CONFLICT") throw err;
		throw new StartFailure(
			`${username} cannot be signed up: somebody has that name or e-mail, or CHAT_ADMIN_USERS keeps it.`,
		);
	}
}

/** Calls that wait for an answer at the same time. */
export const AT_ONCE = 500;

/** Does something for each of many, some at the same time. */
export async function forEach<T>(
	items: Iterable<T>,
	work: (item: T) => Promise<unknown>,
	atOnce = AT_ONCE,
): Promise<void> {
	const iterator = items[Symbol.iterator]();
	const worker = async () => {
		for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
}
