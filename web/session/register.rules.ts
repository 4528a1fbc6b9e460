import { LIMITS } from "../../contracts/limits.ts";
import type { PlainText } from "../i18n/en.ts";

export interface Registration {
	username: string;
	email: string;
	password: string;
	displayName: string;
}

/** What can be said before the server is asked: field → what the person is told. */
export function problemsOf(wish: Registration): Partial<Record<keyof Registration, PlainText>> {
	const { username, email, password, displayName } = wish;
	const problems: Partial<Record<keyof Registration, PlainText>> = {};
	if (displayName.trim() === "") problems.displayName = "fieldRequired";
	if (
		username.length < LIMITS.usernameMin ||
		username.length > LIMITS.usernameMax ||
		!/^[a-z0-9_.-]+$/i.test(username)
	)
		problems.username = "usernameHint";
	if (!/^[^\s@]+@[^\s@]+$/.test(email)) problems.email = "emailHint";
	if (password.length < LIMITS.passwordMin) problems.password = "passwordHint";
	return problems;
}
