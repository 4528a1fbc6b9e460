/** Jest's globalSetup for test/behaviour: the form that `PARLEY_FORM` names, once for all files. */
import { type FormName, type RunningForm, startForm } from "./nodes.ts";

declare global {
	var parleyForm: RunningForm | undefined;
}

export default async function setUp(): Promise<void> {
	globalThis.parleyForm = await startForm(process.env.PARLEY_FORM as FormName);
	process.env.PARLEY_URLS = globalThis.parleyForm.urls.join(",");
	process.env.PARLEY_NAMESPACE = globalThis.parleyForm.env.CHAT_NAMESPACE ?? "chat";
}
