/** Jest's globalSetup for test/behaviour and test/web: the form that `PARLEY_FORM` names, once for all files. */
import { randomBytes } from "node:crypto";
import { buildWeb } from "../../scripts/node/web.ts";
import { type FormName, type RunningForm, startForm } from "./nodes.ts";

declare global {
	var parleyForm: RunningForm | undefined;
}

export default async function setUp(): Promise<void> {
	const foreign = {
		issuer: "https://host.example",
		audience: "parley",
		algorithms: ["HS256"],
		secret: randomBytes(32).toString("hex"),
	};
	if (process.env.PARLEY_BUILD_WEB) await buildWeb(console.error);
	globalThis.parleyForm = await startForm(process.env.PARLEY_FORM as FormName, {
		CHAT_JWT_ISSUERS: JSON.stringify([foreign]),
	});
	// Workers of this run inherit the environment: so tests know where the form is, and can make tokens of their own.
	process.env.PARLEY_JWT_SECRET = globalThis.parleyForm.env.CHAT_JWT_SECRET;
	process.env.PARLEY_FOREIGN_ISSUER = JSON.stringify(foreign);
	process.env.PARLEY_URLS = globalThis.parleyForm.urls.join(",");
	process.env.PARLEY_NAMESPACE = globalThis.parleyForm.env.CHAT_NAMESPACE ?? "chat";
}
